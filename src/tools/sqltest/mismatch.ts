import { toSqlError } from '../../base/index.ts';

/** Raised inside a record to say how it failed. */
export class Mismatch extends Error {
  override readonly name: string = 'Mismatch';
}

/** Raised in the place of a record that would not end: never the failure that a test expects. */
export class NeverEnds extends Mismatch {
  override readonly name = 'NeverEnds';
}

/** SQLSTATE, message, detail, hint and, of a defect, where it happened. */
export function errorText(error: unknown): string {
  const known = toSqlError(error);
  const cause = known.cause instanceof Error ? `\n${known.cause.stack ?? ''}` : '';
  return `${known.code} ${known.message}${known.detail === undefined ? '' : `\nDETAIL: ${known.detail}`}${known.hint === undefined ? '' : `\nHINT: ${known.hint}`}${cause}`;
}
