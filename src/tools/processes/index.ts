/**
 * Server processes as a user runs them, for tests: the built command (`npm run build`), a real psql, a real broker, `kill -9`.
 *
 * It is no mock and no part of the product. What can be shown inside one process belongs beside the code it tests; here is only what
 * needs a process that dies, a port, a file or a broker.
 *
 * Laws
 * - A missing build fails with a sentence that says what to run; a missing Kafka is skipped aloud, and fails where FSQL_REQUIRE_KAFKA=1.
 * - No server outlives its test, and every random choice comes from a seed that is printed (FSQL_TEST_SEED repeats it).
 *
 * FSQL_CRASH_ROUNDS and FSQL_CONSISTENCY_PAIRS make the tests longer (`npm run test:processes`); FSQL_TEST_CLI names another build.
 *
 * Start reading at server-process.ts, then recovery.process.test.ts.
 */
export { type BidModel, bidModel } from './bid-model.ts';
export { type CommitStep, commitSteps, recoverySteps, whenSeen } from './commit-steps.ts';
export { eventually } from './eventually.ts';
export { foldSubscription } from './fold-subscription.ts';
export { KafkaFixture } from './kafka-fixture.ts';
export { KafkaGate } from './kafka-gate.ts';
export { RowWriter } from './row-writer.ts';
export { type PsqlResult, runPsql } from './run-psql.ts';
export { ServerProcess, type ServerProcessOptions } from './server-process.ts';
export { freePort, TaskManagerChild } from './task-manager-process.ts';
export { temporaryDirectory } from './temporary-directory.ts';
export { crashRounds, testRandom, testSeed } from './test-parameters.ts';
