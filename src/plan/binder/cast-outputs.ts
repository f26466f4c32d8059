import type { Expression } from '../../expr/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import type { BindState } from './bind-state.ts';
import { resolveUnknown } from './coercion.ts';
import { coerceExactly } from './common-type.ts';
import { columnOf } from './row-scope.ts';

/** Turns an output column into another. */
type OutputChange = (column: Expression, index: number) => Expression;

/** The plan with its output columns changed: inside its own Project where it has one, so that literals get their type in place. */
export function changeOutputs(plan: LogicalPlan, change: OutputChange): LogicalPlan {
  if (plan.kind === 'project') {
    const expressions = plan.expressions.map(change);
    if (expressions.every((expression, index) => expression === plan.expressions[index])) return plan;
    return { ...plan, expressions, fields: plan.fields.map((field, index) => ({ name: field.name, type: expressions[index]!.type })) };
  }
  if (plan.kind === 'values') {
    const rows = plan.rows.map((row) => row.map(change));
    return { ...plan, rows, fields: plan.fields.map((field, index) => ({ name: field.name, type: rows[0]?.[index]?.type ?? field.type })) };
  }
  if (plan.kind === 'limit') {
    const input = changeOutputs(plan.input, change);
    return input === plan.input ? plan : { ...plan, input, fields: input.fields };
  }
  return wrapOutputs(plan, change);
}

function wrapOutputs(plan: LogicalPlan, change: OutputChange): LogicalPlan {
  const columns = plan.fields.map((field, index) => columnOf(index, field));
  const expressions = columns.map(change);
  if (expressions.every((expression, index) => expression === columns[index])) return plan;
  return {
    kind: 'project',
    input: plan,
    expressions,
    fields: plan.fields.map((field, index) => ({ name: field.name, type: expressions[index]!.type })),
  };
}

/** Untyped output columns become text. */
export function resolveOutputs(plan: LogicalPlan, state: BindState): LogicalPlan {
  if (plan.fields.every((field) => field.type.kind !== 'unknown' && field.type.kind !== 'row')) return plan;
  return changeOutputs(plan, (column) => resolveUnknown(column, state));
}

/** Output columns brought to types they are known to reach implicitly. */
export function castOutputs(plan: LogicalPlan, types: readonly SqlType[], state: BindState): LogicalPlan {
  return changeOutputs(plan, (column, index) => coerceExactly(column, types[index]!, state));
}
