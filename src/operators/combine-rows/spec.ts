import { type SpecCodec, SpecReader } from '../spec/index.ts';

/** Columns come out as they go in. */
export interface CombineRowsSpec {
  /** Columns of which only the extreme value of equal rows matters, each with the min or max that finds it; rows are equal when all others are. */
  readonly extremes: readonly { readonly column: number; readonly signature: string }[];
}

export const combineRowsSpecCodec: SpecCodec<CombineRowsSpec> = {
  kind: 'combine-rows',
  version: 1,
  encode: (spec) => ({ extremes: spec.extremes.map(({ column, signature }) => ({ column, signature })) }),
  decode: (json) => ({
    extremes: new SpecReader(json).objects('extremes').map((entry) => ({ column: entry.integer('column'), signature: entry.text('signature') })),
  }),
};
