import type { Random } from '../../base/index.ts';
import { multisetDifference } from '../sqltest/index.ts';
import { type BidFeed, sumOf } from './bid-feed.ts';
import type { Feature } from './feature.ts';
import { lawQuery, PREFIX_VIEW, prefixView, type SimulatedView } from './program.ts';
import { type Client, openClient } from './simulated-client.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { SinkChecker } from './sink-checker.ts';
import type { TableWriter } from './table-writer.ts';
import { tolerate } from './tolerated-error.ts';
import { Violation, type World } from './world.ts';

/** Between two looks: the law is sampled, since a look costs as much as some epochs. */
const LOOK_MS_MIN = 2_000;
const LOOK_MS_SPREAD = 14_000;

export interface ObserverParts {
  readonly world: World;
  readonly server: SimulatedServer;
  readonly feed: BidFeed;
  readonly tables: TableWriter;
  readonly sinks: SinkChecker;
  readonly features: readonly Feature[];
  /** The views that are there, as far as clients have been told. */
  readonly views: () => readonly SimulatedView[];
  /** How many views have begun to be dropped. */
  readonly drops: () => number;
  /** Whether a view may have been paused since a virtual second. */
  readonly hasStoodStill: (view: SimulatedView, sinceSeconds: number) => boolean;
}

/**
 * A client that reads: everything at one epoch, now and then. What it sees of the inputs has to be a prefix of them that never gets shorter, and each view what
 * its query gives over that prefix; epochs never go back, across crashes as well.
 */
export class LawObserver {
  readonly #parts: ObserverParts;
  readonly #random: Random;
  readonly #counts: number[];
  #epoch = 0;
  looks = 0;
  comparisons = 0;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
    this.#random = parts.world.newRandom();
    this.#counts = new Array<number>(parts.feed.partitionCount).fill(0);
  }

  /** Looks now and then, at a view or two each time. */
  async run(untilSeconds: number): Promise<void> {
    const { world, server, views, drops } = this.#parts;
    let client: Client | null = null;
    while (world.seconds < untilSeconds) {
      const dropsBefore = drops();
      try {
        client ??= await openClient(server);
        const all = views();
        await this.#look(client, all.length === 0 ? [] : [all[this.#random.nextInt(all.length)]!]);
      } catch (error) {
        client = null;
        // What a look began with may be dropped before it is read.
        if (drops() === dropsBefore || error instanceof Violation) tolerate(world, 'a look', error);
      }
      await world.sleep(LOOK_MS_MIN + this.#random.nextInt(LOOK_MS_SPREAD));
    }
  }

  /** Looks at everything. False while the server is away. */
  async lookAtAll(): Promise<boolean> {
    const { world, server, views } = this.#parts;
    try {
      const client = await openClient(server);
      await this.#look(client, views());
      return true;
    } catch (error) {
      tolerate(world, 'a look at all', error);
      return false;
    }
  }

  /** Everything that was sent in time has been seen. */
  get caughtUp(): boolean {
    const { feed, tables, features } = this.#parts;
    return (
      tables.caughtUp &&
      features.every((feature) => feature.caughtUp) &&
      this.#counts.every((count, partition) => count === feed.inTime(partition).length)
    );
  }

  /** Rows of each partition of the stream that somebody has read. */
  get seenCounts(): readonly number[] {
    return [...this.#counts];
  }

  /** Rows of the stream that somebody has read. */
  get seenRows(): number {
    return sumOf(this.#counts);
  }

  get progress(): string {
    const { feed, features } = this.#parts;
    const read = this.#counts.map((count, partition) => `${count} of ${feed.inTime(partition).length}`);
    return [...read, ...features.map((feature) => feature.progress)].join(', ');
  }

  async #look(client: Client, views: readonly SimulatedView[]): Promise<void> {
    this.looks++;
    const begun = this.#parts.world.seconds;
    await this.#checkEpoch(client, views);
    await client.run('BEGIN');
    const prefix = await client.rows(`SELECT p, n FROM ${PREFIX_VIEW}`);
    const items = await client.rows('SELECT * FROM items');
    const accounts = await client.rows('SELECT * FROM accounts');
    for (const view of views) {
      if (view === prefixView) continue;
      const difference = await differenceFromLaw(client, view);
      if (this.#parts.hasStoodStill(view, begun)) continue;
      this.comparisons++;
      if (difference !== null) throw new Violation(`view ${view.name} differs from its query over the inputs of its epoch\n${difference}`);
    }
    const counts = prefixCounts(this.#parts.feed, prefix);
    for (const feature of this.#parts.features) await feature.look(client, counts);
    await client.run('COMMIT');
    this.#parts.world.event(`look: ${prefix.length} rows, ${views.map(({ name }) => name).join(', ')}`);
    this.#checkPrefix(counts);
    this.#parts.tables.observe(items, accounts);
    this.#parts.sinks.check();
  }

  async #checkEpoch(client: Client, views: readonly SimulatedView[]): Promise<void> {
    const epoch = await client.newestEpoch([PREFIX_VIEW, ...views.map(({ name }) => name)]);
    // Of other relations only: what all have seen together may be older than what one has seen alone.
    if (views.length > 0) return;
    if (epoch < this.#epoch) throw new Violation(`epoch ${epoch} is read after epoch ${this.#epoch}`);
    this.#epoch = epoch;
  }

  #checkPrefix(counts: readonly number[]): void {
    counts.forEach((count, partition) => {
      if (count < this.#counts[partition]!)
        throw new Violation(`a read has gone back: partition ${partition} shows ${count} messages after ${this.#counts[partition]}`);
      this.#counts[partition] = count;
    });
  }
}

/** How a view differs from its query over what its inputs are at the epoch of the client's transaction; null: not at all. */
export async function differenceFromLaw(client: Client, view: SimulatedView): Promise<string | null> {
  const held = await client.rows(`SELECT * FROM ${view.name}`);
  return multisetDifference(await client.rows(lawQuery(view)), held, 'by value');
}

/** How many messages of each partition of the feed the prefix view shows. Throws a Violation when they are no prefix. */
export function prefixCounts(feed: BidFeed, rows: readonly string[]): number[] {
  const read = Array.from({ length: feed.partitionCount }, (): number[] => []);
  for (const row of rows) {
    const [p, n] = row.split('\t').map(Number);
    read[p!]!.push(n!);
  }
  return read.map((numbers, partition) => {
    numbers.sort((left, right) => left - right);
    const expected = feed.inTime(partition).slice(0, numbers.length);
    if (numbers.join() !== expected.join())
      throw new Violation(
        `partition ${partition} shows messages\n${numbers.join()}\nwhich is no prefix of those in time\n${feed.inTime(partition).join()}`,
      );
    return numbers.length;
  });
}
