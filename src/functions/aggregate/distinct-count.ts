import type { ExpressionJson } from '../../expr/index.ts';
import type { AggregateDefinition } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { canonicalKeyText } from '../../types/index.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import { int8Type } from './float-slots.ts';
import { type AggregateState, StateAccumulator } from './state-accumulator.ts';

/** approx_count_distinct is exact: a sketch that forgets rows exactly as it has counted them would have to keep them all. */
export const distinctCountAggregates: readonly AggregateDefinition[] = (['approx_count_distinct', 'count_distinct'] as const).map((name) =>
  defineAggregate({
    name,
    argumentTypes: [anyType],
    resultType: int8Type,
    resultName: 'int8',
    description: 'number of different values that are not NULL; exact',
    examples: [example(`${name}(x)`, '(1), (1), (3), (NULL)', '2')],
    keepsValues: 'always',
    create: (options) => new StateAccumulator(int8Type, () => new DistinctCountState(options.argumentTypes[0]!)),
  }),
);

class DistinctCountState implements AggregateState {
  readonly #types: readonly SqlType[];
  readonly #counts = new Map<string, number>();
  #present = 0;

  constructor(type: SqlType) {
    this.#types = [type];
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    if (args[0] !== null && args[0] !== undefined) this.#add(canonicalKeyText(this.#types, [args[0]]), weight);
  }

  result(): Datum {
    return BigInt(this.#present);
  }

  toJson(): ExpressionJson {
    return [...this.#counts];
  }

  mergeJson(json: ExpressionJson): void {
    for (const [key, count] of json as readonly (readonly [string, number])[]) this.#add(key, count);
  }

  #add(key: string, weight: number): void {
    const before = this.#counts.get(key) ?? 0;
    const after = before + weight;
    this.#present += (after > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    if (after === 0) this.#counts.delete(key);
    else this.#counts.set(key, after);
  }
}
