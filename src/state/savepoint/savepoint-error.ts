import { SqlError, SqlState } from '../../base/index.ts';

/** A file of a savepoint that is not what was written. */
export function damagedSavepoint(place: string, file: string, problem: string): SqlError {
  return new SqlError({
    code: SqlState.dataCorrupted,
    message: `file "${file}" of the savepoint "${place}" is damaged: ${problem}`,
    hint: 'Nothing has been changed. Use a copy of the savepoint, or an older one; fsql savepoint verify lists all that is wrong.',
    class: 'external',
  });
}

/** A directory that holds no savepoint, or a part of one. */
export function notASavepoint(place: string, detail: string): SqlError {
  return new SqlError({
    code: SqlState.undefinedFile,
    message: `"${place}" is not a savepoint`,
    detail,
    hint: 'Name the directory that CREATE SAVEPOINT has made: COMMIT is its last file.',
    class: 'user',
  });
}
