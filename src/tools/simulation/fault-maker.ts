import type { Random } from '../../base/index.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { SimulatedTaskManager } from './simulated-task-manager.ts';
import type { StepTrap } from './step-trap.ts';
import type { World } from './world.ts';

/** Mean virtual seconds between two faults, by what the seed gives. */
const CALM_SECONDS = [4, 15, 40];
const STEPS_MAX = 3_000;
const CALLS_MAX = 200;
/** How far the wall clock of a process jumps at most. */
const JUMP_SECONDS_MAX = 100_000;
/** Trouble of other systems passes after so long at most. */
const TROUBLE_MS_MAX = 40_000;
/** Longer than a lease, and than heartbeats are waited for. */
const STOP_MS_MAX = 20_000;
const DELAY_MS_MAX = 400;
const BREAK_SHARE_MAX = 4;

export interface FaultMakerParts {
  readonly world: World;
  readonly server: SimulatedServer;
  readonly taskManagers: readonly SimulatedTaskManager[];
  readonly trap: StepTrap;
}

/** Brings about what goes wrong outside the program, until a time. */
export class FaultMaker {
  readonly #parts: FaultMakerParts;
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #random: Random;
  readonly #calmSeconds: number;

  constructor(parts: FaultMakerParts) {
    this.#parts = parts;
    this.#world = parts.world;
    this.#server = parts.server;
    this.#random = parts.world.newRandom();
    this.#calmSeconds = CALM_SECONDS[this.#random.nextInt(CALM_SECONDS.length)]!;
  }

  async run(untilSeconds: number): Promise<void> {
    while (this.#world.seconds < untilSeconds) {
      await this.#world.sleep(this.#random.nextInt(2_000 * this.#calmSeconds));
      if (this.#world.seconds < untilSeconds) this.#strike();
    }
    for (const node of [1, 2] as const) this.#world.kafka.setDown(node, false);
    this.#world.linkFaults = this.#world.calmLinks;
    this.#world.network.heal();
    for (const { life } of this.#processes()) life.wake();
    this.#repairDisk();
    this.#parts.trap.clear();
    this.#world.event('no more faults');
  }

  #strike(): void {
    const hosts = this.#hosts();
    if (hosts.length > 1 && this.#random.nextInt(2) === 0) this.#strikeNetwork(hosts);
    else this.#strikeProcess();
  }

  #strikeProcess(): void {
    const random = this.#random;
    const { kafka, disk } = this.#world;
    switch (random.nextInt(11)) {
      case 0:
      case 1:
        this.#kill(this.#victim(), 'at a time of chance');
        break;
      case 2:
      case 3:
        this.#parts.trap.set(1 + random.nextInt(STEPS_MAX), (life) =>
          this.#kill(this.#processes().find((one) => one.life === life) ?? null, 'in the middle of a round'),
        );
        break;
      case 4:
        this.#world.fault('machine stops in a call of the disk');
        disk.failAt(1 + random.nextInt(CALLS_MAX), 'stop');
        break;
      case 5:
        this.#diskFails();
        break;
      case 6:
        this.#world.fault('wall clock jumps');
        this.#victim()?.clock.jump(BigInt(random.nextInt(2 * JUMP_SECONDS_MAX) - JUMP_SECONDS_MAX) * 1_000_000n);
        break;
      case 7:
        this.#world.fault('other leaders of Kafka');
        this.#world.event('other leaders');
        kafka.shuffleLeaders(random);
        break;
      case 8:
        this.#brokersDown(random.nextInt(3) === 0 ? [1, 2] : [random.nextInt(2) === 0 ? 1 : 2]);
        break;
      case 9:
        this.#badLinks();
        break;
      default:
        this.#stop(this.#victim());
    }
  }

