import type { Random } from '../../base/index.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { World } from './world.ts';

/** Mean virtual seconds between two faults, by what the seed gives. */
const CALM_SECONDS = [4, 15, 40];
const STEPS_MAX = 3_000;
const CALLS_MAX = 200;

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
    this.#world.disk.repair();
    this.#server.killAfterSteps(Number.POSITIVE_INFINITY);
    this.#world.event('no more faults');
  }

  #strike(): void {
    const random = this.#random;
    switch (random.nextInt(3)) {
      case 0:
        this.#server.kill({ power: random.nextInt(2) === 0, why: 'at a time of chance' });
        break;
      case 1:
        this.#server.killAfterSteps(1 + random.nextInt(STEPS_MAX));
        break;
      default:
        this.#world.disk.failAt(1 + random.nextInt(CALLS_MAX), 'stop');
    }
  }
}
