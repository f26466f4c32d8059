import type { Expression, SubqueryExpression } from '../../../expr/index.ts';
import { boolType } from '../../../types/index.ts';
import { type LogicalPlan, subqueryPlan } from '../../logical/index.ts';
import { columnOf } from './columns.ts';
import { expressionIsNullable, isNullable } from './nullability.ts';
import { equal } from './same-value.ts';

/** `x op ANY (…)` and `x op ALL (…)` as one question: is there a row for which a condition is true, or unknown? */
export interface Comparison {
  /** Its columns are what is compared: the one column, or the fields of a row. */
  readonly plan: LogicalPlan;
  /** What each of the columns is compared with, over the row outside. */
  readonly inputs: readonly Expression[];
  /** The condition for values beside each other. */
  readonly condition: (inputs: readonly Expression[], values: readonly Expression[]) => Expression;
  /** The condition is that all are equal. */
  readonly equality: boolean;
  /** The expression is true where no row is. */
  readonly negated: boolean;
  /** NULL can come out of the condition. */
  readonly nullable: boolean;
}

/** ALL is true where nothing fails the comparison, so it asks for a row that does. */
export function comparisonOf(subquery: SubqueryExpression, outer: LogicalPlan): Comparison {
  const all = subquery.form === 'all';
  const { plan, inputs } = comparedParts(subquery);
  const signature = subquery.signature!;
  const call = (operator: string, one: readonly Expression[], other: readonly Expression[]): Expression => {
    return { kind: 'call', signature: operator, args: [one[0]!, other[0]!], type: boolType };
  };
  const fieldwise = inputs.length > 1;
  const symbol = symbolOf(signature);
  const asks = all ? (symbol === '<>' ? '=' : symbol === '=' ? '<>' : null) : symbol;
  const equality = asks === '=';
  const condition = (one: readonly Expression[], other: readonly Expression[]): Expression => {
    if (fieldwise) return allEqual(one, other, asks === '<>');
    if (!all) return call(signature, one, other);
    if (equality) return call(signature.replace(' <> ', ' = '), one, other);
    return { kind: 'logical', operator: 'not', args: [call(signature, one, other)], type: boolType };
  };
  const nullable = inputs.some((input, index) => expressionIsNullable(input, outer) || isNullable(plan, index));
  return { plan, inputs, condition, equality, negated: subquery.negated !== all, nullable };
}

/** Rows written as such are compared field by field, where fields are of one type each (PostgreSQL, "Row-wise Comparison"). */
function comparedParts(subquery: SubqueryExpression): { plan: LogicalPlan; inputs: readonly Expression[] } {
  const plan = subqueryPlan(subquery);
  const input = subquery.input!;
  const whole = { plan, inputs: [input] };
  const symbol = symbolOf(subquery.signature!);
  if (plan.kind !== 'project' || input.kind !== 'construct' || input.type.kind !== 'row' || (symbol !== '=' && symbol !== '<>')) return whole;
  const [value] = plan.expressions;
  const { type } = plan.fields[0]!;
  if (value?.kind !== 'construct' || type.kind !== 'row' || value.args.length !== input.args.length || input.args.length < 2) return whole;
  if (!value.args.every((arg, index) => arg.type.kind === input.args[index]!.type.kind)) return whole;
  const fields = value.args.map((arg, index) => ({ name: type.fields[index]!.name, type: arg.type }));
  return { plan: { ...plan, expressions: value.args, fields }, inputs: input.args };
}

function allEqual(one: readonly Expression[], other: readonly Expression[], negated: boolean): Expression {
  const args = one.map((left, index) => equal(left, other[index]!));
  const together: Expression = { kind: 'logical', operator: 'and', args, type: boolType };
  return negated ? { kind: 'logical', operator: 'not', args: [together], type: boolType } : together;
}

function symbolOf(signature: string): string | null {
  return /^\S+ (\S+) \S+ -> bool$/.exec(signature)?.[1] ?? null;
}

/** The compared columns of a plan that begins at `offset`. */
export function comparedValues(comparison: Comparison, plan: LogicalPlan, offset: number): Expression[] {
  return comparison.plan.fields.map((_, index) => columnOf(plan.fields, index, offset));
}
