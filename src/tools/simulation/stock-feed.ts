import type { Random } from '../../base/index.ts';
import { multisetDifference } from '../sqltest/index.ts';
import type { Feature } from './feature.ts';
import { topicOptions } from './program.ts';
import type { Client } from './simulated-client.ts';
import { Violation, type World } from './world.ts';

const TOPIC = 'stock';
const KEYS = 6;
const TOMBSTONE_SHARE = 4;
const KINDS = 3;
const REST_MS_MAX = 6_000;

const STATEMENTS = [
  `CREATE TABLE ${TOPIC} (k INT PRIMARY KEY, v INT) WITH (${topicOptions('upsert-kafka', TOPIC)}, key.format = 'json', value.format = 'json')`,
  `CREATE MATERIALIZED VIEW stocked AS SELECT k, v FROM ${TOPIC}`,
  `CREATE MATERIALIZED VIEW stock_kinds AS SELECT v % ${KINDS} AS kind, count(*) AS n, sum(v) AS total FROM ${TOPIC} GROUP BY v % ${KINDS}`,
];

/** A compacted topic that a table reads by key. What the table has of a partition is what a prefix of its messages leaves, and never one before a prefix that was seen. */
export class StockFeed implements Feature {
  readonly name = 'table over a compacted topic';
  readonly #world: World;
  readonly #random: Random;
  /** By partition: what its first 0, 1, 2 … messages leave, rows as lines. */
  readonly #states: string[][];
  readonly #rows: Map<number, number>[];
  readonly #seen: number[];
  #sent = 0;

  constructor(world: World, partitions: number) {
    this.#world = world;
    this.#random = world.newRandom();
    this.#states = Array.from({ length: partitions }, () => ['']);
    this.#rows = Array.from({ length: partitions }, () => new Map<number, number>());
    this.#seen = new Array<number>(partitions).fill(0);
    world.kafka.createTopic(TOPIC, partitions);
  }

  async begin(client: Client): Promise<void> {
    for (const sql of STATEMENTS) await client.run(sql);
  }

  async run(untilSeconds: number): Promise<void> {
    while (this.#world.seconds < untilSeconds) {
      this.#send();
      await this.#world.sleep(50 + this.#random.nextInt(REST_MS_MAX));
    }
  }

  async look(client: Client): Promise<void> {
    const rows = await client.rows('SELECT k, v FROM stocked');
    this.#states.forEach((states, partition) => {
      const own = textOf(rows.filter((row) => partitionOf(Number(row.split('\t')[0]), this.#states.length) === partition));
      const found = states.indexOf(own, this.#seen[partition]);
      if (found < 0)
        throw new Violation(
          `table stock has of partition ${partition}\n${own}\nwhich none of its messages from ${this.#seen[partition]} on leaves; the newest leaves\n${states.at(-1)}`,
        );
      this.#seen[partition] = found;
    });
    const kinds = `SELECT v % ${KINDS}, count(*), sum(v) FROM stocked GROUP BY v % ${KINDS}`;
    const difference = multisetDifference(await client.rows(kinds), await client.rows('SELECT kind, n, total FROM stock_kinds'), 'by value');
    if (difference !== null) throw new Violation(`view stock_kinds differs from its query over the table of its epoch\n${difference}`);
  }

  get caughtUp(): boolean {
    return this.#states.every((states, partition) => states[this.#seen[partition]!] === states.at(-1));
  }

  get progress(): string {
    return this.#states.map((states, partition) => `stock ${this.#seen[partition]} of ${states.length - 1}`).join(', ');
  }

  #send(): void {
    const k = this.#random.nextInt(KEYS);
    const partition = partitionOf(k, this.#states.length);
    const rows = this.#rows[partition]!;
    const v = ++this.#sent;
    const gone = this.#random.nextInt(TOMBSTONE_SHARE) === 0;
    const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const timestampMs = Number(this.#world.clock.nowMicros() / 1000n);
    this.#world.kafka.append(TOPIC, partition, [{ key: encode({ k }), value: gone ? null : encode({ k, v }), timestampMs }]);
    if (gone) rows.delete(k);
    else rows.set(k, v);
    this.#states[partition]!.push(textOf([...rows].map((row) => row.join('\t'))));
  }
}

function partitionOf(k: number, partitions: number): number {
  return k % partitions;
}

function textOf(rows: readonly string[]): string {
  return rows.toSorted().join('\n');
}
