import type { AggregateDefinition, AggregateOptions } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import { type AggregateOrder, EntryOrder } from './entry-order.ts';
import { FirstEntryState } from './first-entry-state.ts';
import { StateAccumulator } from './state-accumulator.ts';

const resultType = (args: readonly SqlType[]): SqlType => args[0] ?? { kind: 'text' };

/** Aggregates whose result is a value of one of the rows: which row, an order decides. */
export const chosenValueAggregates: readonly AggregateDefinition[] = [
  chosen('first_value', {
    description: 'the value of the first row in the order of ORDER BY inside the call; without it in the order of their encoding, NULLs last',
    examples: [example('first_value(x ORDER BY x DESC)', '(1), (3), (2)', '3')],
    last: false,
  }),
  chosen('last_value', {
    description: 'the value of the last row in the order of ORDER BY inside the call; without it in the order of their encoding, NULLs last',
    examples: [example('last_value(x ORDER BY x DESC)', '(1), (3), (2)', '1')],
    last: true,
  }),
  defineAggregate({
    name: 'any_value',
    argumentTypes: [anyType],
    resultType,
    resultName: 'any',
    description: 'one of the values that are not NULL: the first in the order of their encoding',
    examples: [example('any_value(x)', '(NULL), (7), (7)', '7')],
    keepsValues: 'unless-append-only',
    create: (options) => firstOf(options, { orderBy: options.orderBy ?? [], skip: (args) => args[0] === null, last: false }),
  }),
  ...(['min_by', 'arg_min'] as const).map((name) => byKey(name, false)),
  ...(['max_by', 'arg_max'] as const).map((name) => byKey(name, true)),
];

interface ChosenParts {
  readonly description: string;
  readonly examples: AggregateDefinition['examples'];
  readonly last: boolean;
}

function chosen(name: string, { description, examples, last }: ChosenParts): AggregateDefinition {
  return defineAggregate({
    name,
    argumentTypes: [anyType],
    resultType,
    resultName: 'any',
    description,
    examples,
    keepsValues: 'unless-append-only',
    create: (options) => firstOf(options, { orderBy: options.orderBy ?? [], skip: () => false, last }),
  });
}

function byKey(name: string, descending: boolean): AggregateDefinition {
  const call = `${name}(x, -x)`;
  return defineAggregate({
    name,
    argumentTypes: [anyType, anyType],
    resultType,
    resultName: 'any',
    description: `the first argument in the row whose second one is ${descending ? 'largest' : 'smallest'}; rows where that is NULL do not count`,
    examples: [example(call, '(1), (3), (NULL)', descending ? '1' : '3')],
    keepsValues: 'unless-append-only',
    create: (options) =>
      firstOf(options, { orderBy: [{ argument: 1, descending, nullsFirst: false }], skip: (args) => args[1] === null, last: false }),
  });
}

interface FirstOf {
  readonly orderBy: readonly AggregateOrder[];
  readonly skip: (args: readonly (Datum | null)[]) => boolean;
  readonly last: boolean;
}

/** The value of the entry that is first, or last, in an order. */
export function firstOf(options: AggregateOptions, { orderBy, skip, last }: FirstOf): StateAccumulator {
  const order = new EntryOrder(options.argumentTypes, orderBy);
  const direction = last ? -1 : 1;
  return new StateAccumulator(
    options.resultType,
    () => new FirstEntryState({ compare: (left, right) => direction * order.compare(left, right), skip, value: 0, appendOnly: options.appendOnly }),
  );
}
