/**
 * Bytes to bytes on disk: the KeyValueStore interface with its crash model, LevelDB behind it, one in memory with the same behaviour, and
 * the checksums LevelDB's binding lacks.
 *
 * Knows neither state nor checkpoints (../durable), and is never the only copy of anything: who finds damage throws the store away.
 *
 * Start reading at key-value-store.ts.
 */
export { CheckedStore, valueChecksum } from './checked-store.ts';
export type { KeyValueChange, KeyValueStore, KeyValueStoreFactory } from './key-value-store.ts';
export { levelScratchDatabase, removeDirectory } from './level-scratch-database.ts';
export { levelStoreFactory } from './level-store.ts';
export { MemoryKeyValuePlace } from './memory-key-value-store.ts';
export type { ScratchChange, ScratchDatabase, ScratchDatabaseFactory } from './scratch-database.ts';
