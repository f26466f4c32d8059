/**
 * The StateStore of a data directory: checkpoints as segments and a chain of manifests, a materialised base, and the logs.
 *
 * Layout: FORMAT (version), LOCK, incarnation-N (who may write), segments/ (changes of one checkpoint and slot), snapshots/ (all state at one checkpoint),
 * manifests/ (one per checkpoint), base/ or base-N/ (LevelDB), epochs/, embedded/, catalog/ (logs). Blocks are opaque bytes here, but for merging runs.
 *
 * Laws
 * - A checkpoint exists when its manifest is linked; snapshot and segments hold all of it, the base is a copy that can be made again.
 * - A server that another one has replaced, asleep or awake, acknowledges nothing more and damages nothing (incarnation.ts); when it is replaced is
 *   another question (lease.ts).
 * - A file is deleted only when the newest durable manifest says that no retained checkpoint needs it.
 * - Damage is found where a file is read, named, and answered by an older checkpoint or XX001; after damage nothing is swept away.
 *
 * Start reading at open-state-store.ts, then durable-state-store.ts; files: append-log-file.ts, segment-format.ts, manifest.ts.
 */
export type { StandbyOptions } from './lease.ts';
export { openStateStore, restoreStateStore, type StateStoreOptions } from './open-state-store.ts';
export type { StateLimits } from './state-limits.ts';
