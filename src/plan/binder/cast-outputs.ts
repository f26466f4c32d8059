import { type Expression, mapExpression } from '../../expr/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import type { BindState } from './bind-state.ts';
import { resolveUnknown } from './coercion.ts';
import { coerceExactly } from './common-type.ts';
import { columnOf } from './row-scope.ts';

type Project = Extract<LogicalPlan, { readonly kind: 'project' }>;

/** Turns an output column into another. */
type OutputChange = (column: Expression, index: number) => Expression;

/** The plan with its output columns changed: inside its own Project where it has one, so that literals get their type in place. */
export function changeOutputs(plan: LogicalPlan, change: OutputChange): LogicalPlan {
  if (plan.kind === 'project') {
    const typed = plan.expressions.some(isUntypedColumn) ? typedThrough(plan, change) : plan;
    const expressions = typed.expressions.map(change);
    if (expressions.every((expression, index) => expression === typed.expressions[index])) return typed;
    return { ...typed, expressions, fields: plan.fields.map((field, index) => ({ name: field.name, type: expressions[index]!.type })) };
  }
  if (plan.kind === 'values') {
    const rows = plan.rows.map((row) => row.map(change));
    return { ...plan, rows, fields: plan.fields.map((field, index) => ({ name: field.name, type: rows[0]?.[index]?.type ?? field.type })) };
  }
  if (plan.kind === 'limit') {
    const input = changeOutputs(plan.input, change);
    return input === plan.input ? plan : { ...plan, input, fields: input.fields };
  }
  if (plan.kind === 'sort' && plan.fields.some(isUntyped)) return wrapOutputs(typedBelow(plan, change), change);
  return wrapOutputs(plan, change);
}

function isUntyped({ type }: { readonly type: SqlType }): boolean {
  return type.kind === 'unknown';
}

/** An untyped column of a SELECT's list is a literal, the same in every row: the order does not depend on its type. */
function typedBelow(plan: Extract<LogicalPlan, { readonly kind: 'sort' }>, change: OutputChange): LogicalPlan {
  const input = changeOutputs(plan.input, (column, index) => (isUntyped(plan.fields[index]!) ? change(column, index) : column));
  const typed = (node: Expression): Expression => (node.kind === 'column' ? { ...node, type: input.fields[node.index]!.type } : node);
  return { ...plan, input, keys: plan.keys.map((key) => ({ ...key, expression: mapExpression(key.expression, typed) })), fields: input.fields };
}

function isUntypedColumn(expression: Expression): boolean {
  return expression.kind === 'column' && isUntyped(expression);
}

/** As typedBelow, where columns for sorting are cut off above. */
function typedThrough(plan: Project, change: OutputChange): Project {
  const outputOf = (position: number): number => plan.expressions.findIndex((one) => one.kind === 'column' && one.index === position);
  const input = changeOutputs(plan.input, (column, position) => {
    const index = isUntyped(plan.input.fields[position]!) ? outputOf(position) : -1;
    return index < 0 ? column : change(column, index);
  });
  const expressions = plan.expressions.map((one) => (one.kind === 'column' ? { ...one, type: input.fields[one.index]!.type } : one));
  return { ...plan, input, expressions, fields: plan.fields.map(({ name }, index) => ({ name, type: expressions[index]!.type })) };
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
