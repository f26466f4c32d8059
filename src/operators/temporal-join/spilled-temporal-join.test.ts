import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { expectTimedTwin, OperatorHarness, RandomChanges, type Row, spillingFactory } from '../testing/index.ts';
import { temporalJoinFactory } from './operator.ts';
import { type TemporalJoinSpec, temporalJoinSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
/** A key, a time, something else. */
const types: readonly SqlType[] = [int4Type, timestampType, textType];

const input = (nullable: boolean) => ({
  make: (own: Random, time: bigint | null): Row => [
    nullable && own.nextInt(12) === 0 ? null : own.nextInt(50),
    nullable ? time : (time ?? 2_000_000_000n),
    ['x', 'ä'.repeat(20)][own.nextInt(2)]!,
  ],
  timeOf: (row: Row): bigint | null => row[1] as bigint | null,
});

describe.each([1, 12_000, 30_000])('a temporal join with %i bytes of memory', (bytesMax) => {
  test.each([
    { joinType: 'inner', latenessMicros: 0n },
    { joinType: 'left', latenessMicros: 2n * SECOND },
  ] as const)('finds the versions it finds in memory, restarts included: %o', ({ joinType, latenessMicros }) => {
    const parameters = temporalJoinSpecCodec.encode({ joinType, keyCount: 1, versions: { left: 1, right: 1, tieBy: [0, 1, 2], latenessMicros } });
    for (const seed of [1, 2]) {
      expectTimedTwin(temporalJoinFactory, parameters, {
        environment: { inputs: [types, types], appendOnly: true },
        bytesMax,
        seed,
        clock: 'watermark',
        exact: false,
        emptied: ['left'],
        batchRows: 50,
        inputs: [input(true), input(false)],
      });
    }
  });

  test.each(['inner', 'left'] as const)('on processing time joins what is there at the barrier, restarts included: %s', (joinType) => {
    const parameters = temporalJoinSpecCodec.encode({ joinType, keyCount: 1, versions: null } satisfies TemporalJoinSpec);
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const right = new RandomChanges(random, (own) => input(false).make(own, BigInt(own.nextInt(5))));
      const twins = [temporalJoinFactory, spillingFactory(temporalJoinFactory, { bytesMax })].map(
        (factory) => new OperatorHarness(factory, parameters, { inputs: [types, types] }),
      );
      let spilledBytes = 0;
      for (let epoch = 0; epoch < 40; epoch++) {
        for (let batch = random.nextInt(5); batch > 0; batch--) {
          const lefts = Array.from({ length: random.nextInt(60) }, () => input(true).make(random, BigInt(epoch)));
          const changes = right.next(random.nextInt(60));
          for (const twin of twins) twin.rows(0, lefts);
          for (const twin of twins) twin.rows(1, changes.rows, changes.weights);
        }
        const checkpoint = random.nextInt(3) === 0;
        const [plain, spilled] = twins.map((twin) => twin.barrier(checkpoint));
        expect(spilled, `seed ${seed} epoch ${epoch}`).toEqual(plain);
        spilledBytes += twins[1]!.observed.tables[0]!.spilledBytes!();
        if (checkpoint) expect(twins[1]!.savedKeys()).toEqual(twins[0]!.savedKeys());
        if (checkpoint && random.nextInt(2) === 0) for (const twin of twins) twin.restart();
      }
      expect(spilledBytes).toBeGreaterThan(0);
    }
  });
});

test('versions of a table that updates are corrected, deleted and superseded as in memory', () => {
  const versions = { left: 1, right: 1, tieBy: [0, 1, 2], latenessMicros: 0n };
  const parameters = temporalJoinSpecCodec.encode({ joinType: 'left', keyCount: 1, versions });
  for (const bytesMax of [1, 15_000]) {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const twins = [temporalJoinFactory, spillingFactory(temporalJoinFactory, { bytesMax })].map(
        (factory) => new OperatorHarness(factory, parameters, { inputs: [types, types] }),
      );
      const current = new Map<number, Row>();
      for (let epoch = 1; epoch <= 50; epoch++) {
        const now = BigInt(epoch) * SECOND;
        for (let batch = random.nextInt(4); batch > 0; batch--) {
          const lefts = Array.from({ length: random.nextInt(50) }, () => input(true).make(random, now + BigInt(random.nextInt(8)) * SECOND));
          for (const twin of twins) twin.rows(0, lefts);
        }
        const rows: Row[] = [];
        const weights: number[] = [];
        for (const key of new Set(Array.from({ length: random.nextInt(40) }, () => random.nextInt(50)))) {
          const before = current.get(key);
          if (before !== undefined) {
            rows.push(before);
            weights.push(-1);
          }
          current.delete(key);
          if (before !== undefined && random.nextInt(4) === 0) continue;
          const row: Row = [key, now + BigInt(random.nextInt(3)) * SECOND, `v${random.nextInt(9)}`];
          current.set(key, row);
          rows.push(row);
          weights.push(1);
        }
        for (const twin of twins) twin.rows(1, rows, weights);
        for (const twin of twins) twin.watermark(now);
        const checkpoint = random.nextInt(3) === 0;
        const [plain, spilled] = twins.map((twin) => twin.barrier(checkpoint));
        expect(spilled, `seed ${seed} epoch ${epoch}`).toEqual(plain);
        if (checkpoint && random.nextInt(2) === 0) for (const twin of twins) twin.restart();
      }
    }
  }
});
