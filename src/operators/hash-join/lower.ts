import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, expressionColumns, mapExpression, printBoundExpression, splitConjuncts } from '../../expr/index.ts';
import type { JoinPlan } from '../../plan/logical/index.ts';
import { exactlyKeyedInput, type Lowering, type PhysicalInput, type PhysicalPlan } from '../../plan/physical/index.ts';
import { sameType } from '../../types/index.ts';
import { type CalcColumn, calcNode, passThrough } from '../calc/lower.ts';
import { hashJoinSpecCodec } from './spec.ts';

/** Inner and cross joins. Equalities between the sides are hashed, the rest is tested on the joined row. */
export const lowerHashJoin: Lowering = {
  operator: 'hash-join',
  lower(plan, context) {
    if (plan.kind !== 'join') return null;
    if (plan.joinType !== 'inner' && plan.joinType !== 'cross') {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `a continuous query cannot contain ${plan.joinType.toUpperCase()} joins yet`,
        hint: 'INNER JOIN is supported; a one-time SELECT over views supports all joins.',
      });
    }
    if (plan.lateral) throw new SqlError({ code: SqlState.featureNotSupported, message: 'a continuous query cannot contain LATERAL yet' });
    return hashJoin(plan, context.lower(plan.left), context.lower(plan.right));
  },
};

interface Keys {
  readonly left: readonly Expression[];
  readonly right: readonly Expression[];
  readonly residual: Expression | null;
}

/** Equality conjuncts `l = r` with one side's columns on either side of the sign. */
function splitKeys(condition: Expression | null, leftWidth: number): Keys {
  const left: Expression[] = [];
  const right: Expression[] = [];
  const rest: Expression[] = [];
  for (const conjunct of condition === null ? [] : splitConjuncts(condition)) {
    const pair = equality(conjunct, leftWidth);
    if (pair === null) rest.push(conjunct);
    else {
      left.push(pair.left);
      right.push(shift(pair.right, -leftWidth));
    }
  }
  const residual =
    rest.length === 0
      ? null
      : rest.length === 1
        ? rest[0]!
        : { kind: 'logical' as const, operator: 'and' as const, args: rest, type: { kind: 'bool' as const } };
  return { left, right, residual };
}

function equality(expression: Expression, leftWidth: number): { readonly left: Expression; readonly right: Expression } | null {
  if (expression.kind !== 'call' || expression.args.length !== 2 || !/^\S+ = \S+ -> bool$/.test(expression.signature)) return null;
  const [a, b] = expression.args as [Expression, Expression];
  if (!sameType(a.type, b.type)) return null;
  const sideOf = (one: Expression): 'left' | 'right' | null => {
    const columns = expressionColumns(one);
    if (columns.length === 0) return null;
    if (columns.every((column) => column < leftWidth)) return 'left';
    return columns.every((column) => column >= leftWidth) ? 'right' : null;
  };
  const [first, second] = [sideOf(a), sideOf(b)];
  if (first === 'left' && second === 'right') return { left: a, right: b };
  return first === 'right' && second === 'left' ? { left: b, right: a } : null;
}

function shift(expression: Expression, by: number): Expression {
  return mapExpression(expression, (node) => (node.kind === 'column' ? { ...node, index: node.index + by } : node));
}

function hashJoin(plan: JoinPlan, leftPlan: PhysicalPlan, rightPlan: PhysicalPlan): PhysicalPlan {
  const keys = splitKeys(plan.condition, leftPlan.columns.length);
  const left = withKeyColumns(leftPlan, keys.left);
  const right = withKeyColumns(rightPlan, keys.right);
  const leftWidth = left.plan.columns.length;
  const added = leftWidth - leftPlan.columns.length;
  const residual =
    keys.residual === null
      ? null
      : mapExpression(keys.residual, (node) =>
          node.kind === 'column' && node.index >= leftPlan.columns.length ? { ...node, index: node.index + added } : node,
        );
  const joined = joinNode({ left, right, residual, appendOnly: leftPlan.appendOnly && rightPlan.appendOnly });
  // Key columns made for hashing are not part of the result.
  const kept = [...leftPlan.columns.map((_, index) => index), ...rightPlan.columns.map((_, index) => leftWidth + index)];
  const output: CalcColumn[] = kept.map((index, position) => {
    const { name, type } = plan.fields[position]!;
    return { name, expression: { kind: 'column', index, name, type } };
  });
  return calcNode(joined, null, output);
}

interface KeyedSide {
  readonly plan: PhysicalPlan;
  readonly keys: readonly number[];
}

function withKeyColumns(plan: PhysicalPlan, keys: readonly Expression[]): KeyedSide {
  const columns = passThrough(plan);
  const positions = keys.map((key, index) => {
    if (key.kind === 'column') return key.index;
    return columns.push({ name: `key${index}`, expression: key }) - 1;
  });
  return { plan: calcNode(plan, null, columns), keys: positions };
}

function joinNode(parts: {
  readonly left: KeyedSide;
  readonly right: KeyedSide;
  readonly residual: Expression | null;
  readonly appendOnly: boolean;
}): PhysicalPlan {
  const { left, right, residual } = parts;
  const keyed = left.keys.length > 0;
  const input = (side: KeyedSide): PhysicalInput =>
    keyed
      ? exactlyKeyedInput(side.plan, side.keys)
      : { plan: side.plan, partitioner: { kind: side.plan.distribution.kind === 'single' ? 'forward' : 'global' } };
  const columns = [...left.plan.columns, ...right.plan.columns];
  const names = columns.map((column) => column.name);
  const equalities = left.keys.map((key, index) => `${left.plan.columns[key]!.name} = ${right.plan.columns[right.keys[index]!]!.name}`);
  const conditions = [...equalities, ...(residual === null ? [] : [printBoundExpression(residual, names)])];
  return {
    kind: 'operator',
    operator: {
      kind: hashJoinSpecCodec.kind,
      version: hashJoinSpecCodec.version,
      parameters: hashJoinSpecCodec.encode({ leftKeys: left.keys, rightKeys: right.keys, residual }),
      label: `Join ${conditions.length === 0 ? 'every pair' : conditions.join(' AND ')}`,
    },
    inputs: [input(left), input(right)],
    parallelism: keyed ? 'all' : 'one',
    columns,
    appendOnly: parts.appendOnly,
    net: false,
    distribution: keyed ? { kind: 'hash', keys: left.keys } : { kind: 'single' },
    uniqueKeys: [],
    window: left.plan.window,
    latenessMicros: commonLateness(left.plan.latenessMicros, right.plan.latenessMicros),
  };
}

/** An input without event time does not hold the other back. */
function commonLateness(left: bigint | null, right: bigint | null): bigint | null {
  if (left === null || right === null) return left ?? right;
  return left > right ? left : right;
}
