import { SqlError, SqlState } from '../../base/index.ts';

/** 22007: `invalid input syntax for type timestamp: "x"`. */
export function invalidDatetimeError(typeName: string, text: string): SqlError {
  return new SqlError({ code: SqlState.invalidDatetimeFormat, message: `invalid input syntax for type ${typeName}: "${text}"` });
}

/** 22008; with the hint where day and month may have been swapped. */
export function datetimeFieldError(text: string, dayMonth = false): SqlError {
  return new SqlError({
    code: SqlState.datetimeFieldOverflow,
    message: `date/time field value out of range: "${text}"`,
    hint: dayMonth ? 'Perhaps you need a different "DateStyle" setting.' : undefined,
  });
}

/** 22015. */
export function intervalFieldError(text: string): SqlError {
  return new SqlError({ code: SqlState.intervalFieldOverflow, message: `interval field value out of range: "${text}"` });
}
