import { type SpecCodec, SpecReader, textMapJson } from '../spec/index.ts';

/** Writes a changelog to a connector. `key`: positions of the upsert key, at most one record a key and epoch; null: append-only. */
export interface SinkSpec {
  /** The name users know, for messages. */
  readonly name: string;
  readonly connector: string;
  readonly options: ReadonlyMap<string, string>;
  readonly key: readonly number[] | null;
  /** No rows of an epoch cancel out. */
  readonly net: boolean;
}

export const sinkSpecCodec: SpecCodec<SinkSpec> = {
  kind: 'sink',
  version: 1,
  encode: (spec) => ({ name: spec.name, connector: spec.connector, options: textMapJson(spec.options), key: spec.key, net: spec.net }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      name: reader.text('name'),
      connector: reader.text('connector'),
      options: reader.textMap('options'),
      key: reader.nullable('key', reader.integers),
      net: reader.boolean('net'),
    };
  },
};
