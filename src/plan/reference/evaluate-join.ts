import { type Expression, expressionColumns, mapExpression, severalRowsError, splitConjuncts } from '../../expr/index.ts';
import { type SqlType, sameType } from '../../types/index.ts';
import { isLeftOnly, type JoinPlan, keepsLeft, keepsRight } from '../logical/index.ts';
import { BREATH, gather, inPieces, PIECE_ROWS, type Pieces, type Steps } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** Every kind of join. Equalities are looked up in a hash table, a lateral right side is evaluated for each left row. */
export function* evaluateJoin(plan: JoinPlan, run: ReferenceRun): Pieces {
  const right = plan.lateral ? [] : yield* gather(run.pieces(plan.right));
  const candidates = plan.lateral ? lateralCandidates(plan, run) : yield* hashedCandidates(plan, right, run);
  const probe = new Probe(plan, run);
  for (const rows of run.pieces(plan.left)) {
    for (const row of rows) yield* probe.row(row, yield* candidates(row));
    yield probe.take();
  }
  if (!keepsRight(plan.joinType)) return;
  const noLeft: Row = plan.left.fields.map(() => null);
  for (const others of inPieces(right)) yield others.filter((other) => !probe.matchedRight.has(other)).map((other) => [...noLeft, ...other]);
}

/** Left rows against their candidates. A breath comes after so many comparisons, since a cross join finds millions of them for one row. */
class Probe {
  readonly matchedRight = new Set<Row>();
  readonly #plan: JoinPlan;
  readonly #condition: ((row: Row) => boolean) | null;
  readonly #noRight: Row;
  #found: Row[] = [];
  #compared = 0;

  constructor(plan: JoinPlan, run: ReferenceRun) {
    this.#plan = plan;
    this.#condition = plan.condition === null ? null : run.test(plan.condition);
    this.#noRight = plan.right.fields.map(() => null);
  }

  *row(row: Row, candidates: readonly Row[]): Pieces {
    const { joinType } = this.#plan;
    const paired = !isLeftOnly(joinType);
    const unmatchedRight = keepsRight(joinType);
    let matched = false;
    for (const other of candidates) {
      if (++this.#compared % PIECE_ROWS === 0) yield this.take();
      const both = [...row, ...other];
      if (this.#condition !== null && !this.#condition(both)) continue;
      if (matched && joinType === 'single') throw severalRowsError();
      matched = true;
      if (unmatchedRight) this.matchedRight.add(other);
      if (paired) this.#found.push(both);
    }
    if (joinType === 'semi' ? matched : joinType === 'anti' && !matched) this.#found.push(row);
    else if (!matched && keepsLeft(joinType)) this.#found.push([...row, ...this.#noRight]);
  }

  take(): readonly Row[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }
}

type Candidates = (left: Row) => Steps<readonly Row[]>;

function lateralCandidates(plan: JoinPlan, run: ReferenceRun): Candidates {
  return (row) => run.stepsUnder(row, () => gather(run.pieces(plan.right)));
}

interface EqualPair {
  readonly left: Expression;
  readonly right: Expression;
  readonly type: SqlType;
}

/** Right rows that can match by the equality conjuncts, in their order; all of them when there is none. */
function* hashedCandidates(plan: JoinPlan, right: readonly Row[], run: ReferenceRun): Steps<Candidates> {
  const pairs = plan.condition === null ? [] : equalPairs(plan.condition, plan.left.fields.length);
  if (pairs.length === 0) return () => at(right);
  const types = pairs.map((pair) => pair.type);
  const buckets = new Map<string, Row[]>();
  for (const rows of inPieces(right)) {
    for (const row of rows) {
      const values = pairs.map((pair) => run.value(pair.right, row));
      if (values.includes(null)) continue;
      const key = rowKey(types, values);
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [row]);
      else bucket.push(row);
    }
    yield BREATH;
  }
  return (row) => {
    const values = pairs.map((pair) => run.value(pair.left, row));
    return at(values.includes(null) ? [] : (buckets.get(rowKey(types, values)) ?? []));
  };
}

/** What is at hand already. */
// biome-ignore lint/correctness/useYield: it has nothing to wait for.
function* at(rows: readonly Row[]): Steps<readonly Row[]> {
  return rows;
}

/** Equalities of a left and a right expression of one type, free of subqueries and outer columns' surprises. */
export function equalPairs(condition: Expression, leftWidth: number): EqualPair[] {
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
