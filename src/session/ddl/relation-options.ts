import type { OptionDefinition } from '../../spi/index.ts';

export const DURATION_PATTERN = /^\d+(\.\d+)?\s*(us|ms|s|sec|second|seconds|min|m|minute|minutes|h|hour|hours|d|day|days)$/i;
export const SIZE_PATTERN = /^\d+\s*(b|kb|mb|gb|kib|mib|gib)$/i;

const deadLetterRetention: OptionDefinition = {
  name: 'dead_letter_retention',
  alterable: true,
  type: 'size, duration',
  default: '1 GB, 7 days',
  description: 'How much of its late rows and of its bad rows a subtask keeps, and for how long; the oldest go first.',
};

const slotSharingGroup: OptionDefinition = {
  name: 'slot_sharing_group',
  aliases: ['slot-sharing-group', 'slot.sharing.group'],
  alterable: true,
  type: 'name',
  default: 'default',
  description: 'The job shares slots with jobs of this group only (Flink). A group needs as many slots as the widest of its jobs has subtasks.',
};

/** Options every stream takes, whatever its connector. */
export const relationOptions: readonly OptionDefinition[] = [
  {
    name: 'on_error',
    alterable: true,
    type: 'choice',
    choices: ['store', 'fail', 'skip'],
    default: 'store',
    description: 'What happens with a message that cannot be decoded.',
  },
  {
    name: 'idle_timeout',
    alterable: true,
    aliases: ['scan.watermark.idle-timeout'],
    type: 'duration',
    description: 'A partition without rows for this long no longer holds the watermark back.',
  },
  {
    name: 'future_skew',
    alterable: true,
    type: 'duration',
    default: '1 day',
    description: 'Rows whose event time is further ahead of the clock than this are bad rows.',
  },
  deadLetterRetention,
  slotSharingGroup,
  {
    name: 'scan.partition',
    type: 'text',
    default: 'forward',
    description:
      "How rows come to the subtasks of jobs that read the relation, as the hint PARTITION says it for one of them: forward, rebalance, rescale, global or 'hash(column, …)'.",
  },
  {
    name: 'force_append_only',
    alterable: true,
    type: 'boolean',
    description: "RisingWave's; without effect, since a sink that only takes new rows refuses a query that changes them.",
  },
];

/** Options of a stream without a connector, whose rows fsql keeps itself. */
export const embeddedOptions: readonly OptionDefinition[] = [
  {
    name: 'retention',
    alterable: true,
    type: 'duration',
    description:
      'Rows that were written longer ago are no longer there for SELECT, SUBSCRIBE and views made from then on, and their space is given back; ' +
      'views that exist keep what they have counted. Without it rows stay.',
  },
  deadLetterRetention,
  slotSharingGroup,
];

/** Options of a materialized view. */
export const viewOptions: readonly OptionDefinition[] = [
  {
    name: 'freshness',
    alterable: true,
    type: 'duration',
    description: "Flink's; without effect, since a view is never behind by more than an epoch.",
  },
  { name: 'refresh_mode', alterable: true, type: 'choice', choices: ['continuous'], description: "Flink's; views are always kept up continuously." },
  {
    name: 'on_row_error',
    alterable: true,
    type: 'choice',
    choices: ['store', 'fail'],
    description: 'What happens with a row that cannot be computed; without it the setting of the session counts.',
  },
  {
    name: 'state_ttl',
    type: 'duration',
    description:
      'What joins, groups, partitions and DISTINCT keep goes when it has not been touched for so long; without it the setting of the session counts.',
  },
  {
    name: 'retain_history',
    alterable: true,
    type: 'duration',
    description: 'Older epochs stay readable this long: SELECT … AS OF EPOCH, SUBSCRIBE … AS OF. They are kept in memory and end with the process.',
  },
  slotSharingGroup,
];

const unitsMs: Readonly<Record<string, number>> = { u: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What is kept of late rows and of bad rows. */
export interface DeadLetterRetention {
  readonly bytesMax: number;
  readonly ageMaxMs: number;
}

/** Of a checked option (`1 GB, 7 days`); what it leaves out is as the default has it. */
export function deadLetterRetentionOf(text: string | undefined): DeadLetterRetention {
  const given = (text ?? '').split(',');
  const parts = [...given, ...deadLetterRetention.default!.split(',')];
  const size = parts.find((part) => SIZE_PATTERN.test(part.trim()))!;
  const age = parts.find((part) => DURATION_PATTERN.test(part.trim()))!;
  return { bytesMax: optionBytes(size), ageMaxMs: optionMs(age) };
}

const unitsBytes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes of a checked size option (`64 MB`). */
function optionBytes(text: string): number {
  const parts = /^(\d+)\s*([a-z]*)$/i.exec(text.trim())!;
  return Number(parts[1]) * unitsBytes[/^[kmg]/i.exec(parts[2]!)?.[0].toLowerCase() ?? '']!;
}

/** Milliseconds of a checked duration option (`30 s`, `5 minutes`). */
export function optionMs(text: string): number {
  const parts = /^([\d.]+)\s*([a-z]+)$/i.exec(text.trim())!;
  const unit = parts[2]!.toLowerCase();
  return Number(parts[1]) * unitsMs[unit === 'ms' ? 'ms' : unit[0]!]!;
}
