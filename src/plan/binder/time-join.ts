import { type Expression, type FunctionLookup, visitExpression } from '../../expr/index.ts';
import { type AsOfJoinPlan, type AsOfTime, type LogicalPlan, moveColumns, rowColumns } from '../logical/index.ts';
import { sameKeyType } from '../optimizer/index.ts';
import { columnOf } from './row-scope.ts';

/** Two expressions, each over its own side. */
interface OnSides {
  readonly left: Expression;
  readonly right: Expression;
  /** The first one was the right side's. */
  readonly swapped: boolean;
}

/** Two operands over the joined row as one of each side, or null where they are not. */
export function onSides(first: Expression, second: Expression, width: number): OnSides | null {
  const [one, other] = [sideOf(first, width), sideOf(second, width)];
  if (one === null || other === null || one === other) return null;
  const toRight = (expression: Expression): Expression => moveColumns(expression, (index) => index - width);
  return one === 'left' ? { left: first, right: toRight(second), swapped: false } : { left: second, right: toRight(first), swapped: true };
}

function sideOf(expression: Expression, width: number): 'left' | 'right' | null {
  let subquery = false;
  visitExpression(expression, (node) => {
    if (node.kind === 'subquery') subquery = true;
  });
  const columns = rowColumns(expression);
  if (subquery || columns.length === 0) return null;
  if (columns.every((column) => column < width)) return 'left';
  return columns.every((column) => column >= width) ? 'right' : null;
}

/** `left = right` of types that can be hashed alike, or null. */
export function equalityOf(conjunct: Expression, width: number, functions: FunctionLookup): OnSides | null {
  if (conjunct.kind !== 'call' || conjunct.args.length !== 2 || functions.function(conjunct.signature).name !== '=') return null;
  const [first, second] = conjunct.args as [Expression, Expression];
  return sameKeyType(first.type, second.type) ? onSides(first, second, width) : null;
}

interface TimeJoinParts {
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly joinType: AsOfJoinPlan['joinType'];
  readonly keys: readonly { readonly left: Expression; readonly right: Expression }[];
  readonly time: ({ readonly left: Expression; readonly right: Expression } & Pick<AsOfTime, 'direction' | 'strict'>) | null;
  readonly temporal: boolean;
}

/** The join over the sides with what they are joined by as columns; the output has the sides' columns only. */
export function joinedByTime(parts: TimeJoinParts): LogicalPlan {
  const { joinType, keys, time, temporal } = parts;
  const left = withColumns(parts.left, [...keys.map((key) => key.left), ...(time === null ? [] : [time.left])]);
  const right = withColumns(parts.right, [...keys.map((key) => key.right), ...(time === null ? [] : [time.right])]);
  const plan: AsOfJoinPlan = {
    kind: 'as-of-join',
    left: left.plan,
    right: right.plan,
    joinType,
    leftKeys: left.positions.slice(0, keys.length),
    rightKeys: right.positions.slice(0, keys.length),
    time: time && { left: left.positions.at(-1)!, right: right.positions.at(-1)!, direction: time.direction, strict: time.strict },
    temporal,
    fields: [...left.plan.fields, ...right.plan.fields],
  };
  const leftWidth = parts.left.fields.length;
  const moved = left.plan.fields.length - leftWidth;
  const fields = [...parts.left.fields, ...parts.right.fields];
  if (fields.length === plan.fields.length) return plan;
  return {
    kind: 'project',
    input: plan,
    expressions: fields.map((field, index) => columnOf(index < leftWidth ? index : index + moved, field)),
    fields,
  };
}

/** A plan with expressions over it as columns behind its own, and where each of them is; plain columns are where they are. */
function withColumns(plan: LogicalPlan, wanted: readonly Expression[]): { readonly plan: LogicalPlan; readonly positions: readonly number[] } {
  const expressions: Expression[] = plan.fields.map((field, index) => columnOf(index, field));
  const fields = [...plan.fields];
  const positions = wanted.map((expression) => {
    if (expression.kind === 'column') return expression.index;
    fields.push({ name: `key${fields.length}`, type: expression.type });
    return expressions.push(expression) - 1;
  });
  return { plan: fields.length === plan.fields.length ? plan : { kind: 'project', input: plan, expressions, fields }, positions };
}
