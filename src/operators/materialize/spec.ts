import { type SpecCodec, SpecReader } from '../spec/index.ts';

/**
 * Keeps the content of `relation` readable. `key`: columns known to be unique, by which a row is found; null: all columns together, with a
 * multiplicity. `partitionKeyCount`: how many leading key columns (of `key`, or of the row) decide the key group; 0 on one subtask.
 */
export interface MaterializeSpec {
  readonly relation: string;
  /** The name users know, for messages. */
  readonly name: string;
  readonly key: readonly number[] | null;
  readonly partitionKeyCount: number;
}

export const materializeSpecCodec: SpecCodec<MaterializeSpec> = {
  kind: 'materialize',
  version: 1,
  encode: (spec) => ({ relation: spec.relation, name: spec.name, key: spec.key, partitionKeyCount: spec.partitionKeyCount }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      relation: reader.text('relation'),
      name: reader.text('name'),
      key: reader.nullable('key', reader.integers),
      partitionKeyCount: reader.integer('partitionKeyCount'),
    };
  },
};
