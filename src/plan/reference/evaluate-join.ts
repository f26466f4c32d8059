import { type Expression, expressionColumns, mapExpression, splitConjuncts } from '../../expr/index.ts';
import { type SqlType, sameType } from '../../types/index.ts';
import type { JoinPlan } from '../logical/index.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** Every kind of join. Equalities are looked up in a hash table, a lateral right side is evaluated for each left row. */
export function evaluateJoin(plan: JoinPlan, run: ReferenceRun): readonly Row[] {
  const left = run.rows(plan.left);
  const right = plan.lateral ? [] : run.rows(plan.right);
  const candidates = plan.lateral ? lateralCandidates(plan, run) : hashedCandidates(plan, right, run);
  const condition = plan.condition === null ? null : run.test(plan.condition);
  const matchedRight = new Set<Row>();
  const result: Row[] = [];
  const noRight: Row = plan.right.fields.map(() => null);
  for (const row of left) {
    const matches = candidates(row).filter((other) => condition === null || condition([...row, ...other]));
    for (const match of matches) matchedRight.add(match);
    if (plan.joinType === 'semi') {
      if (matches.length > 0) result.push(row);
    } else if (plan.joinType === 'anti') {
      if (matches.length === 0) result.push(row);
    } else {
      for (const match of matches) result.push([...row, ...match]);
      if (matches.length === 0 && (plan.joinType === 'left' || plan.joinType === 'full')) result.push([...row, ...noRight]);
    }
  }
  if (plan.joinType === 'right' || plan.joinType === 'full') {
    const noLeft: Row = plan.left.fields.map(() => null);
    for (const other of right) if (!matchedRight.has(other)) result.push([...noLeft, ...other]);
  }
  return result;
}

type Candidates = (left: Row) => readonly Row[];

function lateralCandidates(plan: JoinPlan, run: ReferenceRun): Candidates {
  return (row) => run.under(row, () => run.rows(plan.right));
}

interface EqualPair {
  readonly left: Expression;
  readonly right: Expression;
  readonly type: SqlType;
}

/** Right rows that can match by the equality conjuncts, in their order; all of them when there is none. */
function hashedCandidates(plan: JoinPlan, right: readonly Row[], run: ReferenceRun): Candidates {
  const pairs = plan.condition === null ? [] : equalPairs(plan.condition, plan.left.fields.length);
  if (pairs.length === 0) return () => right;
  const types = pairs.map((pair) => pair.type);
  const buckets = new Map<string, Row[]>();
  for (const row of right) {
    const values = pairs.map((pair) => run.value(pair.right, row));
    if (values.includes(null)) continue;
    const key = rowKey(types, values);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [row]);
    else bucket.push(row);
  }
  return (row) => {
    const values = pairs.map((pair) => run.value(pair.left, row));
    return values.includes(null) ? [] : (buckets.get(rowKey(types, values)) ?? []);
  };
}

/** Equalities of a left and a right expression of one type, free of subqueries and outer columns' surprises. */
function equalPairs(condition: Expression, leftWidth: number): EqualPair[] {
  const pairs: EqualPair[] = [];
  for (const conjunct of splitConjuncts(condition)) {
    // A conjunct behind one that may fail must not be tested first, so only leading equalities count.
    if (conjunct.kind !== 'call' || conjunct.args.length !== 2 || !/^\S+ = \S+ -> bool$/.test(conjunct.signature)) break;
    const [a, b] = conjunct.args as [Expression, Expression];
    if (!sameType(a.type, b.type)) break;
    const [sideA, sideB] = [sideOf(a, leftWidth), sideOf(b, leftWidth)];
    if (sideA === 'left' && sideB === 'right') pairs.push({ left: a, right: shiftLeft(b, leftWidth), type: a.type });
    else if (sideA === 'right' && sideB === 'left') pairs.push({ left: b, right: shiftLeft(a, leftWidth), type: a.type });
    else break;
  }
  return pairs;
}

function sideOf(expression: Expression, leftWidth: number): 'left' | 'right' | null {
  if (expression.kind === 'subquery') return null;
  const columns = expressionColumns(expression);
  if (columns.length === 0) return null;
  if (columns.every((column) => column < leftWidth)) return 'left';
  return columns.every((column) => column >= leftWidth) ? 'right' : null;
}

function shiftLeft(expression: Expression, by: number): Expression {
  return mapExpression(expression, (node) => (node.kind === 'column' ? { ...node, index: node.index - by } : node));
}
