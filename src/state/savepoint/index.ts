/**
 * Savepoints: all of a database at one checkpoint as a directory of files that its owner keeps, moves and deletes.
 *
 * Layout: COMMIT (hash of the manifest, written last), manifest.json (what is in it, every file with its SHA-256), catalog.json (the definitions), progress.json (the
 * epoch's record: where sources stand), state/kg-NNNNN (the rows of one key group, in the format of segments).
 *
 * Laws
 * - Files of state hold no epoch, incarnation or number of subtasks, their rows are sorted: equal state makes equal bytes, whatever its history.
 * - A directory without COMMIT is no savepoint. Nothing of a savepoint is used before all of it has been checked.
 * - What a newer version wrote is refused, never guessed at.
 *
 * Not here: what the catalog's text and the rows mean.
 *
 * Start reading at savepoint-format.ts, then write-savepoint.ts and savepoint.ts.
 */
export type { TieBreakers } from './canonical-blocks.ts';
export { diffSavepoints, type SavepointDifference } from './diff-savepoints.ts';
export { restoreSavepoint } from './restore-savepoint.ts';
export { type FileProblem, Savepoint } from './savepoint.ts';
export type { SavepointJob, SavepointManifest, SavepointOperator, SavepointProgress, SavepointTable } from './savepoint-format.ts';
export {
  type SavedJob,
  type SavedOperator,
  type SavedTable,
  type SavepointContent,
  type SavepointSummary,
  writeSavepoint,
} from './write-savepoint.ts';
