import { SqlError, SqlState } from '../../base/index.ts';
import type { RecursionPlan } from '../logical/index.ts';
import { gather, inPieces, limitHeld, type Pieces } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** A recursion that comes to an end does so in far fewer rounds. */
const ROUNDS_MAX = 100_000;

/** Round by round, each over the rows the one before has found. Errors: 54001 for a recursion that does not end. */
export function* evaluateRecursion(plan: RecursionPlan, run: ReferenceRun): Pieces {
  const newRows = plan.all ? (rows: readonly Row[]) => rows : unseenRows(plan);
  let working = newRows(yield* gather(run.pieces(plan.base)));
  for (let round = 1; working.length > 0; round++) {
    yield* inPieces(working);
    if (round > ROUNDS_MAX) throw endless(plan);
    // The step is read to its end before its rows go on: whoever takes them may run another recursion of the same name.
    run.setWorkingRows(plan.id, working);
    working = newRows(yield* gather(run.pieces(plan.step)));
  }
}

/** Rows that have not come before, each once. */
function unseenRows(plan: RecursionPlan): (rows: readonly Row[]) => readonly Row[] {
  const types = plan.fields.map((field) => field.type);
  const seen = new Set<string>();
  return (rows) => {
    const unseen = rows.filter((row) => {
      const key = rowKey(types, row);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
    limitHeld(seen.size, types.length);
    return unseen;
  };
}

function endless({ name, all }: RecursionPlan): SqlError {
  return new SqlError({
    code: SqlState.statementTooComplex,
    message: `recursive query "${name}" has not ended after ${ROUNDS_MAX} rounds`,
    hint: `Add a condition that ends it${all ? ', or write UNION for UNION ALL so that rows that come again are left out' : ''}.`,
  });
}
