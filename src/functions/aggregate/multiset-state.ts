import { encodeValue } from '../../batch/index.ts';
import { datumFromJson, datumToJson, type ExpressionJson } from '../../expr/index.ts';
import { compareBytes, compareDatums, type Datum, type SqlType } from '../../types/index.ts';
import type { AggregateState } from './state-accumulator.ts';

export interface MultisetEntry {
  readonly args: readonly (Datum | null)[];
  count: number;
}

interface AggregateOrder {
  /** Position in the arguments. */
  readonly argument: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface MultisetOptions {
  readonly argumentTypes: readonly SqlType[];
  readonly orderBy: readonly AggregateOrder[];
  /** Rows the aggregate does not look at. */
  readonly skip: (args: readonly (Datum | null)[]) => boolean;
  /** The value over the entries in order; each counts `count` times. */
  readonly finish: (entries: readonly MultisetEntry[]) => Datum | null;
}

/**
 * Aggregates that need every value: array_agg, string_agg, bit_and … under retraction. The order is the one asked for; ties, and no order at
 * all, go by the canonical encoding of the arguments, so that the result is a function of the multiset.
 */
export class MultisetState implements AggregateState {
  readonly #options: MultisetOptions;
  readonly #entries = new Map<string, MultisetEntry>();

  constructor(options: MultisetOptions) {
    this.#options = options;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    if (!this.#options.skip(args)) this.#addEntry(args, weight);
  }

  result(): Datum | null {
    const entries = [...this.#entries.values()].filter((entry) => entry.count > 0);
    const encoded = new Map(entries.map((entry) => [entry, this.#encode(entry)]));
    entries.sort((left, right) => this.#compare(left, right) || compareEncoded(encoded.get(left)!, encoded.get(right)!));
    return this.#options.finish(entries);
  }

  toJson(): ExpressionJson {
    return [...this.#entries.values()].map((entry) => [entry.count, ...entry.args.map(datumToJson)]);
  }

  mergeJson(json: ExpressionJson): void {
    for (const [count, ...args] of json as readonly (readonly [number, ...ExpressionJson[]])[]) this.#addEntry(args.map(datumFromJson), count);
  }

  #addEntry(args: readonly (Datum | null)[], weight: number): void {
    const key = JSON.stringify(args.map(datumToJson));
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { args, count: weight });
    else if (entry.count + weight === 0) this.#entries.delete(key);
    else entry.count += weight;
  }

  #compare(left: MultisetEntry, right: MultisetEntry): number {
    for (const { argument, descending, nullsFirst } of this.#options.orderBy) {
      const a = left.args[argument] ?? null;
      const b = right.args[argument] ?? null;
      if (a === null && b === null) continue;
      if (a === null) return nullsFirst ? -1 : 1;
      if (b === null) return nullsFirst ? 1 : -1;
      const order = compareDatums(this.#options.argumentTypes[argument]!, a, b);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  }

  #encode(entry: MultisetEntry): (Uint8Array | null)[] {
    return entry.args.map((arg, index) => (arg === null ? null : orderedBytes(this.#options.argumentTypes[index]!, arg)));
  }
}

const slot = new DataView(new ArrayBuffer(8));

/** Bytes of a value for a fixed order of ties; not the storage form for numbers, whose little-endian bytes would order oddly. */
function orderedBytes(type: SqlType, value: Datum): Uint8Array {
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
  if (typeof value === 'bigint') slot.setBigInt64(0, value ^ (-1n << 63n));
  else if (typeof value === 'number') slot.setFloat64(0, value >= 0 ? value + 0 : -value);
  else return encodeValue(type, value);
  const bytes = new Uint8Array(slot.buffer.slice(0));
  if (typeof value === 'number') {
    // Positive floats above negative ones, larger magnitudes of negative ones below.
    if (value >= 0 || Number.isNaN(value)) bytes[0]! |= 0x80;
    else for (let at = 0; at < 8; at++) bytes[at] = at === 0 ? 0x7f - bytes[at]! : 0xff - bytes[at]!;
  }
  return bytes;
}

function compareEncoded(left: readonly (Uint8Array | null)[], right: readonly (Uint8Array | null)[]): number {
  for (let index = 0; index < left.length; index++) {
    const a = left[index]!;
    const b = right[index]!;
    if (a === null || b === null) {
      if (a !== b) return a === null ? 1 : -1;
      continue;
    }
    const order = compareBytes(a, b);
    if (order !== 0) return order;
  }
  return 0;
}
