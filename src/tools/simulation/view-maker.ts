import type { Random } from '../../base/index.ts';
import { createStatement, type SimulatedView } from './program.ts';
import { openClient } from './simulated-client.ts';
import type { SimulatedServer } from './simulated-server.ts';
import { tolerate } from './tolerated-error.ts';
import type { World } from './world.ts';

/** One that is dropped stands still for so long before, if it does. */
const STILL_MS_MAX = 4_000;
/** What a view takes that reads a history of some minutes from a slow Kafka. */
const MADE_WITHIN_MS = 10_000;

/** A client that makes views while rows come and processes die, and drops one to make it anew. */
export class ViewMaker {
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #random: Random;
  readonly #present: SimulatedView[] = [];
  /** How many have begun to be dropped. */
  drops = 0;

  constructor(world: World, server: SimulatedServer) {
    this.#world = world;
    this.#server = server;
    this.#random = world.newRandom();
  }

  /** Views whose CREATE was acknowledged. */
  get present(): readonly SimulatedView[] {
    return this.#present;
  }

  /** Its CREATE was acknowledged, and no DROP is under way. */
  has(view: SimulatedView): boolean {
    return this.#present.includes(view);
  }

  async run(views: readonly SimulatedView[], withinSeconds: number): Promise<void> {
    for (const view of views) {
      await this.#world.sleep(this.#random.nextInt(Math.floor((withinSeconds * 1_000) / (2 * views.length))));
      await this.make(view, true);
      if (this.#random.nextInt(3) > 0 || views.some((other) => other.reads?.includes(view.name))) continue;
      await this.#world.sleep(this.#random.nextInt(Math.floor((withinSeconds * 1_000) / (4 * views.length))));
      await this.#drop(view);
      await this.make(view, true);
    }
  }

  /** Until it is there: whoever waits for its CREATE, or only for its acceptance and then for it. `struck`: the server may be killed while it is made then. */
  async make(view: SimulatedView, struck = false): Promise<void> {
    if (this.#random.nextInt(2) === 0) {
      await this.#insist(`SET background_ddl = on; ${createStatement(view)}`);
      if (struck && (this.#world.kafkaIsSlow || this.#random.nextInt(2) === 0)) await this.#strike();
      await this.#insist('WAIT');
    }
    await this.#insist(createStatement(view));
    this.#present.push(view);
  }

  /** Kills the server: where Kafka is slow, mostly while the view's history is read. */
  async #strike(): Promise<void> {
    await this.#world.sleep(this.#random.nextInt(MADE_WITHIN_MS));
    this.#world.fault('server killed while a view is made');
    for (const process of this.#server.processes) this.#server.kill(process, 'while a view is made');
  }

  async #drop(view: SimulatedView): Promise<void> {
    this.drops++;
    this.#present.splice(this.#present.indexOf(view), 1);
    if (this.#random.nextInt(2) === 0) {
      await this.#insist(`PAUSE ${view.name}`);
      await this.#world.sleep(this.#random.nextInt(STILL_MS_MAX));
    }
    await this.#insist(`DROP MATERIALIZED VIEW IF EXISTS ${view.name}`);
  }

  async #insist(sql: string): Promise<void> {
    for (;;) {
      try {
        const client = await openClient(this.#server);
        this.#world.event(sql);
        await client.run(sql);
        this.#world.event(`done: ${sql.slice(0, 60)}`);
        return;
      } catch (error) {
        tolerate(this.#world, sql, error);
        await this.#world.sleep(500 + this.#random.nextInt(1_000));
      }
    }
  }
}
