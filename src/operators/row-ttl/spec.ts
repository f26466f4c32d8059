import { type SpecCodec, SpecReader } from '../spec/index.ts';

/** Output: the input without the rows that have not been touched for the ttl. A row is touched when it comes once more or goes once. */
export interface RowTtlSpec {
  readonly ttlMs: number;
  /** Columns rows are routed by; all of them decide the key group. */
  readonly partitionBy: readonly number[];
}

export const rowTtlSpecCodec: SpecCodec<RowTtlSpec> = {
  kind: 'row-ttl',
  version: 1,
  encode: (spec) => ({ ttlMs: spec.ttlMs, partitionBy: spec.partitionBy }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return { ttlMs: reader.integer('ttlMs'), partitionBy: reader.integers('partitionBy') };
  },
};
