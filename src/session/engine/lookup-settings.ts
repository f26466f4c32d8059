import type { Relation } from '../../catalog/index.ts';
import type { LookupCache, LookupSettings } from '../../spi/index.ts';
import { optionMs } from '../ddl/relation-options.ts';
import type { EngineParts } from './engine-parts.ts';

const CACHE_ROWS_DEFAULT = 10_000;
const RETRIES_DEFAULT = 3;
/** Who gives one of them means to have a cache. */
const PARTIAL_CACHE = /^lookup\.partial-cache\./;

/** How the rows of a relation are fetched by key; null where its connector does not do that. */
export function lookupSettings({ options, splits }: Pick<Relation, 'options' | 'splits'>, parts: EngineParts): LookupSettings | null {
  const connector = options?.get('connector');
  if (options === null || connector === undefined || splits !== undefined) return null;
  if (parts.registries.connectors.get(connector)?.lookup === undefined) return null;
  const bound = parts.bindConnector(options);
  return {
    connector: bound.get('connector')!,
    options: bound,
    cache: cacheOf(options),
    retriesMax: Number(options.get('lookup.max-retries') ?? RETRIES_DEFAULT),
  };
}

function cacheOf(options: ReadonlyMap<string, string>): LookupCache | null {
  const isPartial = [...options.keys()].some((name) => PARTIAL_CACHE.test(name));
  if ((options.get('lookup.cache') ?? (isPartial ? 'PARTIAL' : 'NONE')).toUpperCase() === 'NONE') return null;
  const duration = (name: string): number | null => {
    const text = options.get(`lookup.partial-cache.${name}`);
    return text === undefined ? null : Math.ceil(optionMs(text));
  };
  return {
    rowsMax: Number(options.get('lookup.partial-cache.max-rows') ?? CACHE_ROWS_DEFAULT),
    expireAfterWriteMs: duration('expire-after-write'),
    expireAfterAccessMs: duration('expire-after-access'),
    missing: (options.get('lookup.partial-cache.cache-missing-key') ?? 'true').toLowerCase() === 'true',
  };
}
