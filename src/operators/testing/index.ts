/**
 * A harness for tests of one operator: drives batches, watermarks and barriers, saves and restores state, compares Z-sets.
 *
 * Only for tests.
 *
 * Start reading at operator-harness.ts.
 */
export { OperatorHarness, type Row, RowSet, rowKey } from './operator-harness.ts';
export { RandomChanges } from './random-changes.ts';
export { linesOf, randomUpserts, scan } from './relation-rows.ts';
export { expectShownAgain } from './shown-again.ts';
export { expectSpilledTwin } from './spilled-twin.ts';
export { spillingFactory } from './spilling-factory.ts';
export { testCondition } from './test-condition.ts';
export { type Observed, type TestEnvironmentOptions, testEnvironment } from './test-environment.ts';
export { TimedChanges } from './timed-changes.ts';
export { expectTimedTwin } from './timed-twin.ts';
