import { type Expression, splitConjuncts, visitExpression } from '../../expr/index.ts';
import type { Interval } from '../../types/index.ts';

const MICROS_PER_DAY = 86_400_000_000n;

/** Functions of the moment: what they say changes without any row changing. proctime() is not one of them: it is fixed with a row's epoch. */
const MOMENT = /^(now|current_timestamp|localtimestamp|current_date|current_time|localtime|transaction_timestamp|statement_timestamp)\(\) -> /;
/** Those of them that are the time of the epoch itself; views know no time zone but UTC. */
const INSTANT = /^(now|current_timestamp|localtimestamp|transaction_timestamp|statement_timestamp)\(\) -> /;
const COMPARISON = /^timestamp(?:tz)? (<|<=|>|>=) timestamp(?:tz)? -> /;
const SHIFT = /^timestamp(?:tz)? ([+-]) interval -> /;

export type TemporalOperator = '<' | '<=' | '>' | '>=';

/** `row operator now() + shiftMicros`, where `row` does not depend on the moment. */
export interface TemporalCondition {
  readonly row: Expression;
  readonly operator: TemporalOperator;
  readonly shiftMicros: bigint;
}

export interface TemporalFilter {
  readonly conditions: readonly TemporalCondition[];
  /** The other conjuncts; one of them may still depend on the moment, in a form that cannot be kept up to date. */
  readonly rest: readonly Expression[];
}

/** Splits a predicate into bounds by the present and the rest. */
export function splitTemporalFilter(predicate: Expression): TemporalFilter {
  const conditions: TemporalCondition[] = [];
  const rest: Expression[] = [];
  for (const conjunct of splitConjuncts(predicate)) {
    const condition = conditionOf(conjunct);
    if (condition === null) rest.push(conjunct);
    else conditions.push(condition);
  }
  return { conditions, rest };
}

/** The first call of a function of the moment, or null. */
export function momentCall(expression: Expression): Extract<Expression, { kind: 'call' }> | null {
  let found: Extract<Expression, { kind: 'call' }> | null = null;
  visitExpression(expression, (node) => {
    if (found === null && node.kind === 'call' && MOMENT.test(node.signature)) found = node;
  });
  return found;
}

const MIRRORED: Readonly<Record<TemporalOperator, TemporalOperator>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function conditionOf(conjunct: Expression): TemporalCondition | null {
  if (conjunct.kind !== 'call') return null;
  const operator = COMPARISON.exec(conjunct.signature)?.[1] as TemporalOperator | undefined;
  if (operator === undefined) return null;
  const [left, right] = conjunct.args as [Expression, Expression];
  const [rightShift, leftShift] = [shiftOf(right), shiftOf(left)];
  if (rightShift !== null && momentCall(left) === null) return { row: left, operator, shiftMicros: rightShift };
  if (leftShift !== null && momentCall(right) === null) return { row: right, operator: MIRRORED[operator], shiftMicros: leftShift };
  return null;
}

/** How far an expression is ahead of the present, in microseconds; null when it is anything else. */
function shiftOf(expression: Expression): bigint | null {
  if (expression.kind === 'cast') return isTimestamp(expression) && isTimestamp(expression.input) ? shiftOf(expression.input) : null;
  if (expression.kind !== 'call') return null;
  if (INSTANT.test(expression.signature)) return 0n;
  const sign = SHIFT.exec(expression.signature)?.[1];
  const [base, interval] = expression.args;
  if (sign === undefined || interval?.kind !== 'literal' || interval.value === null) return null;
  const { months, days, micros } = interval.value as Interval;
  const shift = shiftOf(base!);
  // Months have no fixed length, and their ends would let rows come back.
  if (shift === null || months !== 0) return null;
  const distance = BigInt(days) * MICROS_PER_DAY + micros;
  return sign === '+' ? shift + distance : shift - distance;
}

function isTimestamp(expression: Expression): boolean {
  const { type } = expression;
  return type.kind === 'timestamptz' || (type.kind === 'timestamp' && type.precision === 6);
}
