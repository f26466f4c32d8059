import type { Random } from '../../base/index.ts';
import { prefixView, type SimulatedView, TABLES } from './program.ts';
import { openClient } from './simulated-client.ts';
import type { SimulatedServer } from './simulated-server.ts';
import { tolerate } from './tolerated-error.ts';
import type { ViewMaker } from './view-maker.ts';
import type { World } from './world.ts';

/** Mean virtual seconds between two changes, by what the seed gives; with the last one there are hardly any. */
const CALM_SECONDS = [8, 30, 300];
const PAUSE_MS_MAX = 15_000;

export interface JobChangerParts {
  readonly world: World;
  readonly server: SimulatedServer;
  readonly views: ViewMaker;
  /** The most subtasks a job can have. */
  readonly parallelism: number;
}

/** A client that changes how jobs run, not what they are: other parallelism, a pause, a checkpoint on demand. */
export class JobChanger {
  readonly #parts: JobChangerParts;
  readonly #random: Random;
  readonly #calmSeconds: number;
  /** When a view that has been paused went on, in virtual seconds; infinite while it may stand still. */
  readonly #resumedAt = new Map<string, number>();

  constructor(parts: JobChangerParts) {
    this.#parts = parts;
    this.#random = parts.world.newRandom();
    this.#calmSeconds = CALM_SECONDS[this.#random.nextInt(CALM_SECONDS.length)]!;
  }

  /** Whether the view may have stood still since: what it showed then was no answer over the newest inputs. A view stands still with those it reads. */
  hasStoodStill({ name, reads }: SimulatedView, sinceSeconds: number): boolean {
    return [name, ...(reads ?? [])].some((one) => (this.#resumedAt.get(one) ?? -1) >= sinceSeconds);
  }

  async run(untilSeconds: number): Promise<void> {
    const { world } = this.#parts;
    for (;;) {
      const restMs = Math.ceil(1_000 * (untilSeconds - world.seconds));
      if (restMs <= 0) return;
      await world.sleep(Math.min(restMs, this.#random.nextInt(2_000 * this.#calmSeconds)));
      if (world.seconds >= untilSeconds) return;
      await this.#change();
    }
  }

  async #change(): Promise<void> {
    const { views, parallelism } = this.#parts;
    const view = views.present[this.#random.nextInt(views.present.length)];
    const count = 1 + this.#random.nextInt(parallelism);
    switch (this.#random.nextInt(view === undefined ? 2 : 5)) {
      case 0:
        return this.#insist('CHECKPOINT', () => true);
      case 1:
        return this.#insist(`ALTER TABLE ${TABLES[this.#random.nextInt(TABLES.length)]!} SET PARALLELISM = ${count}`, () => true);
      case 2:
      case 3:
        return this.#insist(`ALTER MATERIALIZED VIEW ${view!.name} SET PARALLELISM = ${count}`, () => views.has(view!));
      default:
        // Every law is asked of the prefix.
        return view === prefixView ? undefined : this.#pause(view!);
    }
  }

  async #pause(view: SimulatedView): Promise<void> {
    const { world, views } = this.#parts;
    this.#resumedAt.set(view.name, Number.POSITIVE_INFINITY);
    await this.#insist(`PAUSE ${view.name}`, () => views.has(view));
    await world.sleep(this.#random.nextInt(PAUSE_MS_MAX));
    await this.#insist(`RESUME ${view.name}`, () => views.has(view));
    this.#resumedAt.set(view.name, world.seconds);
  }

  /** Until it is done, or what it is about is gone. */
  async #insist(sql: string, isThere: () => boolean): Promise<void> {
    const { world, server } = this.#parts;
    while (isThere()) {
      try {
        const client = await openClient(server);
        world.event(sql);
        await client.run(sql);
        world.event(`done: ${sql}`);
        return;
      } catch (error) {
        if (isThere()) tolerate(world, sql, error);
        await world.sleep(500 + this.#random.nextInt(1_000));
      }
    }
  }
}
