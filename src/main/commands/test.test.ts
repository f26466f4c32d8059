import { expect, it } from 'vitest';
import { UsageError } from '../print-error.ts';
import { runTests } from './test.ts';

it('refuses a path that is not there as a wrong run, not as a failed test', async () => {
  const run = runTests(['sql-tests', '/nonexistent/tests'], { config: 'compiled', seed: 1 });
  await expect(run).rejects.toThrow(new UsageError('there is no file or folder "/nonexistent/tests"'));
});
