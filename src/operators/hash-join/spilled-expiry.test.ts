import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { expectTimedTwin, OperatorHarness, type Row, RowSet, spillingFactory, testCondition } from '../testing/index.ts';
import { hashJoinFactory } from './operator.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
const types: readonly SqlType[] = [int4Type, timestampType, textType];

/** left between right - 3 s and right + 2 s. */
const near = testCondition(
  [timestampType, timestampType],
  ([left, right]) => (left as bigint) >= (right as bigint) - 3n * SECOND && (left as bigint) <= (right as bigint) + 2n * SECOND,
);
const residual = near.over(1, 4);

function parametersOf(joinType: HashJoinSpec['joinType'], isInterval: boolean) {
  return hashJoinSpecCodec.encode({
    joinType,
    leftKeys: isInterval ? [0] : [0, 1],
    rightKeys: isInterval ? [0] : [0, 1],
    residual: isInterval ? residual : null,
    expiry: [
      { column: 1, slackMicros: isInterval ? 3_000_000 : 0 },
      { column: 1, slackMicros: isInterval ? 2_000_000 : 0 },
    ],
    latenessMicros: SECOND,
    broadcast: null,
  });
}

const input = {
  make: (own: Random, time: bigint | null): Row => [own.nextInt(12) === 0 ? null : own.nextInt(50), time, ['x', 'ä'.repeat(20)][own.nextInt(2)]!],
  timeOf: (row: Row): bigint | null => row[1] as bigint | null,
};

describe.each(['inner', 'left', 'full', 'semi', 'anti'] as const)('a %s join by times', (joinType) => {
  test.each(
    [true, false].flatMap((isInterval) =>
      [true, false].flatMap((appendOnly) => [1, 12_000, 30_000].map((bytesMax) => ({ isInterval, appendOnly, bytesMax }))),
    ),
  )('changes what one in memory does, restarts included, and leaves nothing behind: %o', ({ isInterval, appendOnly, bytesMax }) => {
    for (const seed of [1, 2]) {
      expectTimedTwin(hashJoinFactory, parametersOf(joinType, isInterval), {
        environment: { inputs: [types, types], functions: near.functions, appendOnly },
        bytesMax,
        seed,
        clock: 'watermark',
        exact: false,
        emptied: appendOnly ? [] : ['left', 'right'],
        batchRows: 60,
        inputs: [input, input],
      });
    }
  });
});

describe.each([1, 20_000])('an inner join by a ttl with %i bytes of memory', (bytesMax) => {
  test.each([1, 2, 3])('finds what came within the ttl, restarts included, and keeps little else (seed %i)', (seed) => {
    const ttlMicros = 20n * SECOND;
    const expiry = { column: 1, slackMicros: Number(ttlMicros), clock: 'epoch' } as const;
    const sides = {
      joinType: 'inner',
      leftKeys: [0],
      rightKeys: [0],
      residual: null,
      expiry: [expiry, expiry],
      latenessMicros: 0n,
      broadcast: null,
    } as const;
    const random = seededRandom(seed);
    const twins = [hashJoinFactory, spillingFactory(hashJoinFactory, { bytesMax })].map(
      (factory) => new OperatorHarness(factory, hashJoinSpecCodec.encode(sides), { inputs: [types, types], appendOnly: true }),
    );
    const came: [Row[], Row[]] = [[], []];
    for (let epoch = 1; epoch <= 60; epoch++) {
      const time = BigInt(epoch) * SECOND;
      const expected = new RowSet();
      for (let batch = random.nextInt(4); batch > 0; batch--) {
        const side = random.nextInt(2) as 0 | 1;
        const rows = Array.from({ length: random.nextInt(40) }, (): Row => [random.nextInt(80), time, `${'ä'.repeat(10)}${random.nextInt(2)}`]);
        for (const twin of twins) twin.rows(side, rows);
        for (const row of rows) {
          for (const other of came[1 - side]!) {
            if (other[0] !== row[0] || time - (other[1] as bigint) > ttlMicros) continue;
            expected.add(side === 0 ? [...row, ...other] : [...other, ...row], 1);
          }
        }
        came[side].push(...rows);
      }
      const checkpoint = random.nextInt(4) === 0;
      for (const twin of twins) expect(twin.barrier(checkpoint, time), `epoch ${epoch}`).toEqual(expected.lines());
      if (checkpoint && random.nextInt(2) === 0) for (const twin of twins) twin.restart();
    }
    const [, spilled] = twins;
    expect(spilled!.observed.tables.reduce((sum, table) => sum + table.spilledBytes!(), 0)).toBeGreaterThan(0);
    spilled!.barrier(true, 1000n * SECOND);
    expect(spilled!.barrier(true, 1001n * SECOND)).toEqual([]);
    for (const { declaration, keyCount } of spilled!.observed.tables) {
      expect(keyCount()).toBe(0);
      expect(spilled!.savedRows(declaration.name)).toBe(0);
    }
  });
});
