import type { EdgeColumn, Json } from '../../jobgraph/index.ts';
import type { LookupCache, LookupRetry, LookupSettings } from '../../spi/index.ts';
import { type SpecCodec, SpecReader, textMapJson, typeJson } from '../spec/index.ts';

/**
 * The first columns of the input are the values that rows are found by, one for each of `keys`; it is hashed by all of them.
 * Output: the input's columns, then `columns`.
 */
export interface LookupJoinSpec extends LookupSettings {
  readonly joinType: 'inner' | 'left';
  /** Names of the other system, types of the values asked for. */
  readonly keys: readonly EdgeColumn[];
  /** What is fetched, by the names of the other system. */
  readonly columns: readonly EdgeColumn[];
  /** Keys without a row are asked for again after a while; null: they have none. */
  readonly missRetry: LookupRetry | null;
}

export const lookupJoinSpecCodec: SpecCodec<LookupJoinSpec> = {
  kind: 'lookup-join',
  version: 1,
  encode: (spec) => ({
    joinType: spec.joinType,
    keys: spec.keys.map(columnJson),
    columns: spec.columns.map(columnJson),
    connector: spec.connector,
    options: textMapJson(spec.options),
    cache: spec.cache && { ...spec.cache },
    retriesMax: spec.retriesMax,
    missRetry: spec.missRetry && { ...spec.missRetry },
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    const cache = reader.nullable('cache', reader.object);
    const missRetry = reader.nullable('missRetry', reader.object);
    return {
      joinType: reader.choice('joinType', ['inner', 'left']),
      keys: reader.objects('keys').map(columnFromJson),
      columns: reader.objects('columns').map(columnFromJson),
      connector: reader.text('connector'),
      options: reader.textMap('options'),
      cache: cache && cacheFromJson(cache),
      retriesMax: reader.integer('retriesMax'),
      missRetry: missRetry && { delayMs: missRetry.integer('delayMs'), attemptsMax: missRetry.integer('attemptsMax') },
    };
  },
};

function columnJson({ name, type }: EdgeColumn): Json {
  return { name, type: typeJson(type) };
}

function columnFromJson(reader: SpecReader): EdgeColumn {
  return { name: reader.text('name'), type: reader.type('type') };
}

function cacheFromJson(reader: SpecReader): LookupCache {
  return {
    rowsMax: reader.integer('rowsMax'),
    expireAfterWriteMs: reader.nullable('expireAfterWriteMs', reader.integer),
    expireAfterAccessMs: reader.nullable('expireAfterAccessMs', reader.integer),
    missing: reader.boolean('missing'),
  };
}
