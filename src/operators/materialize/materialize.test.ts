import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { int8Type, numericType, type SqlType, textType } from '../../types/index.ts';
import { linesOf, OperatorHarness, RandomChanges, type Row, RowSet, randomUpserts, scan } from '../testing/index.ts';
import { materializeFactory } from './operator.ts';
import { materializeSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[textType, int8Type, numericType]];

function harnessOf(key: readonly number[] | null, appendOnly = false): OperatorHarness {
  const partitionKeys = key === null ? [1] : [...key];
  const parameters = materializeSpecCodec.encode({ relation: 'r', name: 'r', key, partitionKeys, net: false, upsert: false, retentionMs: null });
  return new OperatorHarness(materializeFactory, parameters, { inputs, appendOnly });
}

describe('without a key', () => {
  test.each([1, 2, 3])('every retained epoch reads as it was (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const changes = new RandomChanges(random, () => [
      ['a', 'b', null][random.nextInt(3)]!,
      BigInt(random.nextInt(4)),
      random.nextInt(2) === 0 ? { mantissa: 15n, scale: 1 } : { mantissa: 150n, scale: 2 },
    ]);
    const harness = harnessOf(null);
    const history: string[][] = [];
    let restored = 0;
    for (let epoch = 1; epoch <= 40; epoch++) {
      for (let batch = random.nextInt(3); batch > 0; batch--) {
        const { rows, weights } = changes.next(1 + random.nextInt(20));
        harness.rows(0, rows, weights);
      }
      const checkpoint = random.nextInt(4) === 0;
      harness.barrier(checkpoint);
      history[epoch] = linesOf(changes.present);
      expect(harness.content.lines()).toEqual(history[epoch]);
      const readable = harness.observed.relations.get('r')!;
      for (let back = 0; back < 4 && epoch - back > restored; back++) {
        expect(scan(harness, epoch - back), `seed ${seed} epoch ${epoch} back ${back}`).toEqual(history[epoch - back]);
      }
      readable.release(epoch - 5);
      if (checkpoint && random.nextInt(2) === 0) {
        harness.restart();
        restored = epoch;
      }
    }
  });
});

describe('with a key', () => {
  test.each([1, 2, 3])('a key has one row, replaced in place (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const content = new Map<string, Row>();
    const harness = harnessOf([0]);
    for (let epoch = 1; epoch <= 40; epoch++) {
      const rows: Row[] = [];
      const weights: number[] = [];
      for (let change = random.nextInt(12); change > 0; change--) {
        const key = `k${random.nextInt(6)}`;
        const old = content.get(key);
        if (old !== undefined) {
          rows.push(old);
          weights.push(-1);
          content.delete(key);
        }
        if (random.nextInt(3) > 0) {
          const row: Row = [key, BigInt(random.nextInt(3)), null];
          rows.push(row);
          weights.push(1);
          content.set(key, row);
        }
      }
      harness.rows(0, rows, weights);
      const before = linesOf([...content.values()]);
      const checkpoint = random.nextInt(4) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines()).toEqual(before);
      expect(scan(harness, epoch)).toEqual(before);
      if (checkpoint) {
        expect(harness.savedRows('rows')).toBe(content.size);
        if (random.nextInt(2) === 0) harness.restart();
      }
    }
  });

  test('two rows of one key are an alarm that names the relation', () => {
    const harness = harnessOf([0]);
    harness.rows(0, [
      ['k', 1n, null],
      ['k', 2n, null],
    ]);
    expect(() => harness.barrier()).toThrow('relation "r" would have a row a negative number of times, or two rows of one key');
  });
});

test('a scan under way shows what was there when it began', () => {
  const harness = harnessOf(null);
  harness.rows(0, [
    ['a', 1n, null],
    ['b', 2n, null],
  ]);
  harness.barrier();
  const batches = harness.observed.relations.get('r')!.scan(1, { columns: [0] });
  harness.rows(0, [['a', 1n, null]], [-1]);
  harness.barrier();
  const rows = new RowSet();
  for (let next = batches.next(); !next.done; next = batches.next()) rows.addBatch(next.value);
  expect(rows.lines()).toEqual(['["a"]', '["b"]']);
});

