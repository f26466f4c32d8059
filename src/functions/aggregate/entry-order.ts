import { encodeValue } from '../../batch/index.ts';
import { compareBytes, compareOrdered, type Datum, type DatumOrder, type SqlType } from '../../types/index.ts';

/** Equal rows of a group: the values of a call's arguments and how often they are there. */
export interface MultisetEntry {
  readonly args: readonly (Datum | null)[];
  count: number;
  /** The arguments in canonical bytes, made when a tie asks for them first. */
  encoded?: readonly (Uint8Array | null)[];
}

export interface AggregateOrder extends DatumOrder {
  /** Position in the arguments. */
  readonly argument: number;
}

/**
 * A total order of entries: the one asked for; ties, and no order at all, go by the canonical encoding of the arguments, so that what is
 * first is a function of the multiset.
 */
export class EntryOrder {
  readonly #types: readonly SqlType[];
  readonly #orderBy: readonly AggregateOrder[];

  constructor(types: readonly SqlType[], orderBy: readonly AggregateOrder[]) {
    this.#types = types;
    this.#orderBy = orderBy;
  }

  compare(left: MultisetEntry, right: MultisetEntry): number {
    return this.comparePeers(left, right) || compareEncoded(this.#encoded(left), this.#encoded(right));
  }

  /** By what was asked for alone: 0 for peers. */
  comparePeers(left: MultisetEntry, right: MultisetEntry): number {
    for (const key of this.#orderBy) {
      const order = compareOrdered(this.#types[key.argument]!, left.args[key.argument] ?? null, right.args[key.argument] ?? null, key);
      if (order !== 0) return order;
    }
    return 0;
  }

  #encoded(entry: MultisetEntry): readonly (Uint8Array | null)[] {
    entry.encoded ??= entry.args.map((arg, index) => (arg === null ? null : orderedBytes(this.#types[index]!, arg)));
    return entry.encoded;
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
