import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where the time goes, longest first (a name that is part of the path): begun last, one of these would have a core to itself while the other is idle. */
const LONGEST = [
  'consistency.process',
  'crash.process',
  'recovery.process',
  'standby.process',
  'exactly-once.process',
  'soak.process',
  'task-managers.process',
  'start-and-stop.process',
  'postgres-sink.process',
  'protocol.kafka',
  '.process.',
  '.kafka.',
  'rules/rules',
  'functions.postgres',
  'kernel-key-table',
  'simulation',
  'import-statement',
  'mutants',
  'precedence',
  'state/durable/',
  'sql/',
  'main/',
] as const;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((name) => moduleId.includes(name));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).sort((left, right) => place(left) - place(right));
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: 'src/tools/processes/temporary-directories-of-run.mjs',
    pool: 'threads',
    maxWorkers: 2,
    // Modules keep nothing between calls, so files share them: loading the tree anew for each was a fifth of the processor time (measured over the files of plan, expr, functions and operators).
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
