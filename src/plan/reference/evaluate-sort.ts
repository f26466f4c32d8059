import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { LimitPlan, SortKey, SortPlan } from '../logical/index.ts';
import { BREATH, gather, inPieces, limitHeld, PIECE_ROWS, type Pieces, type Steps, sortInSteps } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { compareRows, type Row, type RowOrder } from './row.ts';
import { orderTies } from './tie-order.ts';

export function sortOrder(keys: readonly SortKey[]): RowOrder[] {
  return keys.map((key) => ({ type: key.expression.type, descending: key.descending, nullsFirst: key.nullsFirst }));
}

/** Stable sort; each row's keys are evaluated once. */
export function* evaluateSort(plan: SortPlan, run: ReferenceRun): Pieces {
  yield* sortedPieces(yield* sortedRows(plan, run));
}

/** The same with one order of equal rows, for whoever takes some of them only: which ones must not depend on how they came. */
export function* evaluateTotalSort(plan: SortPlan, run: ReferenceRun): Pieces {
  const sorted = yield* sortedRows(plan, run);
  const order = sortOrder(plan.keys);
  yield* orderTies(sorted, (left, right) => compareRows(left.values, right.values, order) === 0, plan.fields);
  yield* sortedPieces(sorted);
}

interface SortedRow {
  readonly row: Row;
  readonly values: Row;
}

function* sortedRows({ input, keys, fields }: SortPlan, run: ReferenceRun): Steps<SortedRow[]> {
  const order = sortOrder(keys);
  const keyed: SortedRow[] = [];
  for (const rows of run.pieces(input)) {
    for (const row of rows) keyed.push({ row, values: keys.map((key) => run.value(key.expression, row)) });
    limitHeld(keyed.length, fields.length + keys.length);
    yield BREATH;
  }
  return yield* sortInSteps(keyed, (left, right) => compareRows(left.values, right.values, order));
}

function* sortedPieces(sorted: readonly SortedRow[]): Pieces {
  for (let at = 0; at < sorted.length; at += PIECE_ROWS) yield sorted.slice(at, at + PIECE_ROWS).map((entry) => entry.row);
}

/** LIMIT, OFFSET and WITH TIES. Its input is asked for no more than it takes. */
export function* evaluateLimit(plan: LimitPlan, run: ReferenceRun): Pieces {
  const { limit, offset } = limitBounds(plan, run);
  if (plan.withTies && limit !== null && plan.input.kind === 'sort') {
    yield* limitWithTies(plan.input, { limit, offset }, run);
    return;
  }
  let skip = offset;
  let missing = limit ?? Number.POSITIVE_INFINITY;
  if (missing === 0) return;
  for (const rows of plan.input.kind === 'sort' ? evaluateTotalSort(plan.input, run) : run.pieces(plan.input)) {
    const from = Math.min(skip, rows.length);
    skip -= from;
    const taken = rows.slice(from, Math.min(rows.length, from + missing));
    missing -= taken.length;
    yield taken;
    if (missing <= 0) return;
  }
}

function* limitWithTies(input: SortPlan, bounds: { readonly limit: number; readonly offset: number }, run: ReferenceRun): Pieces {
  const rows = yield* gather(evaluateTotalSort(input, run));
  let end = Math.min(rows.length, bounds.offset + bounds.limit);
  if (end > bounds.offset) {
    const order = sortOrder(input.keys);
    const values = (row: Row): Row => input.keys.map((key) => run.value(key.expression, row));
    const last = values(rows[end - 1]!);
    while (end < rows.length && compareRows(values(rows[end]!), last, order) === 0) end++;
  }
  yield* inPieces(rows.slice(bounds.offset, end));
}

/** Errors: 2201W and 2201X for negative counts. */
export function limitBounds(plan: LimitPlan, run: ReferenceRun): { readonly limit: number | null; readonly offset: number } {
  const limit = count(plan.limit, run);
  const offset = count(plan.offset, run);
  if (limit !== null && limit < 0) throw new SqlError({ code: SqlState.invalidRowCountInLimitClause, message: 'LIMIT must not be negative' });
  if (offset !== null && offset < 0) throw new SqlError({ code: SqlState.invalidRowCountInOffsetClause, message: 'OFFSET must not be negative' });
  return { limit, offset: offset ?? 0 };
}

function count(expression: Expression | null, run: ReferenceRun): number | null {
  const value = expression === null ? null : run.value(expression, []);
  return value === null ? null : Number(value);
}
