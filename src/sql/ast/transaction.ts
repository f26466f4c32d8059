import type { Identifier, Span } from './identifier.ts';

export type TransactionStatement =
  | BeginTransaction
  | CommitTransaction
  | RollbackTransaction
  | SetTransaction
  | Savepoint
  | ReleaseSavepoint
  | RollbackToSavepoint;

/** Null where nothing was written. */
export interface TransactionModes {
  readonly kind: 'transaction-modes';
  readonly isolation: 'serializable' | 'repeatable read' | 'read committed' | 'read uncommitted' | null;
  readonly readOnly: boolean | null;
  readonly deferrable: boolean | null;
  readonly span: Span;
}

/** BEGIN and START TRANSACTION. */
export interface BeginTransaction {
  readonly kind: 'begin';
  readonly modes: TransactionModes;
  readonly span: Span;
}

/** COMMIT and END. */
export interface CommitTransaction {
  readonly kind: 'commit';
  readonly chain: boolean;
  readonly span: Span;
}

/** ROLLBACK and ABORT. */
export interface RollbackTransaction {
  readonly kind: 'rollback';
  readonly chain: boolean;
  readonly span: Span;
}

export interface SetTransaction {
  readonly kind: 'set-transaction';
  readonly modes: TransactionModes;
  readonly span: Span;
}

export interface Savepoint {
  readonly kind: 'savepoint';
  readonly name: Identifier;
  readonly span: Span;
}

export interface ReleaseSavepoint {
  readonly kind: 'release-savepoint';
  readonly name: Identifier;
  readonly span: Span;
}

export interface RollbackToSavepoint {
  readonly kind: 'rollback-to-savepoint';
  readonly name: Identifier;
  readonly span: Span;
}
