import { type SpecCodec, SpecReader } from '../spec/index.ts';

/**
 * Passes a row at an epoch of time t iff every bound holds: `column operator t + shift`. A NULL bound never holds. The first `width` columns are the
 * output; further ones are computed for the bounds.
 */
export interface TemporalFilterSpec {
  readonly bounds: readonly { readonly column: number; readonly operator: '<' | '<=' | '>' | '>='; readonly shiftMicros: bigint }[];
  readonly width: number;
  /** Columns rows are routed by, and how many of them decide the key group. */
  readonly partitionBy: readonly number[];
  readonly partitionKeyCount: number;
}

export const temporalFilterSpecCodec: SpecCodec<TemporalFilterSpec> = {
  kind: 'temporal-filter',
  version: 1,
  encode: (spec) => ({
    bounds: spec.bounds.map(({ column, operator, shiftMicros }) => ({ column, operator, shift: String(shiftMicros) })),
    width: spec.width,
    partitionBy: spec.partitionBy,
    partitionKeyCount: spec.partitionKeyCount,
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      bounds: reader.objects('bounds').map((bound) => ({
        column: bound.integer('column'),
        operator: bound.choice('operator', ['<', '<=', '>', '>=']),
        shiftMicros: bound.bigint('shift'),
      })),
      width: reader.integer('width'),
      partitionBy: reader.integers('partitionBy'),
      partitionKeyCount: reader.integer('partitionKeyCount'),
    };
  },
};
