/**
 * A small world to run clusters in: a clock that tests turn, a network inside the thread, in-memory topics that survive crashes, simple operators over int8 columns, job graphs.
 *
 * For tests of this folder; operators here are written to be obviously right, not fast.
 *
 * Start reading at test-cluster.ts.
 */
export { MemoryNetwork } from './memory-network.ts';
export { TestClock } from './test-clock.ts';
export { contentOf, rowsAt, TestWorld, testRegistries } from './test-cluster.ts';
export { copyView, countView, sourceJob, tableJob } from './test-graphs.ts';
export { generatedRow, goneError, poisonError, type TestRow, TestTopic } from './test-source.ts';
export { deploy, type TwoRegions, twoRegions } from './two-regions.ts';
