import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import { addToTimestamptz, type Interval } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { actionsOf, refuseToWait } from './session-action.ts';

const MICROS_PER_SECOND = 1_000_000;
/** A longer sleep is as good as one without end: 292 years. */
const MICROS_MAX = 2n ** 63n - 1n;

/** Time that goes on within a statement, and waiting for it (PostgreSQL 9.9.5, 9.9.6). */
export const sleepFunctions: readonly FunctionDefinition[] = [
  defineFunction<[]>({
    signature: 'clock_timestamp() -> timestamptz',
    family: 'time',
    description: 'The time by the clock, which goes on while a statement runs',
    examples: [['clock_timestamp() >= now()', 't']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: (_args, context) => actionsOf(context, 'clock_timestamp').clockMicros(),
  }),
  defineFunction<[number]>({
    signature: 'pg_sleep(float8) -> void',
    family: 'system',
    description: 'Waits for so many seconds; the clock of a test moves on by them instead',
    examples: [['pg_sleep(0.01)', '']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: refuseToWait('pg_sleep'),
    waitFor: ([seconds], context) => sleep(context, 'pg_sleep', microsOf(seconds)),
  }),
  defineFunction<[Interval]>({
    signature: 'pg_sleep_for(interval) -> void',
    family: 'system',
    description: 'Waits for as long as the interval says',
    examples: [["pg_sleep_for('10 milliseconds')", '']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: refuseToWait('pg_sleep_for'),
    waitFor: async ([interval], context) => {
      const now = actionsOf(context, 'pg_sleep_for').clockMicros();
      return sleep(context, 'pg_sleep_for', addToTimestamptz(now, interval, context.timeZone) - now);
    },
  }),
  defineFunction<[bigint]>({
    signature: 'pg_sleep_until(timestamptz) -> void',
    family: 'system',
    description: 'Waits until the time has come',
    examples: [['pg_sleep_until(clock_timestamp())', '']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: refuseToWait('pg_sleep_until'),
    waitFor: async ([until], context) => sleep(context, 'pg_sleep_until', until - actionsOf(context, 'pg_sleep_until').clockMicros()),
  }),
];

async function sleep(context: EvaluationContext, name: string, micros: bigint): Promise<string> {
  if (micros > 0n) await actionsOf(context, name).sleep(micros);
  return '';
}

function microsOf(seconds: number): bigint {
  const micros = Math.round(seconds * MICROS_PER_SECOND);
  if (Number.isNaN(micros) || micros <= 0) return 0n;
  return micros >= Number(MICROS_MAX) ? MICROS_MAX : BigInt(micros);
}
