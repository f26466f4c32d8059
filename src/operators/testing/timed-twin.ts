import { expect } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import type { OperatorFactory } from '../../spi/index.ts';
import { OperatorHarness, type Row } from './operator-harness.ts';
import { spillingFactory } from './spilling-factory.ts';
import type { TestEnvironmentOptions } from './test-environment.ts';
import { TimedChanges } from './timed-changes.ts';

const SECOND = 1_000_000n;
const EPOCHS = 40;

export interface TimedTwinOptions {
  readonly environment: TestEnvironmentOptions;
  readonly bytesMax: number;
  readonly seed: number;
  /** By input: a row of a time, and its time. */
  readonly inputs: readonly { readonly make: (random: Random, time: bigint | null) => Row; readonly timeOf: (row: Row) => bigint | null }[];
  /** What moves with the epochs: the watermark, or their own time. */
  readonly clock: 'watermark' | 'epoch';
  /** What goes by time goes in the same epoch in both. Else only what both show is compared, and what is left in the end. */
  readonly exact: boolean;
  /** Tables of which as much is left in the end as in memory. */
  readonly emptied: readonly string[];
  /** Rows of a batch, at most. */
  readonly batchRows: number;
}

/**
 * Gives random changes with times to an operator and to the same with little memory: every epoch's change, what each keeps and each checkpoint holds have to be
 * equal, also after restarts from it, and in the end time goes on and takes what it can.
 */
export function expectTimedTwin(factory: OperatorFactory, parameters: Json, options: TimedTwinOptions): void {
  const { environment, bytesMax, seed, clock, exact } = options;
  const random = seededRandom(seed);
  const changes = options.inputs.map(({ make, timeOf }) => new TimedChanges(random, make, timeOf));
  const twins = [factory, spillingFactory(factory, { bytesMax })].map((one) => new OperatorHarness(one, parameters, environment));
  const keyCounts = (): number[][] => twins.map((twin) => twin.observed.tables.map((table) => table.keyCount()));
  let spilledBytes = 0;
  let watermark = 0n;
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    for (let batch = random.nextInt(4); batch > 0 && epoch < EPOCHS; batch--) {
      const input = random.nextInt(changes.length);
      const { rows, weights } = nextRows(changes[input]!, { count: random.nextInt(options.batchRows), watermark, environment });
      for (const twin of twins) twin.rows(input, rows, weights);
    }
    if (random.nextInt(2) === 0) watermark += BigInt(random.nextInt(6)) * SECOND;
    if (epoch >= EPOCHS - 2) watermark += 60n * SECOND;
    if (clock === 'watermark') for (const twin of twins) twin.watermark(watermark);
    const checkpoint = random.nextInt(4) === 0;
    const [plain, spilled] = twins.map((twin) => twin.barrier(checkpoint, clock === 'epoch' ? watermark : undefined));
    expect(spilled, `seed ${seed} epoch ${epoch}`).toEqual(plain);
    if (exact) expect(keyCounts()[1], `seed ${seed} epoch ${epoch}`).toEqual(keyCounts()[0]);
    spilledBytes += twins[1]!.observed.tables.reduce((sum, table) => sum + table.spilledBytes!(), 0);
    if (!checkpoint) continue;
    if (exact) expect(twins[1]!.savedKeys(), `seed ${seed} checkpoint of epoch ${epoch}`).toEqual(twins[0]!.savedKeys());
    if (random.nextInt(2) === 0) for (const twin of twins) twin.restart();
  }
  expect(spilledBytes, `seed ${seed}: nothing was spilled`).toBeGreaterThan(0);
  const left = twins.map((twin) =>
    options.emptied.map((name) => twin.observed.tables.find(({ declaration }) => declaration.name === name)!.keyCount()),
  );
  expect(left[1], `seed ${seed}: what is left`).toEqual(left[0]);
}

function nextRows(
  changes: TimedChanges,
  { count, watermark, environment }: { readonly count: number; readonly watermark: bigint; readonly environment: TestEnvironmentOptions },
): { readonly rows: Row[]; readonly weights: number[] } {
  const { rows, weights } = changes.next(count, watermark);
  if (environment.appendOnly !== true) return { rows, weights };
  const added = rows.filter((_, index) => weights[index]! > 0);
  return { rows: added, weights: added.map(() => 1) };
}
