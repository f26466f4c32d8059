import { expect, test } from 'vitest';
import { type Clock, type Random, SqlError, SqlState, seededRandom } from '../../base/index.ts';
import { batchFromRows, rowsOf } from '../../batch/index.ts';
import type { ConnectorDefinition, LookupAnswer, LookupCache, LookupReader } from '../../spi/index.ts';
import { int4Type, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { rowKey } from '../testing/operator-harness.ts';
import { lookupJoinFactory } from './operator.ts';
import { type LookupJoinSpec, lookupJoinSpecCodec } from './spec.ts';

const left: readonly SqlType[] = [int4Type, textType];
const right: readonly SqlType[] = [int4Type, textType];
const noRight: Row = [null, null];
const CACHE: LookupCache = { rowsMax: 2, expireAfterWriteMs: null, expireAfterAccessMs: null, missing: true };

/** A table of another system, in memory. */
class OtherSystem implements LookupReader {
  rows: Row[] = [];
  /** Keys of the questions asked, each sorted. */
  readonly asked: number[][] = [];
  /** Errors of the next questions. */
  readonly failing: SqlError[] = [];
  unreadable: number | null = null;
  onQuestion: () => void = () => undefined;

  async open(): Promise<void> {
    this.#fail();
  }

  async lookup(keys: Parameters<LookupReader['lookup']>[0]): Promise<LookupAnswer> {
    const wanted = rowsOf(keys).map(([key]) => Number(key));
    this.asked.push([...wanted].sort());
    this.onQuestion();
    this.#fail();
    const found = wanted.flatMap((key, at) => (key === this.unreadable ? [] : this.rowsOf(key).map((row) => ({ row, at }))));
    const bad = wanted.indexOf(this.unreadable ?? Number.NaN);
    const failure = new SqlError({ code: SqlState.invalidTextRepresentation, message: 'no number' });
    return {
      rows: batchFromRows(
        right,
        found.map(({ row }) => row),
      ),
      keyOf: Int32Array.from(found, ({ at }) => at),
      failures: new Map(bad < 0 ? [] : [[bad, failure]]),
    };
  }

  async close(): Promise<void> {
    // There is nothing to let go.
  }

  rowsOf(key: unknown): Row[] {
    return this.rows.filter((row) => row[0] === key);
  }

  #fail(): void {
    const error = this.failing.shift();
    if (error !== undefined) throw error;
  }
}

interface HarnessOptions {
  readonly joinType?: LookupJoinSpec['joinType'];
  readonly appendOnly?: boolean;
  readonly cache?: LookupCache;
  readonly missRetry?: LookupJoinSpec['missRetry'];
}

/** Pauses end at once. */
const impatient: Clock = {
  nowMicros: () => 0n,
  monotonicMs: () => 0,
  after: (_delay, run) => {
    queueMicrotask(run);
    return { cancel: () => undefined };
  },
  every: () => ({ cancel: () => undefined }),
};

function harnessOf(other: OtherSystem, { joinType = 'left', appendOnly = false, cache, missRetry }: HarnessOptions = {}): OperatorHarness {
  const connector: ConnectorDefinition = {
    name: 'other',
    description: '',
    options: [],
    metadata: [],
    source: null,
    sink: null,
    lookup: { createReader: () => other },
  };
  const parameters = lookupJoinSpecCodec.encode({
    joinType,
    keys: [{ name: 'id', type: int4Type }],
    columns: [
      { name: 'id', type: int4Type },
      { name: 'name', type: textType },
    ],
    connector: 'other',
    options: new Map(),
    cache: cache ?? null,
    retriesMax: 2,
    missRetry: missRetry ?? null,
  });
  return new OperatorHarness(lookupJoinFactory, parameters, { inputs: [left], appendOnly, connectors: [connector], clock: impatient });
}

function randomTable(random: Random): Row[] {
  return Array.from({ length: random.nextInt(6) }, (): Row => [random.nextInt(4), ['x', 'y', 'z'][random.nextInt(3)]!]);
}

test.each(['inner', 'left'] as const)('%s: a row has what was there when it came, until it goes, whatever happens in between', async (joinType) => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const other = new OtherSystem();
    const harness = harnessOf(other, { joinType });
    const changes = new RandomChanges(random, () => [random.nextInt(6) === 0 ? null : random.nextInt(5), ['a', 'b'][random.nextInt(2)]!]);
    const recorded = new Map<string, { readonly found: readonly Row[]; readonly row: Row; count: number }>();
    for (let epoch = 0; epoch < 20; epoch++) {
      other.rows = randomTable(random);
      const { rows, weights } = changes.next(random.nextInt(6));
      harness.rows(0, rows, weights);
      rows.forEach((row, at) => {
        const entry = recorded.get(rowKey(row)) ?? { found: other.rowsOf(row[0]), row, count: 0 };
        entry.count += weights[at]!;
        recorded.set(rowKey(row), entry);
      });
      const checkpoint = random.nextInt(3) === 0;
      await harness.barrierWhenDone(checkpoint);
      const expected = new RowSet();
      for (const [key, { found, row, count }] of recorded) {
        if (count === 0) recorded.delete(key);
        const matches = found.length === 0 && joinType === 'left' ? [noRight] : found;
        for (const match of count === 0 ? [] : matches) expected.add([...row, ...match], count);
      }
      expect(harness.content.lines(), `seed ${seed}, epoch ${epoch}`).toEqual(expected.lines());
      if (checkpoint) harness.restart();
    }
    harness.rows(
      0,
      changes.present,
      changes.present.map(() => -1),
    );
    await harness.barrierWhenDone(true);
    expect(harness.content.lines()).toEqual([]);
    expect(harness.savedRows('looked-up')).toBe(0);
  }
});

