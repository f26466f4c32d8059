import type { DistinctPlan, SetOperationPlan } from '../logical/index.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** UNION, INTERSECT and EXCEPT, with and without ALL, by multiplicities. */
export function evaluateSetOperation(plan: SetOperationPlan, run: ReferenceRun): readonly Row[] {
  const inputs = plan.inputs.map((input) => run.rows(input));
  const types = plan.fields.map((field) => field.type);
  if (plan.operator === 'union') {
    const all = inputs.flat();
    return plan.all ? all : distinctRows(all, (row) => rowKey(types, row));
  }
  let result = inputs[0] ?? [];
  for (const other of inputs.slice(1)) result = combine({ left: result, right: other }, plan, (row) => rowKey(types, row));
  return result;
}

function combine(
  sides: { readonly left: readonly Row[]; readonly right: readonly Row[] },
  plan: SetOperationPlan,
  keyOf: (row: Row) => string,
): Row[] {
  const counts = new Map<string, number>();
  for (const row of sides.right) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  const kept: Row[] = [];
  for (const row of plan.all ? sides.left : distinctRows(sides.left, keyOf)) {
    const key = keyOf(row);
    const there = counts.get(key) ?? 0;
    if (plan.all && there > 0) counts.set(key, there - 1);
    if (there > 0 === (plan.operator === 'intersect')) kept.push(row);
  }
  return kept;
}

/** DISTINCT and DISTINCT ON: the first row of each. */
export function evaluateDistinct(plan: DistinctPlan, run: ReferenceRun): readonly Row[] {
  const { on } = plan;
  const types = on === null ? plan.fields.map((field) => field.type) : on.map((expression) => expression.type);
  const keyOf =
    on === null
      ? (row: Row) => rowKey(types, row)
      : (row: Row) =>
          rowKey(
            types,
            on.map((expression) => run.value(expression, row)),
          );
  return distinctRows(run.rows(plan.input), keyOf);
}

function distinctRows(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = keyOf(row);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
