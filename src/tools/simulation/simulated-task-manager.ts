import { type Random, toSqlError } from '../../base/index.ts';
import { TaskManagerProcess } from '../../cluster/index.ts';
import { ProcessKilled, type ProcessLife } from './process-life.ts';
import { type ProcessIngredients, type SimulatedProcess, startProcess } from './simulated-process.ts';
import { describe } from './simulated-server.ts';
import { serverAddress, type Topology, taskManagerHost } from './topology.ts';
import { Violation, type World } from './world.ts';

const RESTART_MS_MAX = 12_000;

export interface TaskManagerParts {
  readonly ingredients: ProcessIngredients;
  readonly topology: Topology;
  readonly index: number;
  readonly stepped: (life: ProcessLife) => void;
}

/** A TaskManager over the lives of its processes. */
export class SimulatedTaskManager {
  readonly #world: World;
  readonly #parts: TaskManagerParts;
  readonly #random: Random;
  #process: SimulatedProcess | null = null;
  starts = 0;

  constructor(world: World, parts: TaskManagerParts) {
    this.#world = world;
    this.#parts = parts;
    this.#random = world.newRandom();
  }

  /** Null while none runs. */
  get process(): SimulatedProcess | null {
    return this.#process === null || this.#process.life.killed ? null : this.#process;
  }

  /** Starts processes, one after another, for ever. */
  async supervise(): Promise<never> {
    const { ingredients, index, stepped } = this.#parts;
    for (;;) {
      const process = startProcess(this.#world, ingredients, { host: taskManagerHost(index), stepped });
      this.#process = process;
      this.starts++;
      try {
        await process.life.answer(this.#run(process));
        this.#world.violated(new Violation(`${process.host} has ended by itself`));
      } catch (error) {
        if (!(error instanceof ProcessKilled)) this.#world.violated(new Violation(`${process.host} has given up: ${describe(toSqlError(error))}`));
      }
      process.life.kill();
      await this.#world.sleep(1 + this.#random.nextInt(RESTART_MS_MAX));
    }
  }

  #run(process: SimulatedProcess): Promise<void> {
    const { host, network, clock, random, logger, identity, launcher, nextTurn, bells } = process;
    const { topology, index } = this.#parts;
    return new TaskManagerProcess({
      network,
      clock,
      random,
      logger,
      identity,
      jobManagers: Array.from({ length: topology.servers }, (_, server) => serverAddress(server)),
      listen: { host, port: 0 },
      slots: topology.taskManagers[index]!,
      launcher,
      nextTurn,
      rung: bells.rung.bind(bells),
      joined: (id, jobManager) => this.#world.event(`${host} is ${id} of ${jobManager.host}`),
    }).run();
  }
}
