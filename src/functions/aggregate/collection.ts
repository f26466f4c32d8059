import type { AggregateDefinition, AggregateOptions } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import { type MultisetEntry, type MultisetOptions, MultisetState } from './multiset-state.ts';
import { StateAccumulator } from './state-accumulator.ts';

const textType: SqlType = { kind: 'text' };

/** Aggregates that keep every value. */
export const collectionAggregates: readonly AggregateDefinition[] = [
  defineAggregate({
    name: 'array_agg',
    argumentTypes: [anyType],
    resultType: (args) => ({ kind: 'array', element: args[0] ?? textType }),
    resultName: 'array',
    description: 'the values as an array, NULLs included; without ORDER BY in the order of their encoding',
    examples: [example('array_agg(x)', '(2), (1), (NULL)', '{1,2,NULL}')],
    create: (options) => multiset(options, { skip: () => false, finish: (entries) => toArray(entries) }),
  }),
  defineAggregate({
    name: 'string_agg',
    argumentTypes: [textType, textType],
    resultType: textType,
    resultName: 'text',
    description: 'the texts that are not NULL, each but the first after its delimiter; without ORDER BY in the order of their encoding',
    examples: [example("string_agg(x, ', ')", "('b'), ('a'), (NULL)", 'a, b')],
    create: (options) => multiset(options, { skip: (args) => args[0] === null, finish: joinTexts }),
  }),
  defineAggregate({
    name: 'any_value',
    argumentTypes: [anyType],
    resultType: (args) => args[0] ?? textType,
    resultName: 'any',
    description: 'one of the values that are not NULL: the first in the order of their encoding',
    examples: [example('any_value(x)', '(NULL), (7), (7)', '7')],
    create: (options) => multiset(options, { skip: (args) => args[0] === null, finish: (entries) => entries[0]?.args[0] ?? null }),
  }),
];

function multiset(options: AggregateOptions, parts: Pick<MultisetOptions, 'skip' | 'finish'>): StateAccumulator {
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

function joinTexts(entries: readonly MultisetEntry[]): Datum | null {
  if (entries.length === 0) return null;
  let text = '';
  let first = true;
  for (const entry of entries) {
    for (let times = 0; times < entry.count; times++) {
      text += first ? entry.args[0] : `${entry.args[1] ?? ''}${entry.args[0]}`;
      first = false;
    }
  }
  return text;
}
