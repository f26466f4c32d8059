import { type SpecCodec, SpecReader } from '../spec/index.ts';

/** Output: the first `keyCount` columns of the input, those that are not in the row's set as NULL; the set's number (int4); the other columns. */
export interface ExpandSpec {
  readonly keyCount: number;
  /** Positions of keys, a list a set. */
  readonly sets: readonly (readonly number[])[];
}

export const expandSpecCodec: SpecCodec<ExpandSpec> = {
  kind: 'expand',
  version: 1,
  encode: (spec) => ({ keyCount: spec.keyCount, sets: spec.sets.map((set) => ({ keys: set })) }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return { keyCount: reader.integer('keyCount'), sets: reader.objects('sets').map((set) => set.integers('keys')) };
  },
};
