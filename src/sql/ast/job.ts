import type { InsertStatement } from './dml.ts';
import type { Expression } from './expression.ts';
import type { Identifier, Span } from './identifier.ts';

export type JobStatement = FlushStatement | WaitStatement | CheckpointStatement | ControlJob | StatementSet;

/** FLUSH: returns when everything written before is visible. */
export interface FlushStatement {
  readonly kind: 'flush';
  readonly span: Span;
}

/** WAIT: returns when running background DDL is done. */
export interface WaitStatement {
  readonly kind: 'wait';
  readonly span: Span;
}

export interface CheckpointStatement {
  readonly kind: 'checkpoint';
  readonly span: Span;
}

/** `CANCEL | PAUSE | RESUME | STOP JOB id` and ksqlDB's `TERMINATE | PAUSE | RESUME id | ALL`. */
export interface ControlJob {
  readonly kind: 'control-job';
  readonly action: 'cancel' | 'pause' | 'resume' | 'stop';
  /** A number, a string or a name; null for ALL. */
  readonly job: Expression | Identifier | null;
  readonly withSavepoint: boolean;
  readonly withDrain: boolean;
  readonly span: Span;
}

/** `EXECUTE STATEMENT SET BEGIN insert; … END`. */
export interface StatementSet {
  readonly kind: 'statement-set';
  readonly statements: readonly InsertStatement[];
  readonly span: Span;
}
