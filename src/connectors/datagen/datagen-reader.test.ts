import { expect, test } from 'vitest';
import { silentLogger } from '../../base/index.ts';
import { VirtualClock } from '../../tools/sqltest/virtual-clock.ts';
import { DatagenReader } from './datagen-reader.ts';

test('a replay is not held to the rate, what comes behind it is', () => {
  const clock = new VirtualClock(0n);
  const options = new Map([['rows-per-second', '10']]);
  const reader = new DatagenReader({ options, columns: [], clock, logger: silentLogger, wake: () => undefined });
  reader.addSplit({ id: '0', parameters: { startMicros: '0' }, start: 0, end: null }, 0);
  expect(reader.poll(100, () => Number.POSITIVE_INFINITY)).toBeNull();
  expect(reader.poll(100, () => 42)?.nextPosition).toBe(42);
  expect(reader.poll(100, () => Number.POSITIVE_INFINITY)).toBeNull();
  clock.advanceTo(1_000_000n);
  expect(reader.poll(100, () => Number.POSITIVE_INFINITY)?.nextPosition).toBe(52);
});
