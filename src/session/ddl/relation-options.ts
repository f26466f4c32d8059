import type { OptionDefinition } from '../../spi/index.ts';

/** Options every stream takes, whatever its connector. */
export const relationOptions: readonly OptionDefinition[] = [
  {
    name: 'on_error',
    type: 'choice',
    choices: ['store', 'fail', 'skip'],
    default: 'store',
    description: 'What happens with a message that cannot be decoded.',
  },
  {
    name: 'idle_timeout',
    aliases: ['scan.watermark.idle-timeout'],
    type: 'duration',
    description: 'A partition without rows for this long no longer holds the watermark back.',
  },
  {
    name: 'future_skew',
    type: 'duration',
    default: '1 day',
    description: 'Rows whose event time is further ahead of the clock than this are bad rows.',
  },
  {
    name: 'dead_letter_retention',
    type: 'text',
    default: '1 GB, 7 days',
    description: 'Read but not applied yet: late and bad rows are kept up to 1 GB, the newest.',
  },
  {
    name: 'force_append_only',
    type: 'boolean',
    description: "RisingWave's; without effect, since a sink that only takes new rows refuses a query that changes them.",
  },
  { name: 'retention', type: 'duration', description: 'Read but not applied yet: an embedded stream keeps its rows.' },
];

/** Options of a materialized view. */
export const viewOptions: readonly OptionDefinition[] = [
  { name: 'freshness', type: 'duration', description: "Flink's; without effect, since a view is never behind by more than an epoch." },
  { name: 'refresh_mode', type: 'choice', choices: ['continuous'], description: "Flink's; views are always kept up continuously." },
  {
    name: 'on_row_error',
    type: 'choice',
    choices: ['store', 'fail'],
    description: 'What happens with a row that cannot be computed; without it the setting of the session counts.',
  },
  {
    name: 'retain_history',
    type: 'duration',
    description: 'Older epochs stay readable this long: SELECT … AS OF EPOCH, SUBSCRIBE … AS OF. They are kept in memory and end with the process.',
  },
];

const unitsMs: Readonly<Record<string, number>> = { u: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a checked duration option (`30 s`, `5 minutes`). */
export function optionMs(text: string): number {
  const parts = /^([\d.]+)\s*([a-z]+)$/i.exec(text.trim())!;
  const unit = parts[2]!.toLowerCase();
  return Number(parts[1]) * unitsMs[unit === 'ms' ? 'ms' : unit[0]!]!;
}
