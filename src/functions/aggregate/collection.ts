import type { AggregateDefinition, AggregateOptions } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import type { MultisetEntry } from './entry-order.ts';
import { byteaType } from './float-slots.ts';
import { type MultisetOptions, MultisetState } from './multiset-state.ts';
import { StateAccumulator } from './state-accumulator.ts';

const textType: SqlType = { kind: 'text' };
const NO_BYTES = new Uint8Array(0);

const arrayOfFirst = (args: readonly SqlType[]): SqlType => ({ kind: 'array', element: args[0] ?? textType });

/** Aggregates that keep every value. */
export const collectionAggregates: readonly AggregateDefinition[] = [
  ...(['array_agg', 'collect_list'] as const).map((name) =>
    defineAggregate({
      name,
      argumentTypes: [anyType],
      resultType: arrayOfFirst,
      resultName: 'array',
      description: 'the values as an array, NULLs included; without ORDER BY in the order of their encoding',
      examples: [example(`${name}(x)`, '(1), (2), (NULL)', '{1,2,NULL}')],
      keepsValues: 'always',
      create: (options) => multiset(options, { skip: () => false, finish: (entries) => toArray(entries) }),
    }),
  ),
  defineAggregate({
    name: 'collect_set',
    argumentTypes: [anyType],
    resultType: arrayOfFirst,
    resultName: 'array',
    description: 'the different values as an array, NULL included, in the order of their encoding',
    examples: [example('collect_set(x)', '(2), (1), (2), (NULL)', '{1,2,NULL}')],
    keepsValues: 'always',
    create: (options) =>
      multiset(options, { skip: () => false, finish: (entries) => toArray(entries.map((entry) => ({ args: entry.args, count: 1 }))) }),
  }),
  ...(['string_agg', 'listagg'] as const).map((name) => joinedTexts(name, [textType, textType], `${name}(x, ', ')`, 'a, b')),
  defineAggregate({
    name: 'string_agg',
    argumentTypes: [byteaType, byteaType],
    resultType: byteaType,
    resultName: 'bytea',
    description: 'the byte strings that are not NULL, each but the first after its delimiter; without ORDER BY in the order of their encoding',
    examples: [example("string_agg(x, '\\x00')", "(bytea 'a'), (bytea 'b'), (NULL)", '\\x610062')],
    keepsValues: 'always',
    create: (options) => multiset(options, { skip: (args) => args[0] === null, finish: joinBytes }),
  }),
  joinedTexts('listagg', [textType], 'listagg(x)', 'a,b'),
];

function joinedTexts(name: string, argumentTypes: readonly SqlType[], call: string, result: string): AggregateDefinition {
  return defineAggregate({
    name,
    argumentTypes,
    resultType: textType,
    resultName: 'text',
    description: `the texts that are not NULL, each but the first after its delimiter${
      argumentTypes.length === 1 ? ', a comma' : ''
    }; without ORDER BY in the order of their encoding`,
    examples: [example(call, "('a'), ('b'), (NULL)", result)],
    keepsValues: 'always',
    create: (options) => multiset(options, { skip: (args) => args[0] === null, finish: (entries) => joinTexts(entries, argumentTypes.length === 1) }),
  });
}

/** A state of all rows of the group, in the order of the call's ORDER BY. */
export function multiset(options: AggregateOptions, parts: Pick<MultisetOptions, 'skip' | 'finish'>): StateAccumulator {
  const orderBy = options.orderBy ?? [];
  return new StateAccumulator(options.resultType, () => new MultisetState({ argumentTypes: options.argumentTypes, orderBy, ...parts }));
}

function toArray(entries: readonly MultisetEntry[]): Datum | null {
  if (entries.length === 0) return null;
  const elements: (Datum | null)[] = [];
  for (const entry of entries) {
    for (let times = 0; times < entry.count; times++) elements.push(entry.args[0] ?? null);
  }
  return { elements };
}

function joinBytes(entries: readonly MultisetEntry[]): Datum | null {
  if (entries.length === 0) return null;
  const parts: Uint8Array[] = [];
  for (const { args, count } of entries) {
    for (let times = 0; times < count; times++) parts.push((args[1] ?? NO_BYTES) as Uint8Array, args[0] as Uint8Array);
  }
  return new Uint8Array(Buffer.concat(parts.slice(1)));
}

function joinTexts(entries: readonly MultisetEntry[], commas: boolean): Datum | null {
  if (entries.length === 0) return null;
  let text = '';
  let first = true;
  for (const entry of entries) {
    for (let times = 0; times < entry.count; times++) {
      text += first ? entry.args[0] : `${commas ? ',' : (entry.args[1] ?? '')}${entry.args[0]}`;
      first = false;
    }
  }
  return text;
}
