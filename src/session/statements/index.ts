/**
 * One handler for each kind of statement: how it is described and executed.
 *
 * A statement without a handler is refused with 0A000. Adding one is a file here and a line below.
 *
 * Start reading at dispatch.ts, then query.ts.
 */
import type { StatementHandler } from '../statement-context.ts';
import { advanceClock, advanceWatermark } from './advance-statements.ts';
import { alter } from './alter.ts';
import { alterJob } from './alter-job.ts';
import { alterSystem } from './alter-system.ts';
import { assertEquivalent } from './assert-equivalent.ts';
import { assertContents, assertDefinition, assertEmpty, assertNullValues, assertValues } from './assert-statements.ts';
import { assertTopic } from './assert-topic.ts';
import { createConnection } from './connection-statements.ts';
import { controlJob } from './control-job.ts';
import { copy } from './copy.ts';
import { createSource, createStream, createTable } from './create-relation.ts';
import { createSink } from './create-sink.ts';
import { createMaterializedView, createView } from './create-view.ts';
import { closeCursor, declareCursor, fetchCursor } from './cursor-statements.ts';
import { discard } from './discard.ts';
import { registerHandlers } from './dispatch.ts';
import { drop } from './drop.ts';
import { explain } from './explain/index.ts';
import { addJar, define, undefine } from './foreign-statements.ts';
import { createFunction, dropFunction } from './function-statements.ts';
import { createIndex } from './index-statements.ts';
import { checkpoint, flush, wait } from './job-statements.ts';
import { maintain } from './maintain.ts';
import { merge } from './merge.ts';
import { deleteRows, insert, update } from './modify.ts';
import { createSecret, createType } from './named-value-statements.ts';
import { deallocate, executePrepared, prepareStatement } from './prepared-statements.ts';
import { print } from './print-topic.ts';
import { query } from './query.ts';
import { checkState, createSavepoint } from './savepoint-statements.ts';
import { commentOn, createSchema, useSchema } from './schema-statements.ts';
import { resetStatement, setStatement, setTimeZone, showSetting } from './setting-statements.ts';
import { describeRelation, showColumns, showCreate, showObjects } from './show-statements.ts';
import { statementSet } from './statement-set.ts';
import { subscribe } from './subscribe.ts';
import { createSubscription, declareSubscriptionCursor } from './subscription-statements.ts';
import {
  beginTransaction,
  commitTransaction,
  releaseSavepoint,
  rollbackToSavepoint,
  rollbackTransaction,
  savepoint,
  setSessionCharacteristics,
  setTransaction,
} from './transaction-statements.ts';
import { truncate } from './truncate.ts';

const handlers = [
  advanceClock,
  advanceWatermark,
  alter,
  alterJob,
  alterSystem,
  addJar,
  assertContents,
  assertDefinition,
  assertEmpty,
  assertEquivalent,
  assertNullValues,
  assertTopic,
  assertValues,
  beginTransaction,
  checkpoint,
  checkState,
  controlJob,
  closeCursor,
  commentOn,
  commitTransaction,
  copy,
  createConnection,
  createFunction,
  createIndex,
  createMaterializedView,
  createSavepoint,
  createSchema,
  createSecret,
  createSink,
  createSource,
  createStream,
  createSubscription,
  createTable,
  createType,
  createView,
  deallocate,
  declareCursor,
  declareSubscriptionCursor,
  define,
  deleteRows,
  describeRelation,
  discard,
  maintain,
  drop,
  dropFunction,
  executePrepared,
  explain,
  fetchCursor,
  flush,
  insert,
  merge,
  prepareStatement,
  print,
  query,
  releaseSavepoint,
  resetStatement,
  rollbackToSavepoint,
  rollbackTransaction,
  savepoint,
  setSessionCharacteristics,
  setStatement,
  setTimeZone,
  setTransaction,
  showColumns,
  showCreate,
  showObjects,
  showSetting,
  statementSet,
  subscribe,
  truncate,
  undefine,
  update,
  useSchema,
  wait,
];

registerHandlers(handlers as unknown as readonly StatementHandler[]);

/** Kinds of statement that do something here: what the reference lists. */
export { isBlockOfItsOwn } from './alter.ts';
export const statementKinds: readonly string[] = handlers.map((handler) => handler.kind);

export { describeStatement, executeStatement, handlerOf } from './dispatch.ts';
