import type { SqlError } from '../base/index.ts';
import type { BindContext, BindWarning } from '../plan/index.ts';
import type { ParsedStatement, Statement } from '../sql/index.ts';
import type { Datum, SqlType } from '../types/index.ts';
import type { ResultField, SessionNotice, StatementResult } from './contract.ts';
import type { Definer, Engine, ReadOptions, TableChanges } from './engine/index.ts';
import type { SessionState } from './session-state.ts';

/** Everything the execution of one statement may touch. */
export interface StatementContext {
  readonly engine: Engine;
  /** Takes what the statement defines, and knows the catalog that it is defined over. */
  readonly definer: Definer;
  readonly session: SessionState;
  readonly parsed: ParsedStatement;
  /** Values of $1 …; null where the statement is only described. */
  readonly parameters: readonly (Datum | null)[] | null;
  readonly parameterTypes: readonly (SqlType | null)[];
  /** The own changes a cursor has seen when it was declared; absent: all there are. */
  readonly ownChanges?: readonly TableChanges[];
  /** The one epoch that all parts of a statement read, where it has several; absent: it pins its own. */
  readonly pin?: ReadOptions['pin'];
  /** What stands in for the common tables of the statement; absent: nothing. */
  readonly commonTable?: BindContext['commonTable'];
  /** Aborted with the SqlError to raise when the statement is cancelled. */
  readonly signal: AbortSignal;
  notice(notice: SessionNotice): void;
  /** What binding the statement finds to be without effect: told once, however often it is bound. */
  warn(warning: Omit<BindWarning, 'position'> & { readonly position?: number | undefined }): void;
}

/** What a statement gives back before it runs. */
export interface StatementShape {
  readonly parameterTypes: readonly SqlType[];
  readonly fields: readonly ResultField[] | null;
}

/** How one kind of statement is described and executed. One handler a kind; src/session/statements lists them. */
export interface StatementHandler<Kind extends Statement['kind'] = Statement['kind']> {
  readonly kind: Kind;
  /** Allowed in a failed transaction block. */
  readonly endsFailedTransaction?: boolean;
  /** Absent: no parameters, no rows. */
  describe?(statement: Extract<Statement, { readonly kind: Kind }>, context: StatementContext): StatementShape;
  execute(statement: Extract<Statement, { readonly kind: Kind }>, context: StatementContext): Promise<StatementResult>;
}

/** Waits for `promise`, but no longer than until the statement is cancelled. Without a signal nobody cancels it. */
export async function cancellable<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as SqlError);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}
