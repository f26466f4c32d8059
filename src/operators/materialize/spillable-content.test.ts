import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { batchFromRows, encodeBatch } from '../../batch/index.ts';
import { int8Type, numericType, type SqlType, textType } from '../../types/index.ts';
import { linesOf, OperatorHarness, RandomChanges, type Row, RowSet, randomUpserts, scan, spillingFactory } from '../testing/index.ts';
import { materializeFactory } from './operator.ts';
import { type MaterializeSpec, materializeSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [textType, int8Type, numericType];
const plain: MaterializeSpec = { relation: 'r', name: 'r', key: null, partitionKeys: [1], net: false, upsert: false, retentionMs: null };
/** Nothing stays in memory; some of what is new does; the content spills after a while. */
const LIMITS = [1, 4_000, 12_000];

function harnessOf(bytesMax: number, spec: Partial<MaterializeSpec>, appendOnly = false): OperatorHarness {
  const parameters = materializeSpecCodec.encode({ ...plain, ...spec });
  return new OperatorHarness(spillingFactory(materializeFactory, { bytesMax }), parameters, { inputs: [types], appendOnly });
}

const rowsTable = (harness: OperatorHarness) => harness.observed.tables.find(({ declaration }) => declaration.name === 'rows')!;

function expectSpilled(harness: OperatorHarness, keys: number): void {
  expect(rowsTable(harness).keyCount()).toBe(keys);
  expect(rowsTable(harness).spilledBytes!()).toBeGreaterThan(0);
}

/** Changes of keys at random: takes back what is there and puts another row, or none. */
function changeKeys(random: Random, content: Map<string, Row>, count: number): { readonly rows: Row[]; readonly weights: number[] } {
  const rows: Row[] = [];
  const weights: number[] = [];
  for (let change = 0; change < count; change++) {
    const key = `k${random.nextInt(400)}`;
    const old = content.get(key);
    if (old !== undefined) {
      rows.push(old);
      weights.push(-1);
      content.delete(key);
    }
    if (random.nextInt(4) === 0) continue;
    const row: Row = [key, BigInt(random.nextInt(3)), random.nextInt(2) === 0 ? null : { mantissa: 150n, scale: 2 }];
    rows.push(row);
    weights.push(1);
    content.set(key, row);
  }
  return { rows, weights };
}

describe.each(LIMITS)('content with %i bytes of memory', (bytesMax) => {
  test('without a key reads at every retained epoch as it was, restarts included', () => {
    for (const seed of [1, 2]) {
      const random = seededRandom(seed);
      const changes = new RandomChanges(random, () => [
        ['a', 'b', null][random.nextInt(3)]!,
        BigInt(random.nextInt(60)),
        random.nextInt(2) === 0 ? { mantissa: 15n, scale: 1 } : { mantissa: 150n, scale: 2 },
      ]);
      const harness = harnessOf(bytesMax, {});
      const history: string[][] = [];
      let restored = 0;
      for (let epoch = 1; epoch <= 40; epoch++) {
        const { rows, weights } = changes.next(random.nextInt(60));
        harness.rows(0, rows, weights);
        const checkpoint = random.nextInt(4) === 0;
        harness.barrier(checkpoint);
        history[epoch] = linesOf(changes.present);
        expect(harness.content.lines()).toEqual(history[epoch]);
        for (let back = 0; back < 4 && epoch - back > restored; back++) {
          expect(scan(harness, epoch - back), `seed ${seed} epoch ${epoch} back ${back}`).toEqual(history[epoch - back]);
        }
        harness.observed.relations.get('r')!.release(epoch - 5);
        if (!checkpoint) continue;
        expect(harness.savedRows('rows')).toBe(history[epoch]!.length);
        if (random.nextInt(2) > 0) continue;
        harness.restart();
        restored = epoch;
        harness.barrier();
        history[++epoch] = history[epoch - 1]!;
        expect(scan(harness, epoch)).toEqual(history[epoch]);
      }
      expectSpilled(harness, linesOf(changes.present).length);
    }
  });

  test.each([
    { partitionKeys: [0] },
    // Routed by a column that is no part of the key.
    { partitionKeys: [1] },
  ])('with a key has one row of it, found by it (%o)', ({ partitionKeys }) => {
    const random = seededRandom(5);
    const content = new Map<string, Row>();
    const harness = harnessOf(bytesMax, { key: [0], partitionKeys });
    let before: string[] = [];
    for (let epoch = 1; epoch <= 40; epoch++) {
      const { rows, weights } = changeKeys(random, content, random.nextInt(80));
      harness.rows(0, rows, weights);
      const checkpoint = random.nextInt(4) === 0;
      harness.barrier(checkpoint);
      const lines = linesOf(content.values());
      expect(scan(harness, epoch)).toEqual(lines);
      if (epoch > 1) expect(scan(harness, epoch - 1)).toEqual(before);
      before = lines;
      const key = `k${random.nextInt(400)}`;
      const values = encodeBatch(batchFromRows([textType], [[key]]));
      const found = scan(harness, epoch, { range: { columns: [0], low: { values, inclusive: true }, high: { values, inclusive: true } } });
      expect(found).toEqual(linesOf(content.has(key) ? [content.get(key)!] : []));
      const one = encodeBatch(batchFromRows([int8Type], [[1n]]));
      const above = scan(harness, epoch, { range: { columns: [1], low: { values: one, inclusive: false }, high: null } });
      expect(above).toEqual(linesOf([...content.values()].filter((row) => (row[1] as bigint) > 1n)));
      if (!checkpoint) continue;
      expect(harness.savedRows('rows')).toBe(content.size);
      if (random.nextInt(2) > 0) continue;
      harness.restart();
      harness.barrier();
      epoch++;
      expect(scan(harness, epoch)).toEqual(lines);
    }
    expectSpilled(harness, content.size);
  });

  test('of changes by key has the newest row of each', () => {
    const random = seededRandom(9);
    const content = new Map<string, Row>();
    const harness = harnessOf(bytesMax, { key: [0], partitionKeys: [0], upsert: true });
    for (let epoch = 1; epoch <= 50; epoch++) {
      const { rows, weights } = randomUpserts(random, content, { countMax: 60, keys: 300 });
      harness.rows(0, rows, weights);
      const checkpoint = random.nextInt(4) === 0;
      harness.barrier(checkpoint);
      const expected = linesOf(content.values());
      expect(harness.content.lines(), `epoch ${epoch}`).toEqual(expected);
      expect(scan(harness, epoch)).toEqual(expected);
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
    expectSpilled(harness, content.size);
  });

  test('that only grows keeps equal rows apart', () => {
    const random = seededRandom(8);
    const harness = harnessOf(bytesMax, {}, true);
    const rows: Row[] = [];
    for (let epoch = 1; epoch <= 40; epoch++) {
      const fresh: Row[] = Array.from({ length: random.nextInt(60) }, () => ['a', BigInt(random.nextInt(50)), null]);
      const before = linesOf(rows);
      rows.push(...fresh);
      harness.rows(0, fresh);
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(scan(harness, epoch)).toEqual(linesOf(rows));
      if (epoch > 1 && !checkpoint) expect(scan(harness, epoch - 1)).toEqual(before);
      if (!checkpoint) continue;
      expect(harness.savedRows('rows')).toBe(rows.length);
      harness.restart();
      harness.barrier();
      epoch++;
    }
    expectSpilled(harness, rows.length);
  });
});

test('a scan under way shows what was there when it began, whatever is written and merged meanwhile', () => {
  const random = seededRandom(3);
  const content = new Map<string, Row>();
  const harness = harnessOf(1, { key: [0], partitionKeys: [0] });
  const change = (): void => {
    const { rows, weights } = changeKeys(random, content, 100);
    harness.rows(0, rows, weights);
    harness.barrier();
  };
  change();
  change();
  const expected = linesOf(content.values());
  const batches = harness.observed.relations.get('r')!.scan(2, { columns: [0, 1, 2] });
  const seen = new RowSet();
  for (let next = batches.next(); !next.done; next = batches.next()) {
    seen.addBatch(next.value);
    change();
  }
  expect(seen.lines()).toEqual(expected);
  expect(linesOf(content.values())).not.toEqual(expected);
});

test.each([
  { what: 'a row that was never there', key: null, second: [-1] },
  { what: 'another row of a key', key: [0], second: [1] },
])('$what is an alarm that names the relation', ({ key, second }) => {
  const harness = harnessOf(1, { key, partitionKeys: [0] });
  harness.rows(0, [['k', 1n, null]]);
  harness.barrier();
  expect(rowsTable(harness).spilledBytes!()).toBeGreaterThan(0);
  harness.rows(0, [['k', 2n, null]], second);
  expect(() => harness.barrier()).toThrow('relation "r" would have a row a negative number of times, or two rows of one key');
});

test('a reader is told when the relation ends before it has read all', async () => {
  const harness = harnessOf(1, { key: [0], partitionKeys: [0] });
  harness.rows(0, [['k', 1n, null]]);
  harness.barrier();
  const batches = harness.observed.relations.get('r')!.scan(1, { columns: [0] });
  await harness.close();
  expect(() => batches.next()).toThrow(expect.objectContaining({ code: '72000', message: expect.stringContaining('"r" has ended') }));
});

describe.each([{ key: null }, { key: [0] }])('content that has become small (%o)', ({ key }) => {
  const BYTES_MAX = 12_000;
  const rowOf = (at: number): Row => [`k${at}`, BigInt(at % 7), at % 2 === 0 ? null : { mantissa: 150n, scale: 2 }];
  const many = Array.from({ length: 400 }, (_, at) => rowOf(at));
  const spilledBytes = (harness: OperatorHarness): number => rowsTable(harness).spilledBytes!();

  test('comes back to memory, saves what it had changed on disk, and leaves again when it grows', () => {
    const harness = harnessOf(BYTES_MAX, { key, partitionKeys: [0] });
    let content: Row[] = [];
    for (let turn = 0; turn < 3; turn++) {
      harness.rows(0, many);
      harness.barrier(turn === 0);
      content = [...many];
      expect(spilledBytes(harness)).toBeGreaterThan(0);
      harness.rows(0, content.splice(10), Array<number>(390).fill(-1));
      harness.barrier();
      expect(spilledBytes(harness)).toBe(0);
      expect(rowsTable(harness).keyCount()).toBe(10);
      expect(scan(harness, harness.epoch)).toEqual(linesOf(content));
      expect(scan(harness, harness.epoch - 1)).toEqual(linesOf(many));
      harness.barrier(true);
      expect(harness.savedRows('rows')).toBe(10);
      harness.restart();
      harness.barrier();
      expect(scan(harness, harness.epoch)).toEqual(linesOf(content));
      harness.rows(0, content, Array<number>(10).fill(-1));
      harness.barrier(true);
      expect(harness.savedRows('rows')).toBe(0);
    }
  });

  test('is read to the end by a scan that began before, wherever it is by then', () => {
    const harness = harnessOf(BYTES_MAX, { key, partitionKeys: [0] });
    harness.rows(0, many);
    harness.barrier();
    for (const moves of [[390], [390, -390], [390, -390, 390]]) {
      const from = harness.epoch;
      const batches = harness.observed.relations.get('r')!.scan(from, { columns: [0, 1, 2] });
      for (const count of moves) {
        harness.rows(0, many.slice(10), Array<number>(390).fill(count > 0 ? -1 : 1));
        harness.barrier();
        expect(spilledBytes(harness) > 0).toBe(count < 0);
      }
      const seen = new RowSet();
      for (let next = batches.next(); !next.done; next = batches.next()) seen.addBatch(next.value);
      expect(seen.lines()).toEqual(linesOf(many));
      if (moves.length % 2 === 1) {
        harness.rows(0, many.slice(10));
        harness.barrier();
      }
    }
  });
});

test('content that has come back ends with its relation', async () => {
  const harness = harnessOf(12_000, { key: [0], partitionKeys: [0] });
  const rows = Array.from({ length: 400 }, (_, at): Row => [`k${at}`, 1n, null]);
  harness.rows(0, rows);
  harness.barrier();
  const batches = harness.observed.relations.get('r')!.scan(1, { columns: [0] });
  harness.rows(0, rows, Array<number>(400).fill(-1));
  harness.barrier();
  await harness.close();
  expect(() => batches.next()).toThrow(expect.objectContaining({ code: '72000' }));
});
