import { type Expression, splitConjuncts } from '../../../expr/index.ts';
import { isLeftOnly, type JoinPlan, type LogicalPlan, moveColumns } from '../../logical/index.ts';
import type { OptimizerContext } from '../optimizer-rule.ts';
import { allOf, filtered } from '../split-filter.ts';
import { bindOuterReads, columnOf, oneRowNearer, selectColumns } from './columns.ts';
import { padded } from './empty-row.ts';
import { tieConditions, type Unnested } from './unnested.ts';
import { hasVolatile } from './volatile-plan.ts';

/**
 * A lateral join as a plain one, or as one whose right side is nothing but a table function, which is evaluated row by row anyway. Null: it cannot be
 * done.
 */
export function rewriteLateralJoin(
  join: JoinPlan,
  { functions }: OptimizerContext,
  unnestRight: (complete: boolean) => Unnested | null,
): LogicalPlan | null {
  const { left, right, joinType, condition } = join;
  const conjuncts = condition === null ? [] : splitConjuncts(condition);
  const inner = joinType === 'inner' || joinType === 'cross';
  // Nothing but a function over each row: that is what an operator does.
  if (right.kind === 'table-function' && conjuncts.length === 0 && (joinType === 'cross' || joinType === 'left')) {
    return condition === null ? join : { ...join, condition: null };
  }
  if (inner && !hasVolatile(left, functions)) {
    const crossed = besideEachRow(left, right);
    if (crossed !== null) return filtered(crossed, conjuncts);
  }
  const onlyPadded = inner || (joinType === 'left' && conjuncts.length === 0);
  const unnested = unnestRight(!onlyPadded);
  if (unnested === null) return null;
  const width = left.fields.length;
  const ties = tieConditions(unnested, width);
  if (unnested.empty !== null) {
    const pad = padded(unnested, right.fields.length, { offset: width, overLeft: (expression) => expression });
    const joined = plainJoin(join, pad.plan, { joinType: 'left', conditions: ties });
    const expressions = [...left.fields.map((_, index) => columnOf(left.fields, index)), ...right.fields.map((_, index) => pad.value(index))];
    return filtered({ kind: 'project', input: joined, expressions, fields: [...left.fields, ...right.fields] }, conjuncts);
  }
  const conditions = [...ties, ...conjuncts];
  const plain = inner ? (conditions.length === 0 ? 'cross' : 'inner') : joinType;
  const joined = plainJoin(join, unnested.plan, { joinType: plain, conditions });
  return selectColumns(
    joined,
    join.fields.map((_, index) => index),
  );
}

function plainJoin(
  { left }: JoinPlan,
  right: LogicalPlan,
  how: { readonly joinType: JoinPlan['joinType']; readonly conditions: readonly Expression[] },
): JoinPlan {
  return {
    kind: 'join',
    left,
    right,
    joinType: how.joinType,
    condition: allOf(how.conditions),
    lateral: false,
    fields: isLeftOnly(how.joinType) ? left.fields : [...left.fields, ...right.fields],
  };
}

/** Every row beside what a chain of projections and filters makes of it alone. Null where the chain ends in anything but a function or written rows. */
function besideEachRow(left: LogicalPlan, right: LogicalPlan): LogicalPlan | null {
  const width = left.fields.length;
  const fields = [...left.fields, ...right.fields];
  const own = left.fields.map((_, index) => columnOf(left.fields, index));
  const onBoth = (expression: Expression): Expression =>
    oneRowNearer(
      bindOuterReads(
        moveColumns(expression, (column) => column + width),
        (column) => column,
      ),
    );
  switch (right.kind) {
    case 'table-function':
      return { kind: 'join', left, right, joinType: 'cross', condition: null, lateral: true, fields };
    case 'values': {
      const rows = right.rows.map((row): LogicalPlan => ({ kind: 'project', input: left, expressions: [...own, ...row.map(onBoth)], fields }));
      if (rows.length === 0) return null;
      return rows.length === 1 ? rows[0]! : { kind: 'set-operation', operator: 'union', all: true, inputs: rows, fields };
    }
    case 'project': {
      const input = besideEachRow(left, right.input);
      return input && { kind: 'project', input, expressions: [...own, ...right.expressions.map(onBoth)], fields };
    }
    case 'filter': {
      const input = besideEachRow(left, right.input);
      return input && { kind: 'filter', input, predicate: onBoth(right.predicate), fields: input.fields };
    }
    default:
      return null;
  }
}
