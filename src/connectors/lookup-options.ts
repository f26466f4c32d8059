import type { OptionDefinition } from '../spi/index.ts';

/** Flink's options of a table that is looked up. */
export const lookupOptions: readonly OptionDefinition[] = [
  {
    name: 'lookup.cache',
    type: 'choice',
    choices: ['NONE', 'PARTIAL'],
    description: 'PARTIAL: rows looked up lately are kept and not asked for again. NONE unless one of the options of the cache is given.',
  },
  {
    name: 'lookup.partial-cache.max-rows',
    aliases: ['lookup.cache.max-rows'],
    type: 'integer',
    default: '10000',
    description: 'Rows the cache of a subtask holds; those not used for the longest time go.',
  },
  {
    name: 'lookup.partial-cache.expire-after-write',
    aliases: ['lookup.cache.ttl'],
    type: 'duration',
    description: 'A row is looked up again when this has passed since it was, by the time of epochs.',
  },
  {
    name: 'lookup.partial-cache.expire-after-access',
    type: 'duration',
    description: 'A row is looked up again when nobody has asked for it for so long.',
  },
  {
    name: 'lookup.partial-cache.cache-missing-key',
    type: 'boolean',
    default: 'true',
    description: 'That a key has no row is kept in the cache, too.',
  },
  {
    name: 'lookup.max-retries',
    type: 'integer',
    default: '3',
    description: 'How often a question is asked again after a failure that may pass, before the job fails and begins again from its checkpoint.',
  },
];
