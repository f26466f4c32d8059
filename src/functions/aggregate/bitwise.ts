import type { AggregateDefinition } from '../../spi/index.ts';
import type { Datum } from '../../types/index.ts';
import { defineAggregate, example } from './define-aggregate.ts';
import type { MultisetEntry } from './entry-order.ts';
import { MultisetState } from './multiset-state.ts';
import { StateAccumulator } from './state-accumulator.ts';

const names = ['bit_and', 'bit_or', 'bit_xor'] as const;
const kinds = ['int2', 'int4', 'int8'] as const;
const expected = { bit_and: '2', bit_or: '7', bit_xor: '5' };

export const bitwiseAggregates: readonly AggregateDefinition[] = names.flatMap((name) =>
  kinds.map((kind) =>
    defineAggregate({
      name,
      argumentTypes: [{ kind }],
      resultType: { kind },
      resultName: kind,
      description: `bitwise ${name.slice(4).toUpperCase()} of the values that are not NULL`,
      examples: [example(`${name}(x)`, `(6::${kind}), (3::${kind})`, expected[name])],
      keepsValues: 'always',
      create: (options) =>
        new StateAccumulator(
          { kind },
          () =>
            new MultisetState({
              argumentTypes: options.argumentTypes,
              orderBy: [],
              skip: (args) => args[0] === null,
              finish: (entries) => combine(name, entries, kind === 'int8'),
            }),
        ),
    }),
  ),
);

function combine(name: (typeof names)[number], entries: readonly MultisetEntry[], wide: boolean): Datum | null {
  if (entries.length === 0) return null;
  let result = name === 'bit_and' ? -1n : 0n;
  for (const entry of entries) {
    const value = BigInt(entry.args[0] as number | bigint);
    if (name === 'bit_and') result &= value;
    else if (name === 'bit_or') result |= value;
    else if (entry.count % 2 === 1) result ^= value;
  }
  return wide ? result : Number(result);
}
