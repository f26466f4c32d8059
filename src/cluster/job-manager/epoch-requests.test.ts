import { expect, test } from 'vitest';
import { Conditions } from './conditions.ts';
import { EpochRequests, type EpochRequestsParts } from './epoch-requests.ts';
import { Exclusive } from './exclusive.ts';

test('FLUSH returns an epoch that has taken in what was written, though a later one that is not complete has it before', async () => {
  const conditions = new Conditions();
  let complete = 0;
  const epochs = {
    lastEpoch: 0,
    embeddedEnd: 0,
    // Tables are away in the first epoch; the second takes in the seven records of the log.
    make: async () => {
      epochs.lastEpoch++;
      if (epochs.lastEpoch > 1) epochs.embeddedEnd = 8;
      return epochs.lastEpoch;
    },
    embeddedJobs: new Set<string>(),
    canTakeWrites: () => true,
    inFlight: { isDurable: (epoch: number) => epoch <= complete, isBehind: () => false },
  };
  const exclusive = new Exclusive();
  const parts = {
    epochs,
    conditions,
    exclusive,
    registry: { all: () => [] },
    store: { embeddedLog: { lastPosition: () => 7 } },
    settled: async () => undefined,
    assertUsable: () => undefined,
  };
  const flushed = new EpochRequests(parts as unknown as EpochRequestsParts).flush();
  await exclusive.run(async () => undefined);
  await exclusive.run(() => epochs.make());
  // The first is complete now, the second is not.
  complete = 1;
  conditions.changed();
  await exclusive.run(async () => undefined);
  complete = 3;
  conditions.changed();
  expect(await flushed).toBe(3);
});

test('FLUSH makes epochs until one has taken in what was written, or a table has failed for good', async () => {
  const conditions = new Conditions();
  let state = 'RUNNING';
  let comesIn = 5;
  const epochs = {
    made: 0,
    embeddedJobs: new Set(['t']),
    make: async () => ++epochs.made,
    get embeddedEnd() {
      return epochs.made >= comesIn ? 8 : 0;
    },
    canTakeWrites: () => state === 'RUNNING',
    inFlight: { isDurable: () => true, isBehind: () => false },
  };
  const parts = {
    epochs,
    conditions,
    exclusive: new Exclusive(),
    registry: { all: () => [], job: () => ({}), execution: () => ({ state }) },
    store: { embeddedLog: { lastPosition: () => 7 } },
    settled: async () => undefined,
    assertUsable: () => undefined,
  };
  const requests = new EpochRequests(parts as unknown as EpochRequestsParts);
  expect(await requests.flush()).toBe(5);
  comesIn = Number.POSITIVE_INFINITY;
  state = 'RESTARTING';
  let done = false;
  const flushed = requests.flush().finally(() => {
    done = true;
  });
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
  expect([done, epochs.made], 'it makes no epochs while the table is away').toEqual([false, 6]);
  state = 'FAILED';
  conditions.changed();
  expect(await flushed).toBe(7);
});
