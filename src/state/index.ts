/**
 * Durable state: epoch log, delta segments, manifest chain, LevelDB base, the embedded log of stored tables and the catalog log; key groups.
 *
 * Knows encoded batches, not operators: what is inside a block is the operator's business. Disk comes in as Storage and KeyValueStore.
 *
 * Laws
 * - applied <= committed <= prepared; the manifest link is the only commit point; nothing is acknowledged before its fsync returned.
 * - Damage is detected and named, never silent.
 *
 * ./durable is the store of a data directory, ./savepoint what users take out of it and put into another one, ./memory the one of `--memory` servers, ./leveldb the key-value stores, ./scratch what a slot has no memory for,
 * ./testing a disk that crashes, fills up and rots.
 *
 * Start reading at state-store.ts.
 */
export { crc32c } from './checksum.ts';
export { consolidateBlocks } from './consolidate-blocks.ts';
export { openStateStore, restoreStateStore, type StandbyOptions, type StateLimits, type StateStoreOptions } from './durable/index.ts';
export { type KeyValueChange, type KeyValueStore, type KeyValueStoreFactory, levelStoreFactory, MemoryKeyValuePlace } from './leveldb/index.ts';
export { MemoryDirectory, openMemoryStateStore } from './memory/index.ts';
export {
  diffSavepoints,
  type FileProblem,
  restoreSavepoint,
  type SavedJob,
  type SavedOperator,
  type SavedTable,
  Savepoint,
  type SavepointContent,
  type SavepointDifference,
  type SavepointJob,
  type SavepointManifest,
  type SavepointOperator,
  type SavepointSummary,
  writeSavepoint,
} from './savepoint/index.ts';
export { levelScratchPlace, memoryScratchPlace, type ScratchPlace } from './scratch/index.ts';
export type {
  CatalogLog,
  CheckedFile,
  CheckpointImage,
  CheckpointSummary,
  EmbeddedLog,
  EmbeddedRecord,
  EmbeddedWrite,
  EpochRecord,
  HistoryAt,
  ImageTable,
  PausedAt,
  SegmentReference,
  SourceRecord,
  SplitRecord,
  StateBlock,
  StateStore,
  VerdictsRecord,
} from './state-store.ts';
