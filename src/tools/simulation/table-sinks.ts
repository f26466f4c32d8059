import { type BidFeed, sumOf } from './bid-feed.ts';
import type { Feature } from './feature.ts';
import { prefixCounts } from './law-observer.ts';
import { PREFIX_VIEW, STREAM } from './program.ts';
import type { Client } from './simulated-client.ts';
import { Violation } from './world.ts';

const STATEMENTS = [
  'CREATE TABLE taken (p INT, n INT)',
  'CREATE TABLE tallies (item INT PRIMARY KEY, n BIGINT)',
  `CREATE SINK into_taken INTO taken AS SELECT p, n FROM ${STREAM}`,
  `CREATE SINK into_tallies INTO tallies AS SELECT item, count(*) AS n FROM ${STREAM} GROUP BY item`,
];

/** Sinks into stored tables: one that adds rows, one that changes them by key. What a table has is behind the stream, but never lost, twice there or taken back. */
export class TableSinks implements Feature {
  readonly name = 'sinks into tables';
  readonly #feed: BidFeed;
  #taken: readonly number[];
  readonly #tallies = new Map<string, number>();

  constructor(feed: BidFeed) {
    this.#feed = feed;
    this.#taken = new Array<number>(feed.partitionCount).fill(0);
  }

  async begin(client: Client): Promise<void> {
    for (const sql of STATEMENTS) await client.run(sql);
  }

  async run(): Promise<void> {
    // Rows come from the stream.
  }

  async look(client: Client, counts: readonly number[]): Promise<void> {
    const taken = prefixCounts(this.#feed, await client.rows('SELECT p, n FROM taken'));
    taken.forEach((count, partition) => {
      if (count < this.#taken[partition]!)
        throw new Violation(`table taken has gone back: ${count} rows of partition ${partition} after ${this.#taken[partition]}`);
      if (count > counts[partition]!)
        throw new Violation(`table taken has ${count} rows of partition ${partition}, and the stream ${counts[partition]} at that epoch`);
    });
    this.#taken = taken;
    const inStream = new Map(cells(await client.rows(`SELECT item, count(*) FROM ${PREFIX_VIEW} GROUP BY item`)));
    for (const [item, n] of cells(await client.rows('SELECT item, n FROM tallies'))) {
      const before = this.#tallies.get(item) ?? 0;
      if (n < before) throw new Violation(`table tallies has gone back: item ${item} has ${n} after ${before}`);
      if (n > (inStream.get(item) ?? 0))
        throw new Violation(`table tallies has ${n} of item ${item}, and the stream ${inStream.get(item) ?? 0} at that epoch`);
      this.#tallies.set(item, n);
    }
  }

  get caughtUp(): boolean {
    return sumOf(this.#taken) === this.#feed.inTimeCount && sumOf([...this.#tallies.values()]) === this.#feed.inTimeCount;
  }

  get progress(): string {
    return `table taken ${sumOf(this.#taken)}, tallies ${sumOf([...this.#tallies.values()])} of ${this.#feed.inTimeCount}`;
  }
}

function cells(rows: readonly string[]): [string, number][] {
  return rows.map((row) => {
    const [key, n] = row.split('\t');
    return [key!, Number(n)];
  });
}
