import { SqlError, SqlState } from '../base/index.ts';

/** 22P02 in PostgreSQL's words: `invalid input syntax for type integer: "x"`. */
export function invalidTextError(typeName: string, text: string, detail?: string): SqlError {
  return new SqlError({ code: SqlState.invalidTextRepresentation, message: `invalid input syntax for type ${typeName}: "${text}"`, detail });
}

/** 22003: `value "99999" is out of range for type smallint`. */
export function textOutOfRangeError(typeName: string, text: string): SqlError {
  return new SqlError({ code: SqlState.numericValueOutOfRange, message: `value "${text}" is out of range for type ${typeName}` });
}

/** 22003: `bigint out of range`, `timestamp out of range` uses 22008. */
export function outOfRangeError(typeName: string): SqlError {
  return new SqlError({ code: SqlState.numericValueOutOfRange, message: `${typeName} out of range` });
}

/** 22008: `timestamp out of range`, `interval out of range`, `date out of range`. */
export function datetimeOutOfRangeError(what: string): SqlError {
  return new SqlError({ code: SqlState.datetimeFieldOverflow, message: `${what} out of range` });
}

/** 22012. */
export function divisionByZeroError(): SqlError {
  return new SqlError({ code: SqlState.divisionByZero, message: 'division by zero' });
}
