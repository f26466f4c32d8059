import { SqlError, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';

/** 72000 for a read at an epoch whose deltas are gone; `oldest`: what can still be read. */
export function notRetained(epoch: Epoch, { name, oldest }: { readonly name: string; readonly oldest: Epoch }): SqlError {
  return new SqlError({
    code: SqlState.snapshotTooOld,
    message: `epoch ${epoch} of "${name}" is not retained any more`,
    detail: `The oldest epoch it can be read at is ${oldest}.`,
    hint: "CREATE MATERIALIZED VIEW … WITH (retain_history = '10 minutes') keeps older ones.",
  });
}
