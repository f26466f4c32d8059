import { type Expression, splitConjuncts } from '../../../expr/index.ts';
import { freeOuterColumns, isLeftOnly, type JoinPlan, type LogicalPlan, mapOuterColumns, moveColumns } from '../../logical/index.ts';
import { allOf } from '../split-filter.ts';
import { bindOuter, joinOuterValues, outerKey } from './bind-outer.ts';
import { bindOuterReads, columnOf, outerReads, selectColumns } from './columns.ts';
import { complete } from './empty-row.ts';
import { sameValue } from './same-value.ts';
import { addConditions } from './unnest-filter.ts';
import { moveTies } from './unnest-project.ts';
import type { Dependence, Unnested } from './unnested.ts';

export function unnestJoin(plan: JoinPlan, dependence: Dependence): Unnested | null {
  switch (plan.joinType) {
    case 'inner':
    case 'cross':
      return plan.lateral ? unnestBelowLeft(plan, dependence) : unnestInner(plan, dependence);
    case 'right':
      return unnestSwapped(plan, dependence);
    case 'full':
      return unnestFull(plan, dependence);
    default:
      return unnestBelowLeft(plan, dependence);
  }
}

/** Both sides by themselves, with the ties of both; conditions on the outer row are as good above the join. */
function unnestInner(plan: JoinPlan, dependence: Dependence): Unnested | null {
  const leftBelow = dependence.unnest(plan.left);
  const rightBelow = leftBelow && dependence.unnest(plan.right);
  if (leftBelow === null || rightBelow === null) return null;
  const left = complete(leftBelow, dependence);
  const right = complete(rightBelow, dependence);
  const [leftWidth, rightWidth] = [plan.left.fields.length, plan.right.fields.length];
  const wide = left.plan.fields.length;
  const crossed: LogicalPlan = {
    kind: 'join',
    left: left.plan,
    right: right.plan,
    joinType: 'cross',
    condition: null,
    lateral: false,
    fields: [...left.plan.fields, ...right.plan.fields],
  };
  const order = [
    ...range(0, leftWidth),
    ...range(wide, wide + rightWidth),
    ...range(leftWidth, wide),
    ...range(wide + rightWidth, crossed.fields.length),
  ];
  const outerWidth = dependence.outer.fields.length;
  const ofLeft = moveTies(left, outerWidth, (column) => order.indexOf(column));
  const ofRight = moveTies(right, outerWidth, (column) => order.indexOf(column + wide));
  const both: Unnested = {
    plan: selectColumns(crossed, order),
    keys: [...ofLeft.keys, ...ofRight.keys],
    conditions: [...ofLeft.conditions, ...ofRight.conditions],
    empty: null,
    single: left.single && right.single,
  };
  return addConditions(both, plan.condition === null ? [] : splitConjuncts(plan.condition), dependence);
}

/**
 * Where the right side decides only what becomes of a left row (outer, semi, anti, single, lateral joins), the outer values it reads come with the left
 * row: it then depends on that row alone.
 */
function unnestBelowLeft(plan: JoinPlan, dependence: Dependence): Unnested | null {
  const below = dependence.unnest(plan.left);
  if (below === null) return null;
  const reads = [...readsOfRight(plan), ...(plan.condition === null ? [] : outerReads(plan.condition))];
  const { unnested: left, position } = bindOuter(complete(below, dependence), [...new Set(reads)], dependence);
  const [leftWidth, wide] = [plan.left.fields.length, left.plan.fields.length];
  const spread = (column: number): number => (column < leftWidth ? column : column - leftWidth + wide);
  const condition = plan.condition && bindOuterReads(moveColumns(plan.condition, spread), position);
  const lateral = plan.lateral || readsOfRight(plan).length > 0;
  const leftOnly = isLeftOnly(plan.joinType);
  const joined: JoinPlan = {
    ...plan,
    left: left.plan,
    right: lateral ? onLeftRow(plan, position) : plan.right,
    condition,
    lateral,
    fields: leftOnly ? left.plan.fields : [...left.plan.fields, ...plan.right.fields],
  };
  const flat = lateral ? dependence.unnestLateralJoin(joined) : joined;
  if (flat === null) return null;
  const single = left.single && (leftOnly || plan.joinType === 'single');
  if (leftOnly) return { ...left, plan: flat, single };
  const order = [...range(0, leftWidth), ...range(wide, flat.fields.length), ...range(leftWidth, wide)];
  const ties = moveTies(left, dependence.outer.fields.length, (column) => order.indexOf(column));
  return { ...left, plan: selectColumns(flat, order), ...ties, single };
}

