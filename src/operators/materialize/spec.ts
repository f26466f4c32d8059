import { type SpecCodec, SpecReader } from '../spec/index.ts';

/**
 * Keeps the content of `relation` readable. `key`: columns known to be unique, by which a row is found; null: all columns together, with a
 * multiplicity. `partitionKeys`: the columns whose hash has routed the rows to their subtask, in hash order; empty on one subtask; all columns
 * where rows that are only ever added lie anywhere.
 */
export interface MaterializeSpec {
  readonly relation: string;
  /** The name users know, for messages. */
  readonly name: string;
  readonly key: readonly number[] | null;
  readonly partitionKeys: readonly number[];
  /** No rows of an epoch cancel out. */
  readonly net: boolean;
  /** Rows are changes by key in order of arrival: one put replaces what is there, one with a negative weight takes it away, whatever its other columns say. */
  readonly upsert: boolean;
  /** Rows that are only added go when they have been here for longer; null: they stay. */
  readonly retentionMs: number | null;
}

export const materializeSpecCodec: SpecCodec<MaterializeSpec> = {
  kind: 'materialize',
  version: 1,
  encode: (spec) => ({
    relation: spec.relation,
    name: spec.name,
    key: spec.key,
    partitionKeys: spec.partitionKeys,
    net: spec.net,
    ...(spec.upsert ? { upsert: true } : {}),
    ...(spec.retentionMs === null ? {} : { retentionMs: spec.retentionMs }),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      relation: reader.text('relation'),
      name: reader.text('name'),
      key: reader.nullable('key', reader.integers),
      partitionKeys: reader.integers('partitionKeys'),
      net: reader.boolean('net'),
      upsert: reader.has('upsert') && reader.boolean('upsert'),
      retentionMs: reader.nullable('retentionMs', reader.integer),
    };
  },
};
