import { type Random, type SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { TaskManagerRegistry } from '../../cluster/index.ts';
import type { Engine } from '../../session/index.ts';
import { openStateStore, type StateStore } from '../../state/index.ts';
import { smallLimits } from '../../state/testing/index.ts';
import { ProcessDisk } from './process-disk.ts';
import { ProcessKilled, ProcessLife } from './process-life.ts';
import { openSimulatedEngine } from './simulated-engine.ts';
import { type ProcessIngredients, type SimulatedProcess, startProcess } from './simulated-process.ts';
import { serverAddress, serverHost, type Topology } from './topology.ts';
import { Violation, type World } from './world.ts';

const EPOCH_MS = 1_000;
const CHECKPOINT_MS = 7_000;
/** Where histories are read for long, more of them have a checkpoint. */
const SLOW_CHECKPOINT_MS = 3_000;
const LEASE_MS = 3_000;
/** A supervisor starts a process again after at most so long. */
const RESTART_MS_MAX = 2_000;

/** A process that leads: front end, JobManager and slots, as the composition root puts them together. */
export interface ServerProcess {
  readonly life: ProcessLife;
  readonly engine: Engine;
  /** Connections of clients: over when the process is, or when another one leads. */
  readonly clients: ProcessLife;
  /** Counts the processes that have led. */
  readonly lead: number;
}

export interface ServerOptions {
  readonly ingredients: ProcessIngredients;
  readonly topology: Topology;
  /** A process has made a scheduling step. */
  readonly stepped: (life: ProcessLife) => void;
}

/** The server over the lives of its processes: whenever one ends, another one is started on the same disk. With two of them one waits for the other's end. */
export class SimulatedServer {
  readonly #world: World;
  readonly #options: ServerOptions;
  readonly #random: Random;
  /** Faults of the disk that the world makes: an error of a process is then no violation. */
  diskIsFaulty = false;
  starts = 0;
  /** Processes that have led so far. */
  leads = 0;
  readonly #processes = new Map<string, SimulatedProcess>();
  #leader: ServerProcess | null = null;
  #waiting: ((leader: ServerProcess) => void)[] = [];

  constructor(world: World, options: ServerOptions) {
    this.#world = world;
    this.#options = options;
    this.#random = world.newRandom();
  }

  /** Processes that run, those that wait for their turn included. */
  get processes(): readonly SimulatedProcess[] {
    return [...this.#processes.values()];
  }

  /** The process that leads, or the next one. */
  process(): Promise<ServerProcess> {
    if (this.#leader !== null) return Promise.resolve(this.#leader);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Starts processes, one after another, for ever. */
  async supervise(): Promise<never> {
    const places = Array.from({ length: this.#options.topology.servers }, (_, index) => this.#superviseOne(index));
    return Promise.race(places);
  }

  async #superviseOne(index: number): Promise<never> {
    const host = serverHost(index);
    const { ingredients, stepped } = this.#options;
    for (;;) {
      const process = startProcess(this.#world, ingredients, { host, stepped });
      this.#processes.set(host, process);
      const { life } = process;
      try {
        const engine = await life.answer(this.#open(process, index));
        this.#lead(process, engine);
        await life.answer(new Promise<never>(() => undefined));
      } catch (error) {
        if (!(error instanceof ProcessKilled)) this.#openFailed(process, error);
      }
      life.kill();
      await this.#world.sleep(1 + this.#random.nextInt(RESTART_MS_MAX));
    }
  }

  /** `kill -9`. */
  kill({ host, life }: SimulatedProcess, why: string): void {
    if (life.killed) return;
    this.#world.event(`${host} is killed: ${why}`);
    life.kill();
  }

  /** The machine with the disk stops, and what was not synced is lost or torn. */
  powerFails(why: string): void {
    this.#world.event(`the machine stops: ${why}`);
    for (const { life } of this.#processes.values()) life.kill();
    this.#world.disk.restart();
  }

  /** How far everything is, for the report of a failure. */
  describe(): string {
    if (this.#leader === null) return 'no server is open';
    const { cluster } = this.#leader.engine;
    const jobs = cluster.jobs().map((job) => `  job ${job.name}: ${job.state}${job.error === null ? '' : ` ${job.error.message}`}`);
    const partitions = cluster
      .sourcePartitions()
      .map((one) => `  ${one.relation}/${one.partition}: ${one.offset} of ${one.endOffset}${one.problem === null ? '' : ` ${one.problem.message}`}`);
    return [...jobs, ...partitions].join('\n');
  }

  #lead({ host, life }: SimulatedProcess, engine: Engine): void {
    this.#leader?.clients.kill();
    const clients = new ProcessLife();
    const leader = { life, engine, clients, lead: ++this.leads };
    this.#leader = leader;
    life.onKill(() => {
      clients.kill();
      if (this.#leader === leader) this.#leader = null;
    });
    this.#world.event(`${host} leads, lead ${this.leads}, start ${this.starts}`);
    for (const resolve of this.#waiting.splice(0)) resolve(leader);
  }

  async #open(process: SimulatedProcess, index: number): Promise<Engine> {
    this.starts++;
    const { servers, localSlots, taskManagers, parallelism, reactive, spillBytesMax } = this.#options.topology;
    const stateStore = await this.#openState(process);
    const apart = servers > 1 || taskManagers.length > 0;
    return openSimulatedEngine(this.#world, process, {
      stateStore,
      parallelism,
      offline: false,
      cluster: {
        localSlots,
        taskManagers: apart ? registryOf(process, index) : null,
        reactive,
        epochIntervalMs: EPOCH_MS,
        checkpointIntervalMs: this.#world.kafkaIsSlow ? SLOW_CHECKPOINT_MS : CHECKPOINT_MS,
        spillBytesMax,
        onFatal: (error) => this.#fatal(process, error),
      },
    });
  }

  #openState(process: SimulatedProcess): Promise<StateStore> {
    const world = this.#world;
    const { host, life, clock, logger } = process;
    const stopped = (): void => this.powerFails('in a call of the disk');
    const disk = new ProcessDisk({ disk: world.disk, owner: world.owner, life, clock: world.clock, random: world.newRandom(), stopped });
    const waits = { leaseMs: LEASE_MS, signal: new AbortController().signal, waiting: () => world.event(`${host} waits`) };
    return openStateStore({
      storage: disk.storage(),
      keyValueStore: disk.keyValueStore(),
      lock: world.owner.lockOf(life),
      clock,
      logger,
      limits: smallLimits,
      standby: this.#options.topology.servers > 1 ? waits : undefined,
      lost: (error) => this.kill(process, error.message),
    });
  }

  /** The JobManager cannot go on. Who runs a server ends and restarts it then. */
  #fatal(process: SimulatedProcess, error: SqlError): void {
    if (process.life.killed) return;
    if (!this.diskIsFaulty) this.#world.violated(new Violation(`the JobManager has failed: ${describe(error)}`));
    this.kill(process, `it has failed: ${error.message}`);
  }

  /** A standby that is not quick enough goes on waiting. */
  #openFailed({ host }: SimulatedProcess, error: unknown): void {
    const problem = toSqlError(error);
    this.#world.event(`${host} does not start: ${problem.message}`);
    const outrun = this.#options.topology.servers > 1 && problem.code === SqlState.objectInUse;
    if (!this.diskIsFaulty && !outrun) this.#world.violated(new Violation(`${host} does not start: ${describe(problem)}`));
  }
}

function registryOf({ network, clock, logger, identity, bells, nextTurn }: SimulatedProcess, index: number): TaskManagerRegistry {
  const rung = bells.rung.bind(bells);
  return new TaskManagerRegistry({ network, clock, logger, identity, listen: serverAddress(index), nextTurn, rung });
}

export function describe(error: SqlError): string {
  return `${error.code} ${error.message}${error.detail === undefined ? '' : ` (${error.detail})`}\n${error.stack}\n${error.cause instanceof Error ? error.cause.stack : ''}`;
}
