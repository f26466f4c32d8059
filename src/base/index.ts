/**
 * The ground everything stands on: errors, clocks, randomness, storage, bytes, hashing, code fragments.
 *
 * Knows nothing of SQL, batches or plans. Interfaces to the outside (time, randomness, disk) are declared here as
 * parameters; the only implementations that touch the real machine live in ./adapters and are handed in by src/main.
 *
 * Laws
 * - No file outside ./adapters may read a clock, a random source, a disk or the environment.
 * - SqlError is the one error a user sees; `assert` is for programmer errors and can never be reached by SQL or bytes from outside.
 *
 * Start reading at sql-error.ts, then clock.ts and storage.ts.
 */
export { assert, unreachable } from './assert.ts';
export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export type { Clock, Timer } from './clock.ts';
export { CodeBuilder } from './codegen/code-builder.ts';
export { type JsArgument, JsCode, JsName, joinCode, js } from './codegen/js.ts';
export type { DirectoryLock, ServerAddress } from './directory-lock.ts';
export { type Logger, type LogLevel, silentLogger } from './logger.ts';
export { memoryStorage } from './memory-storage.ts';
export { murmur3 } from './murmur3.ts';
export { nearestNames } from './nearest-name.ts';
export type { Connection, ConnectionEvents, Network, NetworkListener } from './network.ts';
export { type Random, seededRandom } from './random.ts';
export { type ScriptCall, type ScriptPrimitive, type ScriptRealms, type ScriptSource, ScriptSyntaxError, ScriptTimeout } from './script-realm.ts';
export { type ErrorClass, SqlError, type SqlErrorFields, toSqlError } from './sql-error.ts';
export { SqlState } from './sql-state.ts';
export type { FileHandle, Storage } from './storage.ts';