/** Columns of the outer row the right side reads; a lateral side has the left row in between. */
function readsOfRight(plan: JoinPlan): number[] {
  const depth = plan.lateral ? 2 : 1;
  return freeOuterColumns(plan.right).flatMap((column) => (column.depth === depth ? [column.index] : []));
}

/** The right side as one that reads the outer row's values from the left row. */
function onLeftRow(plan: JoinPlan, position: (outerColumn: number) => number): LogicalPlan {
  const ofOuter = plan.lateral ? 2 : 1;
  return mapOuterColumns(plan.right, (column, level) => {
    const depth = column.depth - level;
    if (depth === ofOuter) return { ...column, depth: level + 1, index: position(column.index) };
    if (plan.lateral || depth < 1) return column;
    return { ...column, depth: column.depth + 1 };
  });
}

function unnestSwapped(plan: JoinPlan, dependence: Dependence): Unnested | null {
  const [left, right] = [plan.left.fields.length, plan.right.fields.length];
  const swap = (column: number): number => (column < left ? column + right : column - left);
  const swapped: JoinPlan = {
    ...plan,
    joinType: 'left',
    left: plan.right,
    right: plan.left,
    condition: plan.condition && moveColumns(plan.condition, swap),
    fields: [...plan.right.fields, ...plan.left.fields],
  };
  const unnested = unnestBelowLeft(swapped, dependence);
  if (unnested === null) return null;
  const order = [...range(right, right + left), ...range(0, right), ...range(left + right, unnested.plan.fields.length)];
  const ties = moveTies(unnested, dependence.outer.fields.length, (column) => order.indexOf(column));
  return { ...unnested, plan: selectColumns(unnested.plan, order), ...ties };
}

/** Both sides for every outer value, joined for equal ones: a row without partner on one side has its outer values on the other. */
function unnestFull(plan: JoinPlan, dependence: Dependence): Unnested | null {
  const leftBelow = dependence.unnest(plan.left);
  const rightBelow = leftBelow && dependence.unnest(plan.right);
  if (leftBelow === null || rightBelow === null) return null;
  const columns = [...new Set(freeOuterColumns(plan).flatMap((column) => (column.depth === 1 ? [column.index] : [])))];
  const left = joinOuterValues(complete(leftBelow, dependence), columns, dependence);
  const right = joinOuterValues(complete(rightBelow, dependence), columns, dependence);
  const [leftWidth, wide] = [plan.left.fields.length, left.unnested.plan.fields.length];
  const fields = [...left.unnested.plan.fields, ...right.unnested.plan.fields];
  const spread = (column: number): number => (column < leftWidth ? column : column - leftWidth + wide);
  const pairs = columns.map((column) => [columnOf(fields, left.position(column)), columnOf(fields, wide + right.position(column))] as const);
  const condition = plan.condition && bindOuterReads(moveColumns(plan.condition, spread), left.position);
  const joined: JoinPlan = {
    kind: 'join',
    left: left.unnested.plan,
    right: right.unnested.plan,
    joinType: 'full',
    condition: allOf([...pairs.map(([one, other]) => sameValue(one, other)), ...(condition === null ? [] : [condition])]),
    lateral: false,
    fields,
  };
  const width = plan.fields.length;
  const values = pairs.map(([one, other]): Expression => ({ kind: 'coalesce', args: [one, other], type: one.type }));
  const projected: LogicalPlan = {
    kind: 'project',
    input: joined,
    expressions: [...plan.fields.map((_, index) => columnOf(fields, spread(index))), ...values],
    fields: [...plan.fields, ...pairs.map(([one]) => ({ name: 'key', type: one.type }))],
  };
  const keys = columns.map((column, index) => outerKey(column, width + index, dependence));
  return { plan: projected, keys, conditions: [], empty: null, single: false };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, index) => from + index);
}
