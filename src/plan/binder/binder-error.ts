import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { Span } from '../../sql/index.ts';
import { formatTypeKind, type SqlType } from '../../types/index.ts';

/** 0A000 with the place and, where there is one, the nearest thing that works. */
export function notSupported(message: string, span: Span, hint?: string): SqlError {
  return new SqlError({ code: SqlState.featureNotSupported, message, position: span.start, hint });
}

/** 42601 for what the grammar reads but the rules of SQL refuse. */
export function syntaxError(message: string, span: Span, hint?: string): SqlError {
  return new SqlError({ code: SqlState.syntaxError, message, position: span.start, hint });
}

/** 42804. */
export function datatypeMismatch(message: string, span: Span | undefined, hint?: string): SqlError {
  return new SqlError({ code: SqlState.datatypeMismatch, message, position: span?.start, hint });
}

/** 42803. */
export function groupingError(message: string, span: Span | undefined): SqlError {
  return new SqlError({ code: SqlState.groupingError, message, position: span?.start });
}

/** A type as messages show it: without length and precision. */
export function typeText(type: SqlType): string {
  return formatTypeKind(type);
}

/** `Perhaps you meant … .` for the closest of `known`, or nothing. */
export function nearestHint(what: string, wanted: string, known: Iterable<string>): string | undefined {
  const [best] = nearestNames(wanted, known, 1);
  return best === undefined ? undefined : `Perhaps you meant ${what} "${best}".`;
}

/** Runs `work` and gives an error without position the place of `span`. */
export function withPosition<Result>(span: Span | undefined, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqlError && error.position === undefined && span !== undefined) throw error.with({ position: span.start });
    throw error;
  }
}

/** What is named is not of the kind the place asks for (42809). */
export function wrongObject(message: string, span: Span): SqlError {
  return new SqlError({ code: SqlState.wrongObjectType, message, position: span.start });
}
