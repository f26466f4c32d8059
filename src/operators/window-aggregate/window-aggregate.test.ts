import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { int8Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { OperatorHarness, type Row, RowSet } from '../testing/index.ts';
import { alignDown } from '../window-assign/assign-windows.ts';
import { windowAssignFactory } from '../window-assign/operator.ts';
import { type WindowSpec, windowAssignSpecCodec } from '../window-assign/spec.ts';
import { windowAggregateFactory } from './operator.ts';
import { windowAggregateSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;

function assign(window: WindowSpec, times: readonly (bigint | null)[]): string[] {
  const harness = new OperatorHarness(windowAssignFactory, windowAssignSpecCodec.encode({ timeColumn: 0, window, combine: false }), {
    inputs: [[timestampType]],
  });
  harness.rows(
    0,
    times.map((time) => [time]),
  );
  return harness.barrier();
}

describe('window-assign', () => {
  test('tumbling windows go on below 1970; NULL and infinity lie in none', () => {
    const window: WindowSpec = { kind: 'tumble', sizeMicros: 10n, offsetMicros: 0n };
    const infinity = 2n ** 63n - 1n;
    expect(assign(window, [0n, 9n, 10n, -1n, -10n, -11n, null, infinity])).toEqual([
      '["-10n","-10n","0n","-1000n"]',
      '["-11n","-20n","-10n","-1010n"]',
      '["-1n","-10n","0n","-1000n"]',
      '["0n","0n","10n","-990n"]',
      '["10n","10n","20n","-980n"]',
      '["9n","0n","10n","-990n"]',
    ]);
  });

  test('hopping windows repeat a row; an offset shifts the grid', () => {
    const window: WindowSpec = { kind: 'hop', slideMicros: 5n, sizeMicros: 10n, offsetMicros: 1n };
    expect(assign(window, [6n, -5n])).toEqual([
      '["-5n","-14n","-4n","-1004n"]',
      '["-5n","-9n","1n","-999n"]',
      '["6n","1n","11n","-989n"]',
      '["6n","6n","16n","-984n"]',
    ]);
  });

  test('cumulating windows share their start', () => {
    const window: WindowSpec = { kind: 'cumulate', stepMicros: 5n, sizeMicros: 15n, offsetMicros: 0n };
    expect(assign(window, [7n])).toEqual(['["7n","0n","10n","-990n"]', '["7n","0n","15n","-985n"]']);
  });

  test('the grid is exact for any time and step (against big integers)', () => {
    const random = seededRandom(11);
    for (let count = 0; count < 20_000; count++) {
      const time = BigInt(random.nextInt(2 ** 31)) * BigInt(random.nextInt(2 ** 21)) * (random.nextInt(2) === 0 ? 1n : -1n);
      const step = BigInt(1 + random.nextInt(2 ** 31)) * (random.nextInt(2) === 0 ? 1n : 1000n);
      const remainder = ((time % step) + step) % step;
      expect(BigInt(alignDown(Number(time), Number(step), 0))).toBe(time - remainder);
    }
  });
});

const inputs: readonly (readonly SqlType[])[] = [[textType, timestampType, int8Type]];

function harnessOf(mode: 'on-update' | 'on-window-close', lateness = 0n): OperatorHarness {
  const parameters = windowAggregateSpecCodec.encode({
    keys: [0, 1],
    windowEndKey: 1,
    partitionKeyCount: 1,
    mode,
    clock: 'watermark',
    latenessMicros: lateness,
    slices: null,
    calls: [
      { signature: 'count(*) -> int8', args: [], distinct: false, filter: null, orderBy: [], type: int8Type },
      { signature: 'max(int8) -> int8', args: [2], distinct: false, filter: null, orderBy: [], type: int8Type },
    ],
  });
  return new OperatorHarness(windowAggregateFactory, parameters, { inputs, appendOnly: true });
}

describe('on window close', () => {
  test('each window comes once, when the watermark minus the lateness has passed it, in order of end and key', () => {
    const harness = harnessOf('on-window-close', 2n * SECOND);
    harness.rows(0, [
      ['b', 20n * SECOND, 1n],
      ['b', 10n * SECOND, 2n],
      ['a', 10n * SECOND, 3n],
      ['a', 10n * SECOND, 4n],
    ]);
    expect(harness.barrier(true)).toEqual([]);
    harness.watermark(11n * SECOND);
    expect(harness.barrier()).toEqual([]);
    harness.restart();
    harness.watermark(12n * SECOND);
    harness.barrier(true);
    expect(harness.content.lines()).toEqual(['["a","10000000n","2n","4n"]', '["b","10000000n","1n","2n"]']);
    expect(harness.emitted.every((batch) => batch.weights === null)).toBe(true);
    expect(harness.savedRows('groups')).toBe(1);
    harness.watermark(2n ** 63n - 1n);
    expect(harness.barrier(true)).toEqual(['["b","20000000n","1n","1n"]']);
    expect(harness.savedRows('groups')).toBe(0);
  });
});

describe('on update', () => {
  test('rows stay when their window is forgotten', () => {
    const harness = harnessOf('on-update');
    harness.rows(0, [['a', 10n * SECOND, 1n]]);
    expect(harness.barrier()).toEqual(['["a","10000000n","1n","1n"]']);
    harness.rows(0, [['a', 10n * SECOND, 5n]]);
    harness.watermark(10n * SECOND);
    expect(harness.barrier(true)).toEqual(['["a","10000000n","1n","1n"] x-1', '["a","10000000n","2n","5n"]']);
    expect(harness.savedRows('groups')).toBe(0);
    expect(harness.content.lines()).toEqual(['["a","10000000n","2n","5n"]']);
  });

  test('equals the answer from nothing while windows close behind the watermark, restarts included', () => {
    const random = seededRandom(5);
    const harness = harnessOf('on-update');
    const rows: Row[] = [];
    for (let epoch = 1; epoch <= 60; epoch++) {
      const fresh: Row[] = Array.from({ length: random.nextInt(8) }, () => [
        ['a', 'b', null][random.nextInt(3)]!,
        BigInt(epoch + random.nextInt(4)) * SECOND,
        BigInt(random.nextInt(9)),
      ]);
      rows.push(...fresh);
      harness.rows(0, fresh);
      harness.watermark(BigInt(epoch) * SECOND);
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `epoch ${epoch}`).toEqual(expected(rows));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  });
});

function expected(rows: readonly Row[]): string[] {
  const groups = new Map<string, { key: Row; count: bigint; max: bigint }>();
  for (const [name, end, value] of rows) {
    const text = `${name} ${end}`;
    const group = groups.get(text) ?? { key: [name!, end!], count: 0n, max: -1n };
    groups.set(text, group);
    group.count++;
    if ((value as bigint) > group.max) group.max = value as bigint;
  }
  const result = new RowSet();
  for (const { key, count, max } of groups.values()) result.add([...key, count, max], 1);
  return result.lines();
}
