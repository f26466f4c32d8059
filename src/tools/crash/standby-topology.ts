import type pg from 'pg';
import type { Random } from '../../base/index.ts';
import { eventually, freePort, ServerProcess, TaskManagerChild } from '../processes/index.ts';
import type { BrokerVictim } from './broker-victim.ts';
import type { Topology, Victim, VictimName } from './topology.ts';

const TASK_MANAGERS = 2;
const SLOTS = 4;
/** For a broker, too, to start. */
const TIMEOUT_MS = 180_000;
/** Short, so that a process that is stopped is soon given up, and long enough for a machine with other work. */
const HEARTBEAT_TIMEOUT_MS = 5_000;
const LEASE_TIMEOUT_MS = 5_000;
const LONG_MS = 7_000;
/** Times so short that a lost TaskManager costs two rescalings before the next point. */
const REACTIVE = ['--reactive', '--stabilization-ms', '500', '--rescale-cooldown-ms', '1000'];

/** Two JobManagers, one of which waits, two TaskManagers and a front end. Each JobManager takes up waiting again when it comes back. */
export class StandbyTopology implements Topology {
  readonly longMs = LONG_MS;
  readonly #broker: BrokerVictim;
  readonly #jobManagers: readonly ServerProcess[];
  readonly #frontEnd: ServerProcess;
  readonly #ports: readonly number[];
  readonly #taskManagers: TaskManagerChild[];

  private constructor(broker: BrokerVictim, ports: readonly number[], jobManagers: readonly ServerProcess[]) {
    this.#broker = broker;
    this.#ports = ports;
    this.#jobManagers = jobManagers;
    this.#frontEnd = ServerProcess.launch({ frontEndOf: ports });
    this.#taskManagers = Array.from({ length: TASK_MANAGERS }, () => new TaskManagerChild(ports));
  }

  static async start(broker: BrokerVictim, { reactive }: { readonly reactive: boolean }): Promise<StandbyTopology> {
    const ports = [await freePort(), await freePort()];
    const [first, second] = ports.map((port) => [
      ...['--parallelism', String(SLOTS), '--listen-tasks', `127.0.0.1:${port}`, '--standby'],
      ...['--heartbeat-timeout-ms', String(HEARTBEAT_TIMEOUT_MS), '--lease-timeout-ms', String(LEASE_TIMEOUT_MS)],
      ...(reactive ? REACTIVE : []),
    ]);
    const leader = await ServerProcess.start({ slots: 0, args: first! });
    const standby = ServerProcess.launch({ slots: 0, args: second!, dataDir: leader.dataDir });
    const topology = new StandbyTopology(broker, ports, [leader, standby]);
    await topology.makeWhole();
    return topology;
  }

  get dataDir(): string {
    return this.#jobManagers[0]!.dataDir;
  }

  connect(): Promise<pg.Client> {
    return this.#frontEnd.connect();
  }

  victims(name: VictimName, random: Random): readonly Victim[] {
    const some = this.#taskManagers[random.nextInt(TASK_MANAGERS)]!;
    switch (name) {
      case 'broker':
        return [this.#broker];
      case 'front end':
        return [victimOf(this.#frontEnd)];
      case 'standby':
        return this.#jobManagers.filter((one) => one !== this.#leader).map(victimOf);
      case 'TaskManager':
        return [victimOf(some)];
      case 'all TaskManagers':
        return this.#taskManagers.map(victimOf);
      case 'JobManager and TaskManager':
        return [victimOf(this.#leader), victimOf(some)];
      default:
        return [victimOf(this.#leader)];
    }
  }

  async relaunch(): Promise<void> {
    await this.#broker.restart();
    for (const server of [...this.#jobManagers, this.#frontEnd]) if (!server.running) server.relaunch();
    this.#taskManagers.forEach((taskManager, index) => {
      if (!taskManager.running) this.#taskManagers[index] = new TaskManagerChild(this.#ports);
    });
  }

  async makeWhole(): Promise<void> {
    await eventually(
      `everything is in its place`,
      async () => {
        // A JobManager that has been replaced ends when it wakes.
        await this.relaunch();
        const states = this.#jobManagers.map(stateOf);
        return states.sort().join() === 'leads,waits' ? this.#slots() : 0;
      },
      (slots) => slots === SLOTS,
      TIMEOUT_MS,
    );
  }

  logs(): string {
    const servers = [...this.#jobManagers, this.#frontEnd].map(({ history }) => history);
    return [...servers, ...this.#taskManagers.map(({ log }) => log)].join('=====\n');
  }

  async dispose(): Promise<void> {
    for (const one of [this.#frontEnd, ...this.#taskManagers, ...this.#jobManagers]) {
      one.signal('SIGCONT');
      await one.dispose();
    }
  }

  /** Who leads, or is about to. */
  get #leader(): ServerProcess {
    return this.#jobManagers.find((one) => stateOf(one) === 'leads') ?? this.#jobManagers.find((one) => one.running) ?? this.#jobManagers[0]!;
  }

  async #slots(): Promise<number> {
    await this.#frontEnd.ready();
    const count = 'SELECT count(*) FROM fsql_catalog.slots';
    return Number(await this.#frontEnd.value(count));
  }
}

function stateOf(jobManager: ServerProcess): 'gone' | 'leads' | 'waits' | 'starts' {
  if (!jobManager.running) return 'gone';
  if (jobManager.output.includes('fsql ready')) return 'leads';
  return jobManager.output.includes('fsql standby ready') ? 'waits' : 'starts';
}

function victimOf(one: ServerProcess | TaskManagerChild): Victim {
  return { signal: (signal) => one.signal(signal), ended: () => one.end() };
}
