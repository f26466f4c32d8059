import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { float8Type, int8Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { OperatorHarness, type Row } from '../testing/index.ts';
import { windowAssignFactory } from '../window-assign/operator.ts';
import { type WindowSpec, windowAssignSpecCodec } from '../window-assign/spec.ts';
import { windowAggregateFactory } from './operator.ts';
import { type WindowAggregateSpec, windowAggregateSpecCodec } from './spec.ts';

const plain: readonly SqlType[] = [textType, timestampType, int8Type, float8Type];
/** Keys lead: name, window_start, window_end, window_time. */
const inputs = [[textType, timestampType, timestampType, timestampType, int8Type, float8Type]];

/** Rows, their windows and the aggregation of them; with `slices` the rows are assigned to those instead. */
class Pipeline {
  readonly #assign: OperatorHarness;
  readonly aggregate: OperatorHarness;

  constructor(window: WindowSpec, slice: WindowSpec | null, mode: WindowAggregateSpec['mode']) {
    const parameters = windowAssignSpecCodec.encode({ timeColumn: 1, window: slice ?? window, combine: false });
    this.#assign = new OperatorHarness(windowAssignFactory, parameters, { inputs: [plain], appendOnly: true });
    const call = (signature: string, args: readonly number[], type: SqlType) => ({
      signature,
      args,
      distinct: false,
      filter: null,
      orderBy: [],
      type,
    });
    const spec: WindowAggregateSpec = {
      keys: [0, 1, 2, 3],
      windowEndKey: 2,
      partitionKeyCount: 1,
      mode,
      clock: 'watermark',
      latenessMicros: 0n,
      slices: slice === null ? null : { window, startKey: 1, timeKey: 3 },
      calls: [
        call('count(*) -> int8', [], int8Type),
        call('sum(int8) -> numeric', [4], { kind: 'numeric', precision: null, scale: null }),
        call('max(int8) -> int8', [4], int8Type),
        call('min(text) -> text', [0], textType),
        call('sum(float8) -> float8', [5], float8Type),
      ],
    };
    this.aggregate = new OperatorHarness(windowAggregateFactory, windowAggregateSpecCodec.encode(spec), { inputs, appendOnly: true });
  }

  epoch(batches: readonly (readonly Row[])[], watermark: bigint, checkpoint: boolean): string[] {
    for (const rows of batches) {
      this.#assign.rows(0, rows);
      this.#assign.barrier();
      for (const emitted of this.#assign.emitted) {
        const rows = rowsOf(emitted).map((row): Row => [row[0]!, row[4]!, row[5]!, row[6]!, row[2]!, row[3]!]);
        this.aggregate.rows(0, rows);
      }
    }
    this.aggregate.watermark(watermark);
    return this.aggregate.barrier(checkpoint);
  }
}

const hop: WindowSpec = { kind: 'hop', slideMicros: 4n, sizeMicros: 10n, offsetMicros: 1n };
/** More windows a row than a block of them has. */
const wide: WindowSpec = { kind: 'hop', slideMicros: 1n, sizeMicros: 75n, offsetMicros: 0n };
const cumulate: WindowSpec = { kind: 'cumulate', stepMicros: 3n, sizeMicros: 12n, offsetMicros: 0n };

test.each([
  { seed: 1, window: hop, sliceMicros: 2n, mode: 'on-update' },
  { seed: 2, window: hop, sliceMicros: 2n, mode: 'on-window-close' },
  { seed: 5, window: wide, sliceMicros: 1n, mode: 'on-update' },
  { seed: 6, window: wide, sliceMicros: 1n, mode: 'on-window-close' },
  { seed: 3, window: cumulate, sliceMicros: 3n, mode: 'on-update' },
  { seed: 4, window: cumulate, sliceMicros: 3n, mode: 'on-window-close' },
] as const)('slices give what windows give, in every epoch and with restarts: %o', ({ seed, window, sliceMicros, mode }) => {
  const random = seededRandom(seed);
  const whole = new Pipeline(window, null, mode);
  const sliced = new Pipeline(window, { kind: 'tumble', sizeMicros: sliceMicros, offsetMicros: window.offsetMicros }, mode);
  for (let epoch = -10; epoch < 50; epoch++) {
    const row = (): Row => [
      ['a', 'b', null][random.nextInt(3)]!,
      BigInt(epoch * 2 + random.nextInt(12)),
      random.nextInt(5) === 0 ? null : BigInt(random.nextInt(50)),
      random.nextInt(100) / 8,
    ];
    const batches = Array.from({ length: random.nextInt(4) }, () => Array.from({ length: random.nextInt(6) }, row));
    const checkpoint = random.nextInt(3) === 0;
    const watermark = BigInt(epoch * 2);
    expect(sliced.epoch(batches, watermark, checkpoint), `epoch ${epoch}`).toEqual(whole.epoch(batches, watermark, checkpoint));
    expect(sliced.aggregate.savedRows('groups')).toBe(whole.aggregate.savedRows('groups'));
    if (checkpoint && random.nextInt(2) === 0) sliced.aggregate.restart();
  }
});
