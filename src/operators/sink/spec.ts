import { type SpecCodec, SpecReader, textMapJson } from '../spec/index.ts';

/**
 * Writes a changelog to a connector. `key`: positions of the sink's key, by which records are routed; null: it has none. Without `changes` there is at most
 * one record a key and epoch; with them every row that goes is written, then every one that comes.
 */
export interface SinkSpec {
  /** The name users know, for messages. */
  readonly name: string;
  readonly connector: string;
  readonly options: ReadonlyMap<string, string>;
  readonly key: readonly number[] | null;
  readonly changes: boolean;
  /** Rows are only added, and each is a record: `key` is no more than what stands in front of it. */
  readonly appends: boolean;
  /** No rows of an epoch cancel out. */
  readonly net: boolean;
}

export const sinkSpecCodec: SpecCodec<SinkSpec> = {
  kind: 'sink',
  version: 1,
  encode: (spec) => ({
    name: spec.name,
    connector: spec.connector,
    options: textMapJson(spec.options),
    key: spec.key,
    net: spec.net,
    ...(spec.changes ? { changes: true } : {}),
    ...(spec.appends ? { appends: true } : {}),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      name: reader.text('name'),
      connector: reader.text('connector'),
      options: reader.textMap('options'),
      key: reader.nullable('key', reader.integers),
      changes: reader.has('changes') && reader.boolean('changes'),
      appends: reader.has('appends') && reader.boolean('appends'),
      net: reader.boolean('net'),
    };
  },
};
