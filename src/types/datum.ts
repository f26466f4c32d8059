/** An exact decimal: `mantissa` times ten to the power of minus `scale`; scale >= 0 is also the display scale. */
export interface Decimal {
  readonly mantissa: bigint;
  readonly scale: number;
  /** Set for the three values that are no numbers; mantissa and scale are 0 then. */
  readonly special?: 'NaN' | 'Infinity' | '-Infinity';
}

export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

/** A one-dimensional array value; nested arrays are arrays of arrays. */
export interface ArrayDatum {
  readonly elements: readonly (Datum | null)[];
}

export interface RowDatum {
  readonly fields: readonly (Datum | null)[];
}

/** A map value: `keys` ascending in the order of the key type (see compareDatums), each once and never NULL; `values[i]` belongs to `keys[i]`. */
export interface MapDatum {
  readonly keys: readonly Datum[];
  readonly values: readonly (Datum | null)[];
}

/**
 * One SQL value as the interpreter sees it (columns never hold these). By type:
 * bool -> boolean; int2, int4, date (days since 1970-01-01), oid and reg* -> number; int8 -> bigint;
 * float4, float8 -> number; numeric -> Decimal; text, varchar, char, name, internal_char, jsonb (normalised text), unknown -> string;
 * bytea -> Uint8Array; time (micros of day), timestamp and timestamptz (micros since 1970-01-01 UTC) -> bigint;
 * interval -> Interval; uuid -> string (lower case, hyphens); array -> ArrayDatum; row -> RowDatum; map -> MapDatum. SQL NULL is null.
 */
export type Datum = boolean | number | bigint | string | Uint8Array | Decimal | Interval | ArrayDatum | RowDatum | MapDatum;
