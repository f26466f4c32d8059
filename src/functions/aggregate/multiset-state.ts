import { datumFromJson, datumToJson, type ExpressionJson } from '../../expr/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { type AggregateOrder, EntryOrder, type MultisetEntry } from './entry-order.ts';
import type { AggregateState } from './state-accumulator.ts';

export interface MultisetOptions {
  readonly argumentTypes: readonly SqlType[];
  readonly orderBy: readonly AggregateOrder[];
  /** Rows the aggregate does not look at. */
  readonly skip: (args: readonly (Datum | null)[]) => boolean;
  /** The value over the entries in order; each counts `count` times. */
  readonly finish: (entries: readonly MultisetEntry[], order: EntryOrder) => Datum | null;
}

/** Aggregates that need every value: array_agg, string_agg, bit_and … under retraction. */
export class MultisetState implements AggregateState {
  readonly #options: MultisetOptions;
  readonly #order: EntryOrder;
  readonly #entries = new Map<EntryKey, MultisetEntry>();

  constructor(options: MultisetOptions) {
    this.#options = options;
    this.#order = new EntryOrder(options.argumentTypes, options.orderBy);
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    if (!this.#options.skip(args)) this.#addEntry(args, weight);
  }

  result(): Datum | null {
    const entries = [...this.#entries.values()].filter((entry) => entry.count > 0);
    entries.sort((left, right) => this.#order.compare(left, right));
    return this.#options.finish(entries, this.#order);
  }

  toJson(): ExpressionJson {
    return [...this.#entries.values()].map((entry) => [entry.count, ...entry.args.map(datumToJson)]);
  }

  mergeJson(json: ExpressionJson): void {
    for (const [count, ...args] of json as readonly (readonly [number, ...ExpressionJson[]])[]) this.#addEntry(args.map(datumFromJson), count);
  }

  #addEntry(args: readonly (Datum | null)[], weight: number): void {
    const key = entryKey(args);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { args, count: weight });
    else if (entry.count + weight === 0) this.#entries.delete(key);
    else entry.count += weight;
  }
}

/** One value stands for itself where a Map tells it from others of its type as the aggregates do. */
export type EntryKey = string | bigint | null;

/** Tells entries of the same types apart. */
export function entryKey(args: readonly (Datum | null)[]): EntryKey {
  const only = args[0]!;
  if (args.length === 1 && (only === null || typeof only === 'string' || typeof only === 'bigint')) return only;
  return JSON.stringify(args.map(datumToJson));
}
