import { SqlError, SqlState } from '../../base/index.ts';
import type { TableFunctionDefinition } from '../../spi/index.ts';
import {
  addDecimals,
  addToTimestamp,
  addToTimestamptz,
  compareDecimals,
  type Datum,
  type Decimal,
  decimalSign,
  type Interval,
  intervalSpan,
  ONE_DECIMAL,
  type SqlType,
  type TypeKind,
  typeOfKind,
} from '../../types/index.ts';

const EXAMPLES = { int4: ['1', '3', '1'], int8: ["int8 '1'", "int8 '3'", "int8 '1'"], numeric: ['1.0', '3.0', '1.0'] } as const;

const SERIES: Readonly<Record<'int4' | 'int8' | 'numeric', (args: readonly (Datum | null)[]) => Iterable<readonly Datum[]>>> = {
  int4: (args) => integers(args as number[]),
  int8: (args) => bigIntegers(args as bigint[]),
  numeric: (args) => decimals(args as Decimal[]),
};

/** generate_series of integers, numerics and timestamps. A step of zero is 22023. */
export const generateSeriesFunctions: readonly TableFunctionDefinition[] = [
  ...(['int4', 'int8', 'numeric'] as const).flatMap((kind) => [numberSeries(kind, false), numberSeries(kind, true)]),
  timestampSeries('timestamp'),
  timestampSeries('timestamptz'),
];

function numberSeries(kind: 'int4' | 'int8' | 'numeric', withStep: boolean): TableFunctionDefinition {
  const type = typeOfKind(kind);
  const [start, stop, step] = EXAMPLES[kind];
  return {
    name: 'generate_series',
    signature: `generate_series(${kind}, ${kind}${withStep ? `, ${kind}` : ''}) -> setof ${kind}`,
    argumentTypes: withStep ? [type, type, type] : [type, type],
    volatility: 'immutable',
    description: `Numbers from the first to the second argument${withStep ? ' by the step of the third' : ''}`,
    examples: [{ sql: `generate_series(${start}, ${stop}${withStep ? `, ${step}` : ''})`, result: kind === 'numeric' ? '1.0' : '1' }],
    columns: () => [{ name: 'generate_series', type }],
    evaluate: (args) => SERIES[kind](args),
  };
}

function timestampSeries(kind: 'timestamp' | 'timestamptz'): TableFunctionDefinition {
  const type: SqlType = typeOfKind(kind as TypeKind);
  const add = (value: bigint, step: Interval, zone: string): bigint =>
    kind === 'timestamp' ? addToTimestamp(value, step) : addToTimestamptz(value, step, zone);
  return {
    name: 'generate_series',
    signature: `generate_series(${kind}, ${kind}, interval) -> setof ${kind}`,
    argumentTypes: [type, type, { kind: 'interval' }],
    volatility: kind === 'timestamp' ? 'immutable' : 'stable',
    description: 'Timestamps from the first to the second argument by an interval',
    examples: [
      {
        sql: `generate_series(${kind} '2024-01-01 00:00${kind === 'timestamp' ? '' : '+00'}', '2024-01-02', '12 hours')`,
        result: `2024-01-01 00:00:00${kind === 'timestamp' ? '' : '+00'}`,
      },
    ],
    columns: () => [{ name: 'generate_series', type }],
    evaluate: function* (args, context): Iterable<readonly Datum[]> {
      const [start, stop, step] = args as [bigint, bigint, Interval];
      const direction = intervalSpan(step);
      if (direction === 0n) throw zeroStepError();
      for (let value = start; direction > 0n ? value <= stop : value >= stop; value = add(value, step, context.timeZone)) yield [value];
    },
  };
}

/** An int4 as a number: one step past the last value, which may be past the type, is an exact one. */
function* integers([start, stop, step = 1]: readonly number[]): Iterable<readonly Datum[]> {
  if (step === 0) throw zeroStepError();
  for (let value = start!; step > 0 ? value <= stop! : value >= stop!; value += step) yield [value];
}

function* bigIntegers([start, stop, step = 1n]: readonly bigint[]): Iterable<readonly Datum[]> {
  if (step === 0n) throw zeroStepError();
  for (let value = start!; step > 0n ? value <= stop! : value >= stop!; value += step) yield [value];
}

function* decimals(args: readonly Decimal[]): Iterable<readonly Datum[]> {
  const [start, stop, step = ONE_DECIMAL] = args as [Decimal, Decimal, Decimal?];
  for (const [what, value] of [
    ['start', start],
    ['stop', stop],
    ['step size', step],
  ] as const) {
    if (value.special !== undefined) {
      const word = value.special === 'NaN' ? 'NaN' : 'infinity';
      throw new SqlError({ code: SqlState.invalidParameterValue, message: `${what} value cannot be ${word}` });
    }
  }
  const direction = decimalSign(step);
  if (direction === 0) throw zeroStepError();
  for (let value = start; compareDecimals(value, stop) * direction <= 0; value = addDecimals(value, step)) yield [value];
}

function zeroStepError(): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: 'step size cannot equal zero' });
}
