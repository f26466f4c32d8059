import type { AlterJob, AlterStatement, AlterSystem } from './alter.ts';
import type { TestStatement } from './assertion.ts';
import type { CopyStatement } from './copy.ts';
import type { CursorStatement } from './cursor.ts';
import type { DataDefinitionStatement } from './ddl.ts';
import type { DataManipulationStatement } from './dml.ts';
import type { ExplainStatement } from './explain.ts';
import type { JobStatement } from './job.ts';
import type { Query } from './query.ts';
import type { SessionStatement } from './session.ts';
import type { PrintStatement, SubscribeStatement } from './subscribe.ts';
import type { TransactionStatement } from './transaction.ts';

/** Every statement the grammar reads, by `kind`. */
export type Statement =
  | Query
  | DataDefinitionStatement
  | AlterStatement
  | AlterSystem
  | AlterJob
  | DataManipulationStatement
  | SessionStatement
  | TransactionStatement
  | ExplainStatement
  | CopyStatement
  | SubscribeStatement
  | PrintStatement
  | CursorStatement
  | JobStatement
  | TestStatement;
