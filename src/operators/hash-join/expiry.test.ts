import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int8Type, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, testCondition } from '../testing/index.ts';
import { hashJoinFactory } from './operator.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
/** left between right - 10 s and right + 5 s. */
const BEFORE = 10n * SECOND;
const AFTER = 5n * SECOND;
/** Rows come with times from the bound on to that far above it. */
const SPREAD_SECONDS = 30;

const inputs: readonly (readonly SqlType[])[] = [
  [int8Type, int8Type, textType],
  [int8Type, int8Type, textType],
];

function near(left: bigint, right: bigint): boolean {
  return left >= right - BEFORE && left <= right + AFTER;
}

const { functions, over } = testCondition([int8Type, int8Type], ([left, right]) => near(left as bigint, right as bigint));
const residual = over(1, 4);

type Kind = 'window' | 'interval';

const noRow: Row = [null, null, null];

function joined(left: readonly Row[], right: readonly Row[], joinType: string, kind: Kind): string[] {
  const rows = new RowSet();
  const meets = (one: Row, other: Row): boolean => {
    if (one[0] === null || one[0] !== other[0] || one[1] === null || other[1] === null) return false;
    return kind === 'window' ? one[1] === other[1] : near(one[1] as bigint, other[1] as bigint);
  };
  for (const one of left) {
    const found = right.filter((other) => meets(one, other));
    if (joinType === 'semi' || joinType === 'anti') {
      if (found.length > 0 === (joinType === 'semi')) rows.add(one, 1);
      continue;
    }
    for (const other of found) rows.add([...one, ...other], 1);
    if (found.length === 0 && (joinType === 'left' || joinType === 'full')) rows.add([...one, ...noRow], 1);
  }
  if (joinType === 'right' || joinType === 'full') {
    for (const other of right) if (!left.some((one) => meets(one, other))) rows.add([...noRow, ...other], 1);
  }
  return rows.lines();
}

function parametersOf(joinType: HashJoinSpec['joinType'], kind: Kind): ReturnType<typeof hashJoinSpecCodec.encode> {
  const keys = kind === 'window' ? [0, 1] : [0];
  const slack = (micros: bigint): number => (kind === 'window' ? 0 : Number(micros));
  return hashJoinSpecCodec.encode({
    joinType,
    leftKeys: keys,
    rightKeys: keys,
    residual: kind === 'window' ? null : residual,
    expiry: [
      { column: 1, slackMicros: slack(BEFORE) },
      { column: 1, slackMicros: slack(AFTER) },
    ],
    latenessMicros: 2n * SECOND,
    broadcast: null,
  });
}

/** Changes of an input whose rows lie at or above a bound that rises; what is below it is never taken back. */
class TimedChanges {
  readonly #random: Random;
  readonly #settled: Row[] = [];
  #open: RandomChanges;
  boundSeconds = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#open = new RandomChanges(random, () => this.#row());
  }

  get present(): readonly Row[] {
    return [...this.#settled, ...this.#open.present];
  }

  next(count: number, appendOnly: boolean): { readonly rows: Row[]; readonly weights: number[] } {
    if (!appendOnly) return this.#open.next(count);
    const rows = Array.from({ length: count }, () => this.#row());
    this.#open.present.push(...rows);
    return { rows, weights: rows.map(() => 1) };
  }

  raise(boundSeconds: number): void {
    this.boundSeconds = boundSeconds;
    const { present } = this.#open;
    const open = present.filter((row) => row[1] === null || (row[1] as bigint) >= BigInt(boundSeconds) * SECOND);
    this.#settled.push(...present.filter((row) => !open.includes(row)));
    this.#open = new RandomChanges(this.#random, () => this.#row());
    this.#open.present.push(...open);
  }

  #row(): Row {
    const random = this.#random;
    const key = random.nextInt(12) === 0 ? null : BigInt(random.nextInt(3));
    const time = random.nextInt(15) === 0 ? null : BigInt(this.boundSeconds + random.nextInt(SPREAD_SECONDS)) * SECOND;
    return [key, time, ['x', 'y'][random.nextInt(2)]!];
  }
}

const joinTypes = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
const cases = joinTypes.flatMap((joinType) =>
  (['window', 'interval'] as const).flatMap((kind) => [
    { joinType, kind, appendOnly: true },
    { joinType, kind, appendOnly: false },
  ]),
);

test.each(cases)('rows that expire leave the join what it is, and the state bounded: %o', ({ joinType, kind, appendOnly }) => {
  for (const seed of [1, 2]) {
    const random = seededRandom(seed);
    const sides = [new TimedChanges(random), new TimedChanges(random)];
    const harness = new OperatorHarness(hashJoinFactory, parametersOf(joinType, kind), { inputs, functions, appendOnly });
    for (let epoch = 0; epoch < 40; epoch++) {
      for (const input of [0, 1]) {
        const { rows, weights } = sides[input]!.next(1 + random.nextInt(8), appendOnly);
        if (appendOnly) harness.rows(input, rows);
        else harness.rows(input, rows, weights);
      }
      if (random.nextInt(2) === 0) {
        const boundSeconds = sides[0]!.boundSeconds + random.nextInt(20);
        // The watermark is ahead of the bound by the lateness.
        harness.watermark(BigInt(boundSeconds) * SECOND + 2n * SECOND);
        for (const side of sides) side.raise(boundSeconds);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(joined(sides[0]!.present, sides[1]!.present, joinType, kind));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
    harness.watermark(BigInt(sides[0]!.boundSeconds + SPREAD_SECONDS + 60) * SECOND);
    harness.barrier(true);
    // What is left are rows without time, which come to no end.
    const untimed = sides.map((side) => side.present.filter((row) => row[1] === null).length);
    for (const [input, table] of harness.observed.tables.entries()) {
      expect(table.keyCount(), `seed ${seed}`).toBeLessThanOrEqual(untimed[input]!);
      expect(harness.savedRows(table.declaration.name), `seed ${seed}`).toBe(table.keyCount());
    }
  }
});
