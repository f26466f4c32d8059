import { SqlError, SqlState } from '../../base/index.ts';
import type { BindingPlan, MutualRecursionPlan } from '../logical/index.ts';
import { gather, inPieces, type Pieces } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** Every round reads all rows, so one that comes to an end does so in far fewer. */
const ROUNDS_MAX = 10_000;

/**
 * Round by round, each binding over the others as they are by then, until a round leaves every binding with the rows it had (semantics:
 * https://materialize.com/docs/sql/select/recursive-ctes). Errors: 54001 where that does not happen within the rounds there are.
 */
export function* evaluateMutualRecursion(plan: MutualRecursionPlan, run: ReferenceRun): Pieces {
  const rows = plan.bindings.map((): readonly Row[] => []);
  for (const { id } of plan.bindings) run.setWorkingRows(id, []);
  const last = plan.limit?.rounds ?? ROUNDS_MAX;
  for (let round = 1; ; round++) {
    let changed = false;
    for (const [index, binding] of plan.bindings.entries()) {
      // Read to the end before it replaces the rows it may have read itself.
      const next = yield* gather(run.pieces(binding.plan));
      if (sameRows(rows[index]!, next, binding)) continue;
      changed = true;
      rows[index] = next;
      run.setWorkingRows(binding.id, next);
    }
    if (!changed) break;
    if (round < last) continue;
    if (plan.limit?.atLimit === 'return') break;
    throw endless(plan, last);
  }
  yield* inPieces(rows[plan.shown]!);
}

/** The same rows as often, in any order. */
function sameRows(before: readonly Row[], after: readonly Row[], { plan }: BindingPlan): boolean {
  if (before.length !== after.length) return false;
  const types = plan.fields.map((field) => field.type);
  const counts = new Map<string, number>();
  for (const row of before) {
    const key = rowKey(types, row);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const row of after) {
    const key = rowKey(types, row);
    const left = counts.get(key) ?? 0;
    if (left === 0) return false;
    counts.set(key, left - 1);
  }
  return true;
}

function endless({ bindings, limit }: MutualRecursionPlan, rounds: number): SqlError {
  const names = bindings.map(({ name }) => `"${name}"`).join(', ');
  return new SqlError({
    code: SqlState.statementTooComplex,
    message: `mutually recursive ${bindings.length === 1 ? 'query' : 'queries'} ${names} still changed in round ${rounds}`,
    hint:
      limit === null
        ? 'Add a condition that ends it, or say after how many rounds to stop: WITH MUTUALLY RECURSIVE (RETURN AT RECURSION LIMIT 100) ….'
        : 'Raise the limit, or take what there is by then: RETURN AT RECURSION LIMIT.',
  });
}
