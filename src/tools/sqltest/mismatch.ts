import { toSqlError } from '../../base/index.ts';

/** Raised inside a record to say how it failed. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** SQLSTATE, message, detail, hint and, of a defect, where it happened. */
export function errorText(error: unknown): string {
  const known = toSqlError(error);
  const cause = known.cause instanceof Error ? `\n${known.cause.stack ?? ''}` : '';
  return `${known.code} ${known.message}${known.detail === undefined ? '' : `\nDETAIL: ${known.detail}`}${known.hint === undefined ? '' : `\nHINT: ${known.hint}`}${cause}`;
}
