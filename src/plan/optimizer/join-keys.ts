import { type Expression, type FunctionLookup, splitConjuncts } from '../../expr/index.ts';
import { type JoinPlan, moveColumns, rowColumns } from '../logical/index.ts';
import { hasSubquery } from './expression-facts.ts';
import { sameKeyType } from './key-type.ts';
import { allOf } from './split-filter.ts';

/** An equality between an expression of the left row and one of the right row, each over its own side. */
export interface JoinKey {
  readonly left: Expression;
  readonly right: Expression;
}

export interface JoinKeys {
  readonly keys: readonly JoinKey[];
  /** What is left of the condition, over the joined row; null for nothing. */
  readonly residual: Expression | null;
}

/** The equalities a join can be hashed by, and the rest of its condition. */
export function extractJoinKeys(join: JoinPlan, functions: FunctionLookup): JoinKeys {
  const width = join.left.fields.length;
  const keys: JoinKey[] = [];
  const rest: Expression[] = [];
  for (const conjunct of join.condition === null ? [] : splitConjuncts(join.condition)) {
    const key = keyOf(conjunct, width, functions);
    if (key === null) rest.push(conjunct);
    else keys.push(key);
  }
  return { keys, residual: allOf(rest) };
}

function keyOf(conjunct: Expression, width: number, functions: FunctionLookup): JoinKey | null {
  if (conjunct.kind !== 'call' || conjunct.args.length !== 2 || functions.function(conjunct.signature).name !== '=' || hasSubquery(conjunct))
    return null;
  const [first, second] = conjunct.args as [Expression, Expression];
  if (!sameKeyType(first.type, second.type)) return null;
  const toRight = (expression: Expression): Expression => moveColumns(expression, (index) => index - width);
  const [sideOfFirst, sideOfSecond] = [sideOf(first, width), sideOf(second, width)];
  if (sideOfFirst === 'left' && sideOfSecond === 'right') return { left: first, right: toRight(second) };
  if (sideOfFirst === 'right' && sideOfSecond === 'left') return { left: second, right: toRight(first) };
  return null;
}

function sideOf(expression: Expression, width: number): 'left' | 'right' | null {
  const columns = rowColumns(expression);
  if (columns.length === 0) return null;
  if (columns.every((column) => column < width)) return 'left';
  return columns.every((column) => column >= width) ? 'right' : null;
}
