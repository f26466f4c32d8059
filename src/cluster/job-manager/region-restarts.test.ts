import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { TestClock } from '../testing/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import { RegionRestarts } from './region-restarts.ts';
import type { SlotWaits } from './slot-waits.ts';

const HOUR_MS = 3_600_000;

/** One job that has failed, over and over; each time the delay until it starts again, in seconds. */
function failingJob() {
  const clock = new TestClock();
  const job = { id: 'a' } as ManagedJob;
  const registry: Pick<JobRegistry, 'region' | 'execution'> = {
    region: () => [job],
    execution: () => ({
      state: 'RESTARTING',
      attempt: 1,
      taskNames: [],
      tasks: {},
      restarts: 1,
      error: { code: '58000', message: '' },
      repeated: null,
      after: null,
    }),
  };
  let started = false;
  const waits: Pick<SlotWaits, 'startWhenThere'> = { startWhenThere: () => (started = true) };
  const restarts = new RegionRestarts({
    registry: registry as JobRegistry,
    clock,
    logger: { log: () => undefined },
    random: seededRandom(1),
    waits: waits as SlotWaits,
  });
  const delay = (): number => {
    started = false;
    restarts.restart(job);
    let seconds = 0;
    for (; !started; seconds++) clock.advance(1_000);
    return seconds;
  };
  return { clock, delay };
}

test('delays grow from failure to failure, and begin anew after an hour without one', () => {
  const { clock, delay } = failingJob();
  const delays = Array.from({ length: 12 }, delay);
  expect(delays[0]).toBeLessThanOrEqual(2);
  expect(delays.at(-1)).toBeGreaterThan(50);
  clock.advance(HOUR_MS / 2);
  expect(delay()).toBeGreaterThan(50);
  clock.advance(HOUR_MS);
  expect(delay()).toBeLessThanOrEqual(2);
});
