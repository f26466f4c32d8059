import { type Expression, mapExpression } from '../../../expr/index.ts';
import { type LogicalPlan, rowColumns } from '../../logical/index.ts';
import { filtered } from '../split-filter.ts';
import { columnOf } from './columns.ts';
import { isNullable } from './nullability.ts';
import { outerValues } from './outer-values.ts';
import { equalIsIdentical, equalitySignature } from './same-value.ts';
import { type Dependence, keyCondition, type OuterKey, type Unnested } from './unnested.ts';

/** An unnested plan that has the values of outer columns among its own, and where. */
interface Bound {
  readonly unnested: Unnested;
  readonly position: (outerColumn: number) => number;
}

/** Gives the plan columns with the values of these outer columns: those of keys where they are the same value, joined in where not. */
export function bindOuter(unnested: Unnested, columns: readonly number[], dependence: Dependence): Bound {
  const known = new Map<number, number>();
  for (const key of unnested.keys) {
    if (key.outer.kind !== 'column') continue;
    const type = unnested.plan.fields[key.column]!.type;
    if (key.signature === null || (equalIsIdentical(type) && type.kind === key.outer.type.kind)) known.set(key.outer.index, key.column);
  }
  const missing = columns.filter((column) => !known.has(column));
  if (missing.length === 0) return { unnested, position: (column) => known.get(column)! };
  const joined = joinOuterValues(unnested, missing, dependence);
  return { unnested: joined.unnested, position: (column) => known.get(column) ?? joined.position(column) };
}

/** Joins the distinct values of outer columns in; what ties the plan to those alone is tested right there. */
export function joinOuterValues(unnested: Unnested, columns: readonly number[], dependence: Dependence): Bound {
  const { plan } = unnested;
  const width = plan.fields.length;
  const values = outerValues(dependence, columns);
  const position = (column: number): number => width + columns.indexOf(column);
  const crossed: LogicalPlan = {
    kind: 'join',
    left: plan,
    right: values,
    joinType: 'cross',
    condition: null,
    lateral: false,
    fields: [...plan.fields, ...values.fields],
  };
  const outerWidth = dependence.outer.fields.length;
  const within = (expression: Expression): boolean => rowColumns(expression).every((column) => column >= outerWidth || columns.includes(column));
  const settledKeys = unnested.keys.filter((key) => within(key.outer));
  const settled = [...settledKeys.map((key) => keyCondition(key, plan, outerWidth)), ...unnested.conditions.filter(within)];
  const added = columns.map((column): OuterKey => outerKey(column, position(column), dependence));
  return {
    unnested: {
      plan: filtered(
        crossed,
        settled.map((expression) => ontoPlan(expression, outerWidth, position)),
      ),
      keys: [...unnested.keys.filter((key) => !settledKeys.includes(key)), ...added],
      conditions: unnested.conditions.filter((condition) => !within(condition)),
      empty: unnested.empty,
      single: unnested.single,
    },
    position,
  };
}

/** A column that holds the value of an outer column itself. */
export function outerKey(outerColumn: number, column: number, { outer }: Dependence): OuterKey {
  const value = columnOf(outer.fields, outerColumn);
  const plain = !isNullable(outer, outerColumn) && equalIsIdentical(value.type) && value.type.kind !== 'varchar';
  return { column, outer: value, signature: plain ? equalitySignature(value.type) : null };
}

/** The same with keys only, as a grouping needs it. */
export function withoutConditions(unnested: Unnested, dependence: Dependence): Unnested {
  if (unnested.conditions.length === 0) return unnested;
  const width = dependence.outer.fields.length;
  const reads = new Set(unnested.conditions.flatMap(rowColumns).filter((column) => column < width));
  const bound = bindOuter(unnested, [...reads], dependence);
  const conditions = bound.unnested.conditions.map((condition) => ontoPlan(condition, width, bound.position));
  return { ...bound.unnested, plan: filtered(bound.unnested.plan, conditions), conditions: [] };
}

/** A condition over the outer row and the plan's row as one over the plan's row. */
function ontoPlan(condition: Expression, outerWidth: number, position: (outerColumn: number) => number): Expression {
  return mapExpression(condition, (node) =>
    node.kind === 'column' ? { ...node, index: node.index < outerWidth ? position(node.index) : node.index - outerWidth } : node,
  );
}
