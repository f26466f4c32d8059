import type { FunctionDefinition } from '../../../expr/index.ts';
import { splitTimestamp, timestampToDate, timestamptzToTimestamp } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/**
 * The present: the transaction's start in a statement, the epoch's time in a view. proctime() is the same instant, as Flink's
 * TIMESTAMP_LTZ. CURRENT_TIMESTAMP and its kin are calls of these functions.
 */
export const presentFunctions: readonly FunctionDefinition[] = [
  ...(['now', 'transaction_timestamp', 'statement_timestamp', 'current_timestamp', 'proctime'] as const).map((name) =>
    defineFunction<[]>({
      signature: `${name}() -> timestamptz`,
      family: 'time',
      description:
        name === 'proctime' ? 'Processing time: the time of the epoch in a view' : 'The present: start of the transaction, or of the epoch in a view',
      examples: [[name === 'current_timestamp' ? 'current_timestamp = now()' : `${name}() >= '2000-01-01'`, 't']],
      volatility: 'stable',
      evaluate: (_args, context) => context.nowMicros,
    }),
  ),
  defineFunction<[]>({
    signature: 'localtimestamp() -> timestamp',
    family: 'time',
    description: 'The present in the session’s wall-clock time',
    examples: [['localtimestamp = now()::timestamp', 't']],
    volatility: 'stable',
    evaluate: (_args, context) => timestamptzToTimestamp(context.nowMicros, context.timeZone),
  }),
  defineFunction<[]>({
    signature: 'current_date() -> date',
    family: 'time',
    description: 'Today in the session’s time zone',
    examples: [['current_date = now()::date', 't']],
    volatility: 'stable',
    evaluate: (_args, context) => timestampToDate(timestamptzToTimestamp(context.nowMicros, context.timeZone)),
  }),
  defineFunction<[]>({
    signature: 'localtime() -> time',
    family: 'time',
    description: 'The time of day in the session’s time zone',
    examples: [['localtime = now()::time', 't']],
    volatility: 'stable',
    evaluate: (_args, context) => BigInt(splitTimestamp(timestamptzToTimestamp(context.nowMicros, context.timeZone)).timeMicros),
  }),
];
