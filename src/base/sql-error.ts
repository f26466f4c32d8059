import { SqlState } from './sql-state.ts';

/**
 * Who has to act, decided where the error is made; it decides restarts, never a pattern over the message.
 * `user`: the statement or the data is wrong. `external`: another system failed, trying again may help.
 * `internal`: a bug of ours.
 */
export type ErrorClass = 'user' | 'external' | 'internal';

/** The fields of PostgreSQL's ErrorResponse that fsql fills (protocol page "Error and Notice Message Fields"). */
export interface SqlErrorFields {
  readonly code: SqlState;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** Zero-based offset, in UTF-16 code units, into the statement text; the wire turns it into 1-based characters. */
  readonly position?: number | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
  readonly where?: string | undefined;
  /** The function of PostgreSQL that reports it, where drivers act on its name (RevalidateCachedQuery: prepare again). */
  readonly routine?: string | undefined;
  readonly class?: ErrorClass | undefined;
  readonly cause?: unknown;
}

/** The one error type a user meets. Message style: PostgreSQL's (lower case, no full stop; hint is a sentence). */
export class SqlError extends Error {
  readonly code: SqlState;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: number | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly dataType: string | undefined;
  readonly constraint: string | undefined;
  readonly where: string | undefined;
  readonly routine: string | undefined;
  readonly class: ErrorClass;

  constructor(fields: SqlErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'SqlError';
    this.code = fields.code;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.position = fields.position;
    this.schema = fields.schema;
    this.table = fields.table;
    this.column = fields.column;
    this.dataType = fields.dataType;
    this.constraint = fields.constraint;
    this.where = fields.where;
    this.routine = fields.routine;
    this.class = fields.class ?? (fields.code.startsWith('XX') ? 'internal' : 'user');
  }

  /** The same error with some fields replaced, for callers that know more (a position, a table name). */
  with(fields: Partial<SqlErrorFields>): SqlError {
    return new SqlError({ ...this.fields(), ...fields });
  }

  /** Plain data, so that an error crosses a thread or a process and comes out whole. */
  fields(): SqlErrorFields {
    return {
      code: this.code,
      message: this.message,
      detail: this.detail,
      hint: this.hint,
      position: this.position,
      schema: this.schema,
      table: this.table,
      column: this.column,
      dataType: this.dataType,
      constraint: this.constraint,
      where: this.where,
      routine: this.routine,
      class: this.class,
    };
  }
}

/** Any thrown value as a SqlError: unknown ones are bugs (XX000) and keep their cause. */
export function toSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return new SqlError({ code: SqlState.statementTooComplex, message: 'stack depth limit exceeded', cause: error, class: 'user' });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new SqlError({ code: SqlState.internalError, message: `internal error: ${message}`, cause: error, class: 'internal' });
}
