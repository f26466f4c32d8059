import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { MAX_WATERMARK } from '../../batch/index.ts';
import type { Expression } from '../../expr/index.ts';
import { casts, createFunctionLookup, scalarFunctions } from '../../functions/index.ts';
import type { PatternReference, Recognition, ShownRows } from '../../pattern/index.ts';
import { int4Type, int8Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { expectSpilledTwin, expectTimedTwin, OperatorHarness, RandomChanges, type Row, RowSet, spillingFactory } from '../testing/index.ts';
import { matchRecognizeFactory } from './operator.ts';
import { matchRecognizeSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
/** Key, time, value. */
const types: readonly SqlType[] = [textType, timestampType, int4Type];
const functions = createFunctionLookup(scalarFunctions, casts);

const value: Expression = { kind: 'column', index: 2, name: 'v', type: int4Type };
const lastValue = (shift: number, from: 'first' | 'last' = 'last'): PatternReference => ({
  kind: 'row-value',
  symbol: 2,
  final: false,
  from,
  offset: 0,
  shift,
  value,
  type: int4Type,
});
const reference = (index: number, type: SqlType): Expression => ({ kind: 'column', index: 4 + index, name: 'r', type });

/** A first row, then falling values: PATTERN (s d+) DEFINE d AS v < PREV(v). */
function recognition(options: { readonly within: bigint | null; readonly shown: ShownRows }): Recognition {
  return {
    variables: ['s', 'd'],
    subsets: [],
    pattern: {
      kind: 'sequence',
      parts: [
        { kind: 'variable', variable: 0 },
        { kind: 'repetition', pattern: { kind: 'variable', variable: 1 }, minimum: 1, maximum: null, greedy: true },
      ],
    },
    references: [lastValue(0), lastValue(-1), { kind: 'match-number', type: int8Type }, lastValue(0, 'first')],
    definitions: [
      {
        variable: 1,
        condition: {
          kind: 'call',
          signature: 'int4 < int4 -> bool',
          args: [reference(0, int4Type), reference(1, int4Type)],
          type: { kind: 'bool' },
        },
      },
    ],
    measures: [
      { name: 'm', expression: reference(2, int8Type) },
      { name: 'first', expression: reference(3, int4Type) },
      { name: 'last', expression: reference(0, int4Type) },
    ],
    shown: options.shown,
    skip: { kind: 'past-last-row' },
    withinMicros: options.within,
  };
}

interface Case {
  readonly mode: 'watermark' | 'recompute';
  readonly within: bigint | null;
  readonly shown: ShownRows;
}

function parametersOf({ mode, within, shown }: Case) {
  return matchRecognizeSpecCodec.encode({
    recognition: recognition({ within, shown }),
    partitionBy: [0],
    orderBy: [{ column: 1, descending: false, nullsFirst: false }],
    partitionKeyCount: 1,
    mode,
    latenessMicros: 0n,
  });
}

function harnessOf(one: Case): OperatorHarness {
  const { mode } = one;
  return new OperatorHarness(matchRecognizeFactory, parametersOf(one), { inputs: [types], appendOnly: mode === 'watermark', functions });
}

/** NULL is behind everything. */
function compare(left: Row, right: Row): number {
  for (const column of [1, 2]) {
    const [a, b] = [left[column] as bigint | number | null, right[column] as bigint | number | null];
    if (a !== b) return a === null ? 1 : b === null ? -1 : a < b ? -1 : 1;
  }
  return 0;
}

interface Known {
  readonly rows: readonly Row[];
  /** No row to come is below; null: no row is to come. */
  readonly reached: bigint | null;
}

/** The matches of one partition that nothing can change any more, by walking along. */
function expectedOf({ rows, reached }: Known, { within, shown }: Case): Row[] {
  const sorted = rows.filter((row) => reached === null || (row[1] !== null && (row[1] as bigint) < reached)).sort(compare);
  const result: Row[] = [];
  let number = 0n;
  for (let start = 0; start < sorted.length; ) {
    const time = sorted[start]![1] as bigint | null;
    const near = (at: number): boolean => within === null || (time !== null && sorted[at]![1] !== null && (sorted[at]![1] as bigint) - time < within);
    let end = start + 1;
    while (end < sorted.length && near(end) && falls(sorted[end]!, sorted[end - 1]!)) end++;
    const limitPassed = within !== null && (time === null || (reached !== null && reached >= time + within));
    if (end === sorted.length && reached !== null && !limitPassed) break;
    if (end === start + 1) {
      start++;
      continue;
    }
    number++;
    const [key, first] = [sorted[start]![0]!, sorted[start]![2]!];
    if (shown === 'one') result.push([key, number, first, sorted[end - 1]![2]!]);
    else for (const row of sorted.slice(start, end)) result.push([key, row[1]!, number, first, row[2]!, row[2]!]);
    start = end;
  }
  return result;
}

function falls(row: Row, before: Row): boolean {
  return row[2] !== null && before[2] !== null && (row[2] as number) < (before[2] as number);
}

function expectedLines(known: Known, one: Case): string[] {
  const result = new RowSet();
  for (const key of new Set(known.rows.map((row) => row[0]!))) {
    for (const row of expectedOf({ ...known, rows: known.rows.filter((other) => other[0] === key) }, one)) result.add(row, 1);
  }
  return result.lines();
}

const keys = ['a', 'b', null];

function randomRow(random: Random, from: bigint): Row {
  const time = random.nextInt(25) === 0 ? null : from + BigInt(random.nextInt(6)) * SECOND;
  return [keys[random.nextInt(3)]!, time, random.nextInt(12) === 0 ? null : random.nextInt(9)];
}

describe('over a stream', () => {
  test.each([
    { seed: 1, within: null, shown: 'one' },
    { seed: 2, within: 3n * SECOND, shown: 'one' },
    { seed: 3, within: null, shown: 'all-show-empty' },
    { seed: 4, within: 2n * SECOND, shown: 'all-show-empty' },
  ] as const)('shows what is decided below the watermark, restarts included: %o', ({ seed, within, shown }) => {
    const one: Case = { mode: 'watermark', within, shown };
    const random = seededRandom(seed);
    const harness = harnessOf(one);
    const rows: Row[] = [];
    let reached = 0n;
    for (let epoch = 1; epoch <= 120; epoch++) {
      const fresh = Array.from({ length: random.nextInt(5) }, () => randomRow(random, reached));
      rows.push(...fresh);
      harness.rows(0, fresh);
      if (random.nextInt(4) > 0) {
        reached += BigInt(random.nextInt(3)) * SECOND;
        harness.watermark(reached);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.emitted.every((batch) => batch.weights === null)).toBe(true);
      expect(harness.content.lines(), `epoch ${epoch}`).toEqual(expectedLines({ rows, reached }, one));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
    harness.watermark(MAX_WATERMARK);
    harness.barrier(true);
    expect(harness.content.lines()).toEqual(expectedLines({ rows, reached: null }, one));
  });

  test('keeps no row longer than WITHIN', () => {
    const harness = harnessOf({ mode: 'watermark', within: 10n * SECOND, shown: 'one' });
    for (let second = 0n; second < 200n; second++) {
      harness.rows(0, [['a', second * SECOND, Number(1000n - second)]]);
      harness.watermark(second * SECOND);
      harness.barrier(true);
      expect(harness.savedRows('rows')).toBeLessThanOrEqual(12);
    }
    expect(harness.content.lines()).toHaveLength(19);
  });
});

test.each([
  { seed: 5, within: null, shown: 'one' },
  { seed: 6, within: 3n * SECOND, shown: 'all-show-empty' },
] as const)('over updating rows equals the answer from nothing at every epoch: %o', ({ seed, within, shown }) => {
  const one: Case = { mode: 'recompute', within, shown };
  const random = seededRandom(seed);
  const harness = harnessOf(one);
  const changes = new RandomChanges(random, (source) => randomRow(source, 0n));
  for (let epoch = 1; epoch <= 80; epoch++) {
    const { rows, weights } = changes.next(random.nextInt(6));
    harness.rows(0, rows, weights);
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    expect(harness.content.lines(), `epoch ${epoch}`).toEqual(expectedLines({ rows: changes.present, reached: null }, one));
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
});

test.each([1, 8_000, 20_000])('over updating rows with %i bytes of memory finds what it finds in memory, restarts included', (bytesMax) => {
  for (const seed of [1, 2]) {
    expectSpilledTwin(matchRecognizeFactory, parametersOf({ mode: 'recompute', within: 3n * SECOND, shown: 'one' }), {
      environment: { inputs: [types], functions },
      bytesMax,
      seed,
      makeRow: [(own) => [own.nextInt(12) === 0 ? null : `key ${own.nextInt(40)}`, BigInt(own.nextInt(12)) * SECOND, own.nextInt(8)]],
      epochs: 30,
      batchRows: 40,
    });
  }
});

describe.each([1, 8_000, 20_000])('over event times with %i bytes of memory', (bytesMax) => {
  test.each([
    { within: 3n * SECOND, shown: 'one' },
    { within: null, shown: 'one' },
    { within: 2n * SECOND, shown: 'all-with-unmatched' },
    { within: null, shown: 'all-show-empty' },
  ] as const)('finds what it finds in memory, in the same epochs, restarts included: %o', ({ within, shown }) => {
    for (const seed of [1, 2, 3]) {
      expectTimedTwin(matchRecognizeFactory, parametersOf({ mode: 'watermark', within, shown }), {
        environment: { inputs: [types], functions, appendOnly: true },
        bytesMax,
        seed,
        clock: 'watermark',
        exact: false,
        emptied: ['rows'],
        batchRows: 60,
        inputs: [
          {
            make: (own, time) => [own.nextInt(12) === 0 ? null : `key ${own.nextInt(40)}`, time, own.nextInt(8)],
            timeOf: (row) => row[1] as bigint | null,
          },
        ],
      });
    }
  });

  test('and at the end of the input finds all, in rows without a time, too', () => {
    const random = seededRandom(bytesMax);
    const one: Case = { mode: 'watermark', within: null, shown: 'one' };
    const twins = [matchRecognizeFactory, spillingFactory(matchRecognizeFactory, { bytesMax })].map(
      (factory) => new OperatorHarness(factory, parametersOf(one), { inputs: [types], appendOnly: true, functions }),
    );
    for (let epoch = 0; epoch < 10; epoch++) {
      const rows = Array.from(
        { length: 60 },
        (): Row => [`key ${random.nextInt(40)}`, random.nextInt(4) === 0 ? null : BigInt(random.nextInt(20)) * SECOND, random.nextInt(8)],
      );
      for (const twin of twins) {
        twin.rows(0, rows);
        twin.barrier();
      }
    }
    const [plain, spilled] = twins.map((twin) => {
      twin.watermark(MAX_WATERMARK);
      return twin.barrier();
    });
    expect(spilled).toEqual(plain);
    expect(plain!.length).toBeGreaterThan(10);
  });
});
