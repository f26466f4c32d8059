import type { SqlError } from '../base/index.ts';
import type { ParsedStatement } from '../sql/index.ts';
import type { SqlType } from '../types/index.ts';
import type { ResultField, SessionObserver } from './contract.ts';
import type { LockHolder } from './engine/index.ts';
import type { Looks } from './looks.ts';
import type { OpenPortal } from './open-portal.ts';
import type { SessionSettings } from './settings/index.ts';
import type { Transaction } from './transaction.ts';

/** A statement prepared by the Parse message or by PREPARE: both share one name space, as in PostgreSQL. */
export interface PreparedStatement {
  readonly name: string;
  /** As the client sent it; error positions refer to it. */
  readonly text: string;
  /** Null for an empty text. */
  readonly parsed: ParsedStatement | null;
  readonly declaredTypes: readonly (SqlType | null)[];
  readonly parameterTypes: readonly SqlType[];
  readonly fields: readonly ResultField[] | null;
}

/** The state of one session that statements share. Only the session and its statements touch it. */
export interface SessionState {
  readonly processId: number;
  readonly user: string;
  readonly database: string;
  readonly observer: SessionObserver;
  readonly settings: SessionSettings;
  readonly prepared: Map<string, PreparedStatement>;
  readonly portals: Map<string, OpenPortal>;
  /** ksqlDB's DEFINE, by name in small letters. */
  readonly variables: Map<string, string>;
  /** What ASSERT CHANGES and ASSERT OUTPUT have seen. */
  readonly looks: Looks;
  /** The schema of what is TEMPORARY; null before the session makes something of the kind. It may be gone with a block that was rolled back. */
  temporarySchema: string | null;
  /** Of the advisory locks that outlive transactions. */
  readonly lockHolder: LockHolder;
  transaction: Transaction | null;
  /** Reads must see at least this epoch: the session's own last write. */
  lastWriteEpoch: number;
  /** Starts an explicit block, or makes the implicit one explicit. */
  beginBlock(readOnly: boolean): void;
  /** Ends the current transaction; the caller has checked that there is one. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
  failTransaction(error: SqlError): void;
}
