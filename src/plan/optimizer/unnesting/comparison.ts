import type { Expression, SubqueryExpression } from '../../../expr/index.ts';
import { boolType } from '../../../types/index.ts';
import { type LogicalPlan, subqueryPlan } from '../../logical/index.ts';
import { columnOf } from './columns.ts';
import { expressionIsNullable, isNullable } from './nullability.ts';

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
  /** By column: NULL can come out of its comparison. */
  readonly nullable: readonly boolean[];
}

/** ALL is true where nothing fails the comparison, so it asks for a row that does. */
export function comparisonOf(subquery: SubqueryExpression, outer: LogicalPlan): Comparison {
  const { inputs, signatures } = subquery;
  const plan = subqueryPlan(subquery);
  const all = subquery.form === 'all';
  const symbol = inputs.length > 1 ? '=' : symbolOf(signatures[0]!);
  const equality = symbol === (all ? '<>' : '=');
  const asked = all && equality ? [signatures[0]!.replace(' <> ', ' = ')] : signatures;
  const condition = (one: readonly Expression[], other: readonly Expression[]): Expression => {
    const args = asked.map((signature, index): Expression => ({ kind: 'call', signature, args: [one[index]!, other[index]!], type: boolType }));
    const together: Expression = args.length === 1 ? args[0]! : { kind: 'logical', operator: 'and', args, type: boolType };
    return all && !equality ? { kind: 'logical', operator: 'not', args: [together], type: boolType } : together;
  };
  const nullable = inputs.map((input, index) => expressionIsNullable(input, outer) || isNullable(plan, index));
  return { plan, inputs, condition, equality, negated: subquery.negated !== all, nullable };
}

function symbolOf(signature: string): string | null {
  return /^\S+ (\S+) \S+ -> bool$/.exec(signature)?.[1] ?? null;
}

/** The compared columns of a plan that begins at `offset`. */
export function comparedValues(comparison: Comparison, plan: LogicalPlan, offset: number): Expression[] {
  return comparison.plan.fields.map((_, index) => columnOf(plan.fields, index, offset));
}
