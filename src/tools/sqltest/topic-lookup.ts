import { type SqlError, toSqlError } from '../../base/index.ts';
import { type Batch, batchFromRows, readDatum } from '../../batch/index.ts';
import type { LookupAnswer, LookupContext, LookupReader } from '../../spi/index.ts';
import { applyTypeModifier, type Datum, formatDatum, parseDatum, type SqlType } from '../../types/index.ts';
import type { TestTopics } from './test-topics.ts';

type Values = Readonly<Record<string, unknown>>;

/** A topic as a table of another system: its records are rows, as JSON; of records with one key the last one counts, and without a value there is none. */
export class TopicLookup implements LookupReader {
  readonly #topics: TestTopics;
  readonly #topic: string;
  readonly #context: LookupContext;

  constructor(topics: TestTopics, topic: string, context: LookupContext) {
    this.#topics = topics;
    this.#topic = topic;
    this.#context = context;
  }

  async open(): Promise<void> {
    // It is there as soon as somebody asks.
  }

  async lookup(keys: Batch): Promise<LookupAnswer> {
    const there = this.#rows();
    const { columns } = this.#context;
    const rows: (Datum | null)[][] = [];
    const keyOf: number[] = [];
    const failures = new Map<number, SqlError>();
    for (let key = 0; key < keys.rowCount; key++) {
      try {
        const found = there.filter((row) => this.#hasKey(row, keys, key)).map((row) => columns.map(({ name, type }) => datumOf(type, row[name])));
        for (const row of found) {
          rows.push(row);
          keyOf.push(key);
        }
      } catch (error) {
        failures.set(key, toSqlError(error));
      }
    }
    const types = columns.map(({ type }) => type);
    return { rows: batchFromRows(types, rows), keyOf: Int32Array.from(keyOf), failures };
  }

  async close(): Promise<void> {
    // Topics belong to the test.
  }

  #rows(): Values[] {
    const byKey = new Map<string, Uint8Array | null>();
    for (const [offset, { key, value }] of this.#topics.records(this.#topic, 0).entries()) {
      byKey.set(key === null ? `offset ${offset}` : Buffer.from(key).toString(), value);
    }
    return [...byKey.values()].flatMap((value) => (value === null ? [] : [JSON.parse(Buffer.from(value).toString()) as Values]));
  }

  #hasKey(row: Values, keys: Batch, at: number): boolean {
    return this.#context.keys.every(({ name, type }, index) => {
      const value = row[name];
      return value !== null && value !== undefined && String(value) === formatDatum(type, readDatum(keys.columns[index]!, at)!);
    });
  }
}

function datumOf(type: SqlType, value: unknown): Datum | null {
  if (value === null || value === undefined) return null;
  return applyTypeModifier(type, parseDatum(type, typeof value === 'object' ? JSON.stringify(value) : String(value)), false);
}
