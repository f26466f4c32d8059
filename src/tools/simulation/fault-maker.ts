import type { Random } from '../../base/index.ts';
import { noFaults } from '../../connectors/kafka/testing/index.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { World } from './world.ts';

/** Mean virtual seconds between two faults, by what the seed gives. */
const CALM_SECONDS = [4, 15, 40];
const STEPS_MAX = 3_000;
const CALLS_MAX = 200;
/** How far the wall clock of a process jumps at most. */
const JUMP_SECONDS_MAX = 100_000;
/** Trouble of other systems passes after so long at most. */
const TROUBLE_MS_MAX = 40_000;

/** Brings about what goes wrong outside the program, until a time. */
export class FaultMaker {
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #random: Random;
  readonly #calmSeconds: number;

  constructor(world: World, server: SimulatedServer) {
    this.#world = world;
    this.#server = server;
    this.#random = world.newRandom();
    this.#calmSeconds = CALM_SECONDS[this.#random.nextInt(CALM_SECONDS.length)]!;
  }

  async run(untilSeconds: number): Promise<void> {
    while (this.#world.seconds < untilSeconds) {
      await this.#world.sleep(this.#random.nextInt(2_000 * this.#calmSeconds));
      if (this.#world.seconds < untilSeconds) this.#strike();
    }
    for (const node of [1, 2] as const) this.#world.kafka.setDown(node, false);
    this.#world.linkFaults = noFaults;
    this.#repairDisk();
    this.#server.killAfterSteps(Number.POSITIVE_INFINITY);
    this.#world.event('no more faults');
  }

  #strike(): void {
    const random = this.#random;
    const { kafka, disk } = this.#world;
    switch (random.nextInt(10)) {
      case 0:
      case 1:
        this.#server.kill({ power: random.nextInt(2) === 0, why: 'at a time of chance' });
        break;
      case 2:
      case 3:
        this.#server.killAfterSteps(1 + random.nextInt(STEPS_MAX));
        break;
      case 4:
        disk.failAt(1 + random.nextInt(CALLS_MAX), 'stop');
        break;
      case 5:
        this.#diskFails();
        break;
      case 6:
        this.#server.running?.clock.jump(BigInt(random.nextInt(2 * JUMP_SECONDS_MAX) - JUMP_SECONDS_MAX) * 1_000_000n);
        break;
      case 7:
        this.#world.event('other leaders');
        kafka.shuffleLeaders(random);
        break;
      case 8:
        this.#brokersDown(random.nextInt(3) === 0 ? [1, 2] : [random.nextInt(2) === 0 ? 1 : 2]);
        break;
      default:
        this.#badNetwork();
    }
  }

  /** A call fails, or all of its kind until there is room again; who runs the server restarts it then. */
  #diskFails(): void {
    const random = this.#random;
    if (this.#server.diskIsFaulty) return;
    const kind = random.nextInt(2) === 0 ? 'noSpace' : 'ioError';
    const lasting = random.nextInt(2) === 0;
    this.#world.event(`the disk fails: ${kind}${lasting ? ', for some time' : ''}`);
    this.#server.diskIsFaulty = true;
    this.#world.disk.failAt(1 + random.nextInt(CALLS_MAX), kind, lasting);
    this.#world.clock.after(random.nextInt(TROUBLE_MS_MAX), () => this.#repairDisk());
  }

  #repairDisk(): void {
    this.#world.disk.repair();
    this.#server.kill({ power: false, why: 'the disk is in order again' });
    this.#server.diskIsFaulty = false;
  }

  #brokersDown(nodes: readonly (1 | 2)[]): void {
    this.#world.event(`brokers ${nodes.join(' and ')} are down`);
    for (const node of nodes) {
      this.#world.kafka.setDown(node, true);
      this.#world.clock.after(this.#random.nextInt(TROUBLE_MS_MAX), () => this.#world.kafka.setDown(node, false));
    }
  }

  #badNetwork(): void {
    this.#world.event('requests to Kafka are slow and get lost');
    this.#world.linkFaults = { lossShare: 3 + this.#random.nextInt(40), delayMsMax: this.#random.nextInt(400) };
    this.#world.clock.after(this.#random.nextInt(TROUBLE_MS_MAX), () => {
      this.#world.linkFaults = noFaults;
    });
  }
}
