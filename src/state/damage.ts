import { SqlError, SqlState } from '../base/index.ts';

/** A file whose bytes are not what was written: named, with the byte where it shows. */
export function damagedFile(file: string, position: number | null, problem: string): SqlError {
  return new SqlError({
    code: SqlState.dataCorrupted,
    message: `file "${file}" is damaged${position === null ? '' : ` at byte ${position}`}: ${problem}`,
    hint: 'Nothing has been changed. Restore the data directory from a copy, or look at the disk for errors.',
    class: 'external',
  });
}

/** Damaged or missing: what an older checkpoint may help against. */
export function isDamage(error: unknown): error is SqlError {
  return error instanceof SqlError && (error.code === SqlState.dataCorrupted || error.code === SqlState.undefinedFile);
}