  #strikeNetwork(hosts: readonly string[]): void {
    const random = this.#random;
    const { network } = this.#world;
    const [one, other] = [random.nextInt(hosts.length), 1 + random.nextInt(hosts.length - 1)];
    const [from, to] = [hosts[one]!, hosts[(one + other) % hosts.length]!];
    switch (random.nextInt(6)) {
      case 0:
        this.#part('hosts do not see each other', [from, to], [to, from]);
        break;
      case 1:
        this.#part('one host does not reach another', [from, to]);
        break;
      case 2: {
        const others = hosts.filter((host) => host !== from);
        this.#part('a host is alone', ...others.flatMap((host) => [[from, host] as const, [host, from] as const]));
        // Nobody is told when a machine stops.
        if (random.nextInt(2) === 0) this.#kill(this.#processes().find(({ host }) => host === from) ?? null, 'and nobody hears of it');
        break;
      }
      case 3:
        this.#world.fault('connections break');
        this.#world.event('connections break');
        network.breakSome(1 + random.nextInt(BREAK_SHARE_MAX));
        break;
      case 4:
        this.#world.fault('network is slow');
        this.#world.event('the network is slow');
        network.delayMsMax = 1 + random.nextInt(DELAY_MS_MAX);
        this.#world.clock.after(random.nextInt(TROUBLE_MS_MAX), () => network.calm());
        break;
      default:
        this.#stop(this.#victim());
    }
  }

  #processes(): SimulatedProcess[] {
    const { server, taskManagers } = this.#parts;
    return [...server.processes, ...taskManagers.flatMap(({ process }) => process ?? [])].filter(({ life }) => !life.killed);
  }

  #hosts(): string[] {
    return [...new Set(this.#processes().map(({ host }) => host))];
  }

  #victim(): SimulatedProcess | null {
    const processes = this.#processes();
    return processes.length === 0 ? null : processes[this.#random.nextInt(processes.length)]!;
  }

  /** Now and then the machine of the disk stops with it, and every process on it. */
  #kill(process: SimulatedProcess | null, why: string): void {
    const power = this.#random.nextInt(2) === 0;
    if (process === null) return;
    const serves = this.#server.processes.includes(process);
    this.#world.fault(serves ? (power ? 'machine of the server stops' : 'server killed') : 'TaskManager killed');
    if (serves && power) this.#server.powerFails(why);
    else this.#server.kill(process, why);
  }

  /** SIGSTOP, and SIGCONT a while later. */
  #stop(process: SimulatedProcess | null): void {
    if (process === null || process.life.stopped) return;
    const { host, life } = process;
    this.#world.fault(this.#server.processes.includes(process) ? 'server stopped' : 'TaskManager stopped');
    this.#world.event(`${host} is stopped`);
    life.stop();
    this.#world.clock.after(this.#random.nextInt(STOP_MS_MAX), () => {
      if (!life.killed && life.stopped) this.#world.event(`${host} goes on`);
      life.wake();
    });
  }

  #part(kind: string, ...pairs: readonly (readonly [from: string, to: string])[]): void {
    const { network, clock } = this.#world;
    this.#world.fault(kind);
    this.#world.event(`${kind}: ${pairs.map(([from, to]) => `${from} to ${to}`).join(', ')}`);
    for (const [from, to] of pairs) network.part(from, to);
    clock.after(this.#random.nextInt(TROUBLE_MS_MAX), () => {
      for (const [from, to] of pairs) network.join(from, to);
    });
  }

  /** A call fails, or all of its kind until there is room again; who runs the server restarts it then. */
  #diskFails(): void {
    const random = this.#random;
    if (this.#server.diskIsFaulty) return;
    const kind = random.nextInt(2) === 0 ? 'noSpace' : 'ioError';
    const lasting = random.nextInt(2) === 0;
    this.#world.fault(kind === 'noSpace' ? 'disk is full' : 'disk fails');
    this.#world.event(`the disk fails: ${kind}${lasting ? ', for some time' : ''}`);
    this.#server.diskIsFaulty = true;
    this.#world.disk.failAt(1 + random.nextInt(CALLS_MAX), kind, lasting);
    this.#world.clock.after(random.nextInt(TROUBLE_MS_MAX), () => this.#repairDisk());
  }

  #repairDisk(): void {
    this.#world.disk.repair();
    for (const process of this.#server.processes) this.#server.kill(process, 'the disk is in order again');
    this.#server.diskIsFaulty = false;
  }

  #brokersDown(nodes: readonly (1 | 2)[]): void {
    this.#world.fault('brokers down');
    this.#world.event(`brokers ${nodes.join(' and ')} are down`);
    for (const node of nodes) {
      this.#world.kafka.setDown(node, true);
      this.#world.clock.after(this.#random.nextInt(TROUBLE_MS_MAX), () => this.#world.kafka.setDown(node, false));
    }
  }

  #badLinks(): void {
    this.#world.fault('requests to Kafka lost or late');
    this.#world.event('requests to Kafka are slow and get lost');
    this.#world.linkFaults = { lossShare: 3 + this.#random.nextInt(40), delayMsMax: this.#random.nextInt(DELAY_MS_MAX) };
    this.#world.clock.after(this.#random.nextInt(TROUBLE_MS_MAX), () => {
      this.#world.linkFaults = this.#world.calmLinks;
    });
  }
}
