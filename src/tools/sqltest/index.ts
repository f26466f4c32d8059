/**
 * `fsql test`: SQL files with streaming directives, run against the shipped engine in one thread with a virtual clock and in-memory topics; the same
 * seed gives the same bytes.
 *
 * Tests nothing itself: what a file says is the test. The language is on one page in sql-tests/README.md.
 *
 * Start reading at load-script.ts, then run-script.ts, test-run.ts and test-database.ts.
 */
export { BoundTopics } from './bound-topics.ts';
export { type Configuration, configurations } from './configurations.ts';
export { type Coverage, mergeCoverage } from './coverage.ts';
export { testStatements } from './load-script.ts';
export { NeverEnds } from './mismatch.ts';
export type { Place, RecordGuard } from './record-guard.ts';
export { multisetDifference } from './row-difference.ts';
export { type FileHost, type FileOptions, type FileOutcome, runFile } from './run-file.ts';
export { configurationNamed, type FileChoice, type FileRunner, filesToRun, runFiles } from './run-files.ts';
export { runSql, textRows, textTable } from './run-sql.ts';
export { settleSources } from './settle.ts';
export { TEST_CONNECTOR, testConnector } from './test-connector.ts';
export { type TestBuiltIns, TestDatabase, type TestDatabaseOptions } from './test-database.ts';
export { TestTopics } from './test-topics.ts';
export { VirtualClock } from './virtual-clock.ts';
export { watchFiles } from './watch-files.ts';
