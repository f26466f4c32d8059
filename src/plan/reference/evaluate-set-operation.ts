import type { DistinctPlan, SetOperationPlan } from '../logical/index.ts';
import { evaluateTotalSort } from './evaluate-sort.ts';
import { BREATH, limitHeld, type Pieces } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** UNION, INTERSECT and EXCEPT, with and without ALL, by multiplicities. */
export function* evaluateSetOperation(plan: SetOperationPlan, run: ReferenceRun): Pieces {
  const types = plan.fields.map((field) => field.type);
  const keyOf = (row: Row): string => rowKey(types, row);
  if (plan.operator === 'union') {
    const all = allOf(plan, run);
    yield* plan.all ? all : distinctRows(all, keyOf);
    return;
  }
  let result: Pieces = run.pieces(plan.inputs[0]!);
  for (const other of plan.inputs.slice(1)) result = combine({ left: result, right: run.pieces(other) }, plan, keyOf);
  yield* result;
}

function* allOf(plan: SetOperationPlan, run: ReferenceRun): Pieces {
  for (const input of plan.inputs) yield* run.pieces(input);
}

function* combine(sides: { readonly left: Pieces; readonly right: Pieces }, plan: SetOperationPlan, keyOf: (row: Row) => string): Pieces {
  const counts = new Map<string, number>();
  for (const rows of sides.right) {
    for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
    limitHeld(counts.size, plan.fields.length);
    yield BREATH;
  }
  for (const rows of plan.all ? sides.left : distinctRows(sides.left, keyOf)) {
    const kept: Row[] = [];
    for (const row of rows) {
      const key = keyOf(row);
      const there = counts.get(key) ?? 0;
      if (plan.all && there > 0) counts.set(key, there - 1);
      if (there > 0 === (plan.operator === 'intersect')) kept.push(row);
    }
    yield kept;
  }
}

/** DISTINCT and DISTINCT ON: the first row of each. */
export function* evaluateDistinct(plan: DistinctPlan, run: ReferenceRun): Pieces {
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
  const input = on !== null && plan.input.kind === 'sort' ? evaluateTotalSort(plan.input, run) : run.pieces(plan.input);
  yield* distinctRows(input, keyOf);
}

function* distinctRows(pieces: Pieces, keyOf: (row: Row) => string): Pieces {
  const seen = new Set<string>();
  for (const rows of pieces) {
    const first: Row[] = [];
    for (const row of rows) {
      const key = keyOf(row);
      if (seen.has(key)) continue;
      seen.add(key);
      first.push(row);
    }
    limitHeld(seen.size, rows[0]?.length ?? 0);
    yield first;
  }
}
