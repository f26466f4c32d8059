import { type Random, type SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { nowAndThen } from './now-and-then.ts';
import { otherTextStatement, prefixView, type SimulatedSink, type SimulatedView, STREAM, TABLES } from './program.ts';
import { openClient } from './simulated-client.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { SinkChecker } from './sink-checker.ts';
import { tolerate } from './tolerated-error.ts';
import type { ViewMaker } from './view-maker.ts';
import type { World } from './world.ts';

/** Mean virtual seconds between two changes, by what the seed gives; with the last one there are hardly any. */
const CALM_SECONDS = [8, 30, 300];
const PAUSE_MS_MAX = 15_000;
/** A sink that stands still or goes: one in so many goes for good. */
const DRAIN_SHARE = 3;

export interface JobChangerParts {
  readonly world: World;
  readonly server: SimulatedServer;
  readonly views: ViewMaker;
  readonly sinks: readonly SimulatedSink[];
  readonly checker: SinkChecker;
  /** Rows of the stream that somebody has read. */
  readonly seenRows: () => number;
  /** The most subtasks a job can have. */
  readonly parallelism: number;
  /** Jobs may be given slots of their own: others make room, and there are two at least. */
  readonly groups: boolean;
}

/** A client that changes how jobs run, not what they are: other parallelism, other slots, the same query in other words, a pause, a checkpoint on demand, the end of a sink. */
export class JobChanger {
  readonly #parts: JobChangerParts;
  readonly #random: Random;
  readonly #calmSeconds: number;
  /** Those that have not been drained. */
  readonly #sinks: SimulatedSink[];
  /** When what has been paused went on, in virtual seconds; infinite while it may stand still. */
  readonly #resumedAt = new Map<string, number>();

  constructor(parts: JobChangerParts) {
    this.#parts = parts;
    this.#random = parts.world.newRandom();
    this.#sinks = [...parts.sinks];
    this.#calmSeconds = CALM_SECONDS[this.#random.nextInt(CALM_SECONDS.length)]!;
  }

  /** Whether the view may have stood still since: what it showed then was no answer over the newest inputs. A view stands still with those it reads. */
  hasStoodStill({ name, reads }: SimulatedView, sinceSeconds: number): boolean {
    return [name, ...(reads ?? [])].some((one) => (this.#resumedAt.get(one) ?? -1) >= sinceSeconds);
  }

  async run(untilSeconds: number): Promise<void> {
    const { world } = this.#parts;
    await nowAndThen(world, { random: this.#random, meanSeconds: this.#calmSeconds, untilSeconds }, () => this.#change());
  }

  async #change(): Promise<void> {
    const { views, parallelism, groups } = this.#parts;
    const sinks = this.#sinks;
    const view = views.present[this.#random.nextInt(views.present.length)]!;
    const sink = sinks[this.#random.nextInt(Math.max(1, sinks.length))];
    const count = 1 + this.#random.nextInt(parallelism);
    const always = [...TABLES.map((name) => `TABLE ${name}`), `STREAM ${STREAM}`, ...(sink === undefined ? [] : [`SINK ${sink.job}`])];
    switch (this.#random.nextInt(groups ? 8 : 7)) {
      case 0:
        return this.#insist('CHECKPOINT', () => true);
      case 1:
        return this.#insist(`ALTER ${always[this.#random.nextInt(always.length)]!} SET PARALLELISM = ${count}`, () => true);
      case 2:
      case 3:
        return this.#insist(`ALTER MATERIALIZED VIEW ${view.name} SET PARALLELISM = ${count}`, () => views.has(view));
      case 4:
        return this.#insist(otherTextStatement(view, this.#random.nextInt(2) === 0), () => views.has(view));
      case 7: {
        const group = this.#random.nextInt(2) === 0 ? "SET (slot_sharing_group = 'calm')" : 'RESET (slot_sharing_group)';
        return this.#insist(`ALTER MATERIALIZED VIEW ${view.name} ${group}`, () => views.has(view));
      }
      case 5:
        if (sink === undefined) return;
        return this.#random.nextInt(DRAIN_SHARE) === 0 ? this.#drain(sink) : this.#pause(sink.job, () => true);
      default:
        // Every law is asked of the prefix.
        return view === prefixView ? undefined : this.#pause(view.name, () => views.has(view));
    }
  }

  /** Whether a STOP that was not answered has ended the sink shows when it is told again: there is none then. */
  async #drain(sink: SimulatedSink): Promise<void> {
    const { world, checker, seenRows } = this.#parts;
    const least = seenRows();
    this.#sinks.splice(this.#sinks.indexOf(sink), 1);
    let gone = false;
    const ways = [
      () => 'WITH DRAIN',
      () => `WITH SAVEPOINT '${world.newSavepointPath()}'`,
      () => `WITH SAVEPOINT '${world.newSavepointPath()}' WITH DRAIN`,
    ];
    const way = ways[this.#random.nextInt(ways.length)]!;
    await this.#insist(
      () => `STOP JOB ${sink.job} ${way()}`,
      () => !gone,
      (error) => {
        gone = error.code === SqlState.undefinedObject || error.code === SqlState.undefinedTable;
      },
    );
    checker.drained(sink, least);
  }

  async #pause(name: string, isThere: () => boolean): Promise<void> {
    const { world } = this.#parts;
    this.#resumedAt.set(name, Number.POSITIVE_INFINITY);
    await this.#insist(`PAUSE ${name}`, isThere);
    await world.sleep(this.#random.nextInt(PAUSE_MS_MAX));
    await this.#insist(`RESUME ${name}`, isThere);
    this.#resumedAt.set(name, world.seconds);
  }

  /** Until it is done, or what it is about is gone. */
  async #insist(statement: string | (() => string), isThere: () => boolean, failed: (error: SqlError) => void = () => undefined): Promise<void> {
    const { world, server } = this.#parts;
    while (isThere()) {
      const sql = typeof statement === 'string' ? statement : statement();
      try {
        const client = await openClient(server);
        world.event(sql);
        await client.run(sql);
        world.event(`done: ${sql}`);
        return;
      } catch (error) {
        failed(toSqlError(error));
        if (isThere()) tolerate(world, sql, error);
        await world.sleep(500 + this.#random.nextInt(1_000));
      }
    }
  }
}
