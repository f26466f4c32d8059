import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, timestampType } from '../../types/index.ts';
import { OperatorHarness, type Row, spillingFactory, TimedChanges } from '../testing/index.ts';
import { topNFactory } from '../top-n/operator.ts';
import { topNSpecCodec } from '../top-n/spec.ts';
import { windowAggregateFactory } from './operator.ts';
import { type WindowAggregateSpec, windowAggregateSpecCodec } from './spec.ts';

const SECOND = 1_000_000n;
/** A key, the end of a window, a value. */
const types: readonly SqlType[] = [int4Type, timestampType, int8Type];

const calls = [{ signature: 'count(*) -> int8', args: [], distinct: false, filter: null, orderBy: [], type: int8Type }];
const aggregate = (mode: WindowAggregateSpec['mode'], clock: WindowAggregateSpec['clock'], latenessMicros: bigint) =>
  windowAggregateSpecCodec.encode({ keys: [0, 1], windowEndKey: 1, partitionKeyCount: 1, calls, mode, clock, latenessMicros, slices: null });
const firstRows = (mode: WindowAggregateSpec['mode'], clock: WindowAggregateSpec['clock'], latenessMicros: bigint) =>
  topNSpecCodec.encode({
    partitionCount: 2,
    partitionKeyCount: 1,
    orderBy: [{ column: 2, descending: true, nullsFirst: false }],
    tieBy: [0, 1, 2],
    ranking: 'row-number',
    from: 1,
    to: 2,
    offset: 0,
    numbered: true,
    window: { endColumn: 1, clock, latenessMicros, mode },
  });

describe.each([
  { name: 'aggregates', factory: windowAggregateFactory, parametersOf: aggregate },
  { name: 'first rows', factory: topNFactory, parametersOf: firstRows },
])('$name of windows', ({ factory, parametersOf }) => {
  describe.each(['on-update', 'on-window-close'] as const)('%s', (mode) => {
    test.each([
      { bytesMax: 1, clock: 'watermark', latenessMicros: 0n },
      { bytesMax: 1, clock: 'epoch', latenessMicros: 0n },
      { bytesMax: 12_000, clock: 'watermark', latenessMicros: 2n * SECOND },
      { bytesMax: 25_000, clock: 'watermark', latenessMicros: 0n },
    ] as const)('with $bytesMax bytes of memory close as in memory, by the $clock, restarts included', ({ bytesMax, clock, latenessMicros }) => {
      for (const seed of [1, 2]) {
        const random = seededRandom(seed);
        const changes = new TimedChanges(
          random,
          (own, time): Row => [own.nextInt(120), time === null ? null : (time / SECOND + 1n) * SECOND, BigInt(own.nextInt(5))],
          // A window that ends at the watermark has closed.
          (row) => (row[1] === null ? null : (row[1] as bigint) - 1n),
        );
        const parameters = parametersOf(mode, clock, latenessMicros);
        const twins = [factory, spillingFactory(factory, { bytesMax })].map((one) => new OperatorHarness(one, parameters, { inputs: [types] }));
        const states = (): number[][] => twins.map((twin) => twin.observed.tables.map((table) => table.keyCount()));
        let spilledBytes = 0;
        let watermark = 0n;
        for (let epoch = 1; epoch <= 40; epoch++) {
          for (let batch = random.nextInt(4); batch > 0; batch--) {
            const { rows, weights } = changes.next(random.nextInt(60), watermark);
            for (const twin of twins) twin.rows(0, rows, weights);
          }
          if (random.nextInt(2) === 0) watermark += BigInt(random.nextInt(6)) * SECOND;
          if (epoch === 38) watermark += 60n * SECOND;
          if (clock === 'watermark') for (const twin of twins) twin.watermark(watermark);
          const checkpoint = random.nextInt(4) === 0;
          const [plain, spilled] = twins.map((twin) => twin.barrier(checkpoint, clock === 'epoch' ? watermark : undefined));
          expect(spilled, `seed ${seed} epoch ${epoch}`).toEqual(plain);
          expect(states()[1], `seed ${seed} epoch ${epoch}`).toEqual(states()[0]);
          spilledBytes += twins[1]!.observed.tables[0]!.spilledBytes!();
          if (!checkpoint) continue;
          expect(twins[1]!.savedKeys(), `seed ${seed} checkpoint of epoch ${epoch}`).toEqual(twins[0]!.savedKeys());
          if (random.nextInt(2) === 0) for (const twin of twins) twin.restart();
        }
        expect(spilledBytes).toBeGreaterThan(0);
      }
    });
  });
});
