import { SqlError, SqlState } from '../base/index.ts';

/** The error of a row for which a scalar subquery gives more than one row. */
export function severalRowsError(): SqlError {
  return new SqlError({ code: SqlState.cardinalityViolation, message: 'more than one row returned by a subquery used as an expression' });
}
