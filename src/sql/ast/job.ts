import type { InsertStatement } from './dml.ts';
import type { Expression } from './expression.ts';
import type { QualifiedName, Span } from './identifier.ts';

export type JobStatement = FlushStatement | WaitStatement | CheckpointStatement | CreateSavepoint | CheckState | ControlJob | StatementSet;

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

/** `CREATE SAVEPOINT ['directory']`. */
export interface CreateSavepoint {
  readonly kind: 'create-savepoint';
  /** Null: the server's own choice, below savepoint_dir. */
  readonly path: string | null;
  readonly span: Span;
}

/** CHECK STATE: reads everything on disk and says what is damaged. */
export interface CheckState {
  readonly kind: 'check-state';
  readonly span: Span;
}

/** `CANCEL | PAUSE | RESUME | STOP JOB id` and ksqlDB's `TERMINATE | PAUSE | RESUME id | ALL`. */
export interface ControlJob {
  readonly kind: 'control-job';
  readonly action: 'cancel' | 'pause' | 'resume' | 'stop';
  /** A number, a string or a name; null for ALL. */
  readonly job: Expression | QualifiedName | null;
  readonly withSavepoint: boolean;
  /** WITH SAVEPOINT 'directory'; null: without one. */
  readonly savepointPath: string | null;
  readonly withDrain: boolean;
  readonly span: Span;
}

/** `EXECUTE STATEMENT SET BEGIN insert; … END`. */
export interface StatementSet {
  readonly kind: 'statement-set';
  readonly statements: readonly InsertStatement[];
  readonly span: Span;
}