test('rows that are only added leave no state, and the rows of an epoch see one answer', async () => {
  const other = new OtherSystem();
  other.rows = [
    [1, 'x'],
    [1, 'y'],
  ];
  const harness = harnessOf(other, { appendOnly: true });
  harness.rows(0, [
    [1, 'a'],
    [null, 'b'],
    [2, 'c'],
  ]);
  harness.rows(0, [[1, 'd']]);
  expect(await harness.barrierWhenDone(true)).toEqual([
    '[1,"a",1,"x"]',
    '[1,"a",1,"y"]',
    '[1,"d",1,"x"]',
    '[1,"d",1,"y"]',
    '[2,"c",null,null]',
    '[null,"b",null,null]',
  ]);
  expect(other.asked).toEqual([[1, 2]]);
  expect(harness.observed.tables).toEqual([]);
});

test('many keys are many questions, of which none is too long', async () => {
  const other = new OtherSystem();
  other.rows = [[2345, 'x']];
  const harness = harnessOf(other, { joinType: 'inner', appendOnly: true });
  harness.rows(
    0,
    Array.from({ length: 2500 }, (_, key): Row => [key, 'a']),
  );
  expect(await harness.barrierWhenDone()).toEqual(['[2345,"a",2345,"x"]']);
  expect(other.asked.map((keys) => keys.length)).toEqual([1000, 1000, 500]);
});

/** Asks for keys in an epoch each; gives those that the other system was asked for. */
async function askedFor(cache: LookupCache, epochs: readonly (readonly number[])[]): Promise<number[][]> {
  const other = new OtherSystem();
  other.rows = [1, 2, 3].map((key) => [key, 'x']);
  const harness = harnessOf(other, { appendOnly: true, cache });
  const asked: number[][] = [];
  for (const keys of epochs) {
    harness.rows(
      0,
      keys.map((key) => [key, 'a']),
    );
    await harness.barrierWhenDone();
    asked.push(other.asked.splice(0).flat());
  }
  return asked;
}

test('the cache forgets what was not used for the longest time, and what is too old by the time of epochs', async () => {
  expect(await askedFor(CACHE, [[1], [2], [1], [3], [1], [2]])).toEqual([[1], [2], [], [3], [], [2]]);
  // An epoch takes a millisecond in the harness.
  expect(await askedFor({ ...CACHE, expireAfterWriteMs: 2 }, [[1], [1], [1], [1]])).toEqual([[1], [], [1], []]);
  expect(await askedFor({ ...CACHE, expireAfterAccessMs: 2 }, [[1], [1], [1], [], [1]])).toEqual([[1], [], [], [], [1]]);
  expect(await askedFor(CACHE, [[9], [9]])).toEqual([[9], []]);
  expect(await askedFor({ ...CACHE, missing: false }, [[9], [9]])).toEqual([[9], [9]]);
});

const lost = new SqlError({ code: SqlState.connectionFailure, message: 'no connection', class: 'external' });

test('what may pass is tried again, so often and no more; the table has to be there from the start', async () => {
  const other = new OtherSystem();
  other.rows = [[1, 'x']];
  other.failing.push(lost, lost, lost, lost);
  const harness = harnessOf(other, { appendOnly: true });
  await expect(harness.untilReady()).rejects.toThrow('looking rows up failed 3 times: no connection');
  other.failing.splice(0);
  harness.restart();
  await harness.untilReady();
  other.failing.push(lost, lost);
  harness.rows(0, [[1, 'a']]);
  expect(await harness.barrierWhenDone()).toEqual(['[1,"a",1,"x"]']);
  other.failing.push(lost, lost, lost);
  harness.rows(0, [[1, 'b']]);
  await expect(harness.barrierWhenDone()).rejects.toMatchObject({ class: 'external' });
  await harness.close();
});

test('a key without a row is asked for again, so often and no more', async () => {
  const other = new OtherSystem();
  other.rows = [[1, 'x']];
  const harness = harnessOf(other, { appendOnly: true, missRetry: { delayMs: 10_000, attemptsMax: 2 } });
  harness.rows(0, [
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
  other.onQuestion = () => {
    if (other.asked.length === 2) other.rows.push([2, 'y']);
  };
  expect(await harness.barrierWhenDone()).toEqual(['[1,"a",1,"x"]', '[2,"b",2,"y"]', '[3,"c",null,null]']);
  expect(other.asked).toEqual([[1, 2, 3], [2, 3], [3]]);
});

test('a mistake is not tried again', async () => {
  const other = new OtherSystem();
  other.failing.push(new SqlError({ code: SqlState.undefinedTable, message: 'no such table' }));
  await expect(harnessOf(other).untilReady()).rejects.toMatchObject({ code: SqlState.undefinedTable, message: 'no such table' });
});

test('a row that cannot be read is an error of the left row, which is taken back with it', async () => {
  const other = new OtherSystem();
  other.rows = [
    [1, 'x'],
    [2, 'y'],
  ];
  other.unreadable = 1;
  const harness = harnessOf(other);
  harness.rows(0, [
    [1, 'a'],
    [2, 'b'],
  ]);
  expect(await harness.barrierWhenDone(true)).toEqual(['[2,"b",2,"y"]']);
  const [error] = harness.observed.rowErrors;
  expect(error).toMatchObject({ row: '(1, a)', weight: 1, expression: 'FOR SYSTEM_TIME AS OF (id)', error: { message: 'no number' } });
  other.unreadable = null;
  harness.restart();
  harness.rows(0, [[1, 'a']], [-1]);
  expect(await harness.barrierWhenDone(true)).toEqual([]);
  expect(harness.observed.rowErrors).toMatchObject([{ row: '(1, a)', weight: -1, error: { code: '22P02', message: 'no number' } }]);
});
