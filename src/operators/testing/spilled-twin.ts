import { expect } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import type { OperatorFactory } from '../../spi/index.ts';
import { OperatorHarness, type Row } from './operator-harness.ts';
import { RandomChanges } from './random-changes.ts';
import { spillingFactory } from './spilling-factory.ts';
import type { TestEnvironmentOptions } from './test-environment.ts';

export interface SpilledTwinOptions {
  readonly environment: TestEnvironmentOptions;
  readonly bytesMax: number;
  readonly seed: number;
  /** By input. */
  readonly makeRow: readonly ((random: Random) => Row)[];
  readonly epochs: number;
  /** Rows of a batch, at most. */
  readonly batchRows: number;
}

/**
 * Gives random changes to an operator and to the same with little memory: every epoch's change, and the keys each checkpoint holds, have to be equal, also after restarts
 * from it.
 */
export function expectSpilledTwin(factory: OperatorFactory, parameters: Json, options: SpilledTwinOptions): void {
  const { environment, seed, epochs } = options;
  const random = seededRandom(seed);
  const changes = options.makeRow.map((make) => new RandomChanges(random, make));
  const twins = [factory, spillingFactory(factory, { bytesMax: options.bytesMax })].map((one) => new OperatorHarness(one, parameters, environment));
  let spilledBytes = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let batch = random.nextInt(4); batch > 0; batch--) {
      const input = random.nextInt(changes.length);
      const { rows, weights } = nextRows(changes[input]!, 1 + random.nextInt(options.batchRows), options);
      for (const twin of twins) twin.rows(input, rows, weights);
    }
    const checkpoint = random.nextInt(4) === 0;
    const [plain, spilled] = twins.map((twin) => twin.barrier(checkpoint));
    expect(spilled, `seed ${seed} epoch ${epoch}`).toEqual(plain);
    spilledBytes += twins[1]!.observed.tables.reduce((sum, table) => sum + table.spilledBytes!(), 0);
    if (!checkpoint) continue;
    // Rows that are only added are told apart by numbers, of which any will do.
    const [saved, spilledSaved] = twins.map((twin) => (environment.appendOnly === true ? twin.savedKeys().length : twin.savedKeys()));
    expect(spilledSaved, `seed ${seed} checkpoint of epoch ${epoch}`).toEqual(saved);
    if (random.nextInt(2) === 0) for (const twin of twins) twin.restart();
  }
  expect(spilledBytes, `seed ${seed}: nothing was spilled`).toBeGreaterThan(0);
}

function nextRows(changes: RandomChanges, count: number, { environment }: SpilledTwinOptions): { readonly rows: Row[]; readonly weights: number[] } {
  const { rows, weights } = changes.next(count);
  if (environment.appendOnly !== true) return { rows, weights };
  const added = rows.filter((_, index) => weights[index]! > 0);
  return { rows: added, weights: added.map(() => 1) };
}
