import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { LimitPlan, SortKey, SortPlan } from '../logical/index.ts';
import type { ReferenceRun } from './reference-run.ts';
import { compareRows, type Row, type RowOrder } from './row.ts';

export function sortOrder(keys: readonly SortKey[]): RowOrder[] {
  return keys.map((key) => ({ type: key.expression.type, descending: key.descending, nullsFirst: key.nullsFirst }));
}

/** Stable sort; each row's keys are evaluated once. */
function sortRows(rows: readonly Row[], keys: readonly SortKey[], run: ReferenceRun): Row[] {
  const order = sortOrder(keys);
  const keyed = rows.map((row) => ({ row, values: keys.map((key) => run.value(key.expression, row)) }));
  return keyed.sort((left, right) => compareRows(left.values, right.values, order)).map((entry) => entry.row);
}

export function evaluateSort(plan: SortPlan, run: ReferenceRun): readonly Row[] {
  return sortRows(run.rows(plan.input), plan.keys, run);
}

/** LIMIT, OFFSET and WITH TIES. */
export function evaluateLimit(plan: LimitPlan, run: ReferenceRun): readonly Row[] {
  const { limit, offset } = limitBounds(plan, run);
  const rows = run.rows(plan.input);
  let end = limit === null ? rows.length : Math.min(rows.length, offset + limit);
  if (plan.withTies && plan.input.kind === 'sort' && end > offset) {
    const { keys } = plan.input;
    const order = sortOrder(keys);
    const values = (row: Row): Row => keys.map((key) => run.value(key.expression, row));
    const last = values(rows[end - 1]!);
    while (end < rows.length && compareRows(values(rows[end]!), last, order) === 0) end++;
  }
  return rows.slice(offset, end);
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
