import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';

/** What a transaction block has made begins its job with the COMMIT, and jobs are what most is read from: 55000. */
export function notBeforeCommit({ kind, name }: Relation): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `${kind} "${name}" was made in this transaction, and its job begins with the COMMIT`,
    hint: 'COMMIT first. SELECT finds the rows of tables made in the transaction, also through views.',
  });
}
