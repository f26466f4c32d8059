/**
 * One client's conversation with the engine: statements, transactions, prepared statements, portals, settings; and the engine all sessions share. The
 * only place below the servers that sees both plans and the cluster.
 *
 * Knows no bytes of a protocol and no built-in by name.
 *
 * Laws
 * - A statement reads one epoch, a transaction too; what it wrote it sees.
 * - A statement that fails changes nothing, and no session can harm another.
 *
 * Start reading at contract.ts, then session.ts, statements/index.ts and engine/engine.ts.
 */
export type {
  CommandResult,
  CopyFormat,
  CopyInResult,
  CopyOutResult,
  EmptyResult,
  OutputStyle,
  Portal,
  ResultField,
  RowsResult,
  ServerSession,
  SessionFactory,
  SessionNotice,
  SessionObserver,
  SessionStartup,
  SessionTimeouts,
  StatementDescription,
  StatementResult,
  TransactionStatus,
} from './contract.ts';
export { embeddedOptions, relationOptions } from './ddl/relation-options.ts';
export type { ImportedStatement } from './dialect/index.ts';
export {
  Engine,
  type EngineParts,
  type EngineRegistries,
  namedJobs,
  openEngine,
  relationId,
  type SavepointPlaces,
  type TestControls,
} from './engine/index.ts';
export { createSessionFactory } from './session-factory.ts';
export { SERVER_VERSION, settingList } from './settings/index.ts';
export { statementKinds } from './statements/index.ts';