test('changes are kept until released, and an epoch without any has none', () => {
  const harness = harnessOf(null, true);
  harness.rows(0, [['a', 1n, null]]);
  harness.barrier();
  harness.barrier();
  const readable = harness.observed.relations.get('r')!;
  expect(readable.changes(1)!.length).toBe(1);
  expect(readable.changes(2)).toEqual([]);
  expect(readable.changes(3)).toBeNull();
  readable.release(1);
  expect(readable.changes(1)).toBeNull();
  expect(readable.changes(2)).toEqual([]);
});

test('rows that are only added survive restarts, equal ones apart', () => {
  const random = seededRandom(8);
  const harness = harnessOf(null, true);
  const rows: Row[] = [];
  for (let epoch = 1; epoch <= 30; epoch++) {
    const fresh: Row[] = Array.from({ length: random.nextInt(5) }, () => ['a', BigInt(random.nextInt(3)), null]);
    rows.push(...fresh);
    harness.rows(0, fresh);
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    expect(scan(harness, epoch)).toEqual(linesOf(rows));
    if (checkpoint) {
      expect(harness.savedRows('rows')).toBe(rows.length);
      harness.restart();
    }
  }
});

test('rows that cancel out in an epoch leave nothing, not even a message downstream', () => {
  const harness = harnessOf(null);
  harness.rows(0, [['a', 1n, null]], [-1]);
  harness.rows(0, [['a', 1n, null]]);
  expect(harness.barrier()).toEqual([]);
  expect(harness.emitted).toEqual([]);
});

describe('changes by key', () => {
  test.each([1, 2, 3])('the newest row of each key counts, a key that is not there goes without a trace (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const content = new Map<string, Row>();
    const parameters = materializeSpecCodec.encode({
      relation: 'r',
      name: 'r',
      key: [0],
      partitionKeys: [0],
      net: false,
      upsert: true,
      retentionMs: null,
    });
    const harness = new OperatorHarness(materializeFactory, parameters, { inputs, appendOnly: false });
    for (let epoch = 1; epoch <= 60; epoch++) {
      const { rows, weights } = randomUpserts(random, content, { countMax: 12, keys: 6 });
      harness.rows(0, rows, weights);
      const checkpoint = random.nextInt(4) === 0;
      harness.barrier(checkpoint);
      const expected = linesOf([...content.values()]);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected);
      expect(scan(harness, epoch)).toEqual(expected);
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  });
});

test('held deltas are there after restarts, whoever else has let them go', () => {
  for (const appendOnly of [false, true]) {
    const harness = harnessOf(null, appendOnly);
    const readable = () => harness.observed.relations.get('r')!;
    const insert = (text: string): void => harness.rows(0, [[text, 1n, null]]);
    const changed = (epoch: number): string[] | undefined => {
      const lines = new RowSet();
      const batches = readable().changes(epoch);
      for (const batch of batches ?? []) lines.addBatch(batch);
      return batches === null ? undefined : lines.lines();
    };
    insert('a');
    harness.barrier();
    readable().hold!({ after: 1, forMicros: null });
    insert('b');
    insert('b');
    harness.barrier();
    harness.barrier(true);
    readable().release(3);
    expect(harness.savedRows('held')).toBe(appendOnly ? 2 : 1);
    harness.restart((relation) => relation.hold!({ after: 1, forMicros: null }));
    insert('c');
    harness.barrier();
    expect(changed(1)).toBeUndefined();
    expect([2, 3, 4].map(changed)).toEqual([['["b","1n",null] x2'], [], ['["c","1n",null]']]);
    readable().hold!({ after: null, forMicros: null });
    harness.barrier(true);
    expect(harness.savedRows('held')).toBe(0);
  }
});
