import { expect } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import type { OperatorFactory } from '../../spi/index.ts';
import { OperatorHarness, type Row } from './operator-harness.ts';
import { RandomChanges } from './random-changes.ts';
import { spillingFactory } from './spilling-factory.ts';
import type { TestEnvironmentOptions } from './test-environment.ts';

export interface ShownAgainOptions {
  readonly environment: TestEnvironmentOptions;
  readonly seed: number;
  /** By input. */
  readonly makeRow: readonly ((random: Random) => Row)[];
}

const EPOCHS = 6;
const BATCH_ROWS = 60;
const LITTLE_MEMORY_BYTES = 2_000;

/**
 * Gives random changes to an operator, hands what it has at a checkpoint to one whose reader begins anew, and goes on: its first epoch has to be all that one that was never
 * replaced has shown by then, rows that fail included, and every later one the same as there. In memory and with little of it.
 */
export function expectShownAgain(factory: OperatorFactory, parameters: Json, options: ShownAgainOptions): void {
  const { environment, seed, makeRow } = options;
  for (const kept of [factory, spillingFactory(factory, { bytesMax: LITTLE_MEMORY_BYTES })]) {
    const random = seededRandom(seed);
    const changes = makeRow.map((make) => new RandomChanges(random, make));
    const [changed, whole] = [new OperatorHarness(kept, parameters, environment), new OperatorHarness(factory, parameters, environment)];
    const epoch = (checkpoint: boolean): readonly [string[], string[]] => {
      for (const [input, one] of changes.entries()) {
        const { rows, weights } = one.next(1 + random.nextInt(BATCH_ROWS));
        const only = environment.appendOnly === true ? rows.filter((_, index) => weights[index]! > 0) : rows;
        const own = environment.appendOnly === true ? only.map(() => 1) : weights;
        for (const harness of [changed, whole]) harness.rows(input, only, own);
      }
      return [changed.barrier(checkpoint), whole.barrier()];
    };
    for (let at = 0; at < EPOCHS; at++) epoch(at === EPOCHS - 1 || random.nextInt(2) === 0);
    changed.restartShowing();
    const [first] = epoch(true);
    expect(first, `seed ${seed}: shown again`).toEqual(whole.content.lines());
    expect(netErrors(changed), `seed ${seed}: failing rows`).toEqual(netErrors(whole));
    for (let at = 0; at < EPOCHS; at++) {
      const [own, other] = epoch(true);
      expect(own, `seed ${seed} epoch ${at}`).toEqual(other);
    }
    expect(netErrors(changed), `seed ${seed}: failing rows later`).toEqual(netErrors(whole));
    changed.restart();
    expect(changed.barrier(), `seed ${seed}: shown once`).toEqual([]);
  }
}

function netErrors({ observed }: OperatorHarness): string[] {
  const net = new Map<string, number>();
  for (const { row, expression, weight } of observed.rowErrors) {
    const key = `${expression} ${row}`;
    net.set(key, (net.get(key) ?? 0) + weight);
  }
  return [...net]
    .filter(([, weight]) => weight !== 0)
    .map(([key, weight]) => `${key} x${weight}`)
    .sort();
}
