import { SqlError, SqlState } from '../../base/index.ts';
import type { AggregateDefinition } from '../../spi/index.ts';
import { type ArrayDatum, addIntervals, type Datum, type Interval, multiplyInterval, type SqlType, subtractIntervals } from '../../types/index.ts';
import { multiset } from './collection.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import type { EntryOrder, MultisetEntry } from './entry-order.ts';
import { float8Type } from './float-slots.ts';

const intervalType: SqlType = { kind: 'interval' };
const arrayOf = (element: SqlType): SqlType => ({ kind: 'array', element });
/** The type of the ordered expression, which is the last argument. */
const ordered = (args: readonly SqlType[]): SqlType => args.at(-1) ?? { kind: 'text' };

/** Value at a fraction of the ordered values. */
type AtFraction = (values: OrderedValues, fraction: number) => Datum;

/** Ordered-set aggregates (PostgreSQL, "Ordered-Set Aggregate Functions"); approx_percentile is percentile_disc, exact. */
export const orderedSetAggregates: readonly AggregateDefinition[] = [
  defineAggregate({
    name: 'mode',
    argumentTypes: [anyType],
    resultType: ordered,
    resultName: 'any',
    description: 'the most frequent value; of several the first in the order',
    examples: [example('mode() WITHIN GROUP (ORDER BY x DESC)', '(1), (3), (3), (1), (2), (NULL)', '3')],
    orderedSet: 'ordered',
    keepsValues: 'always',
    create: (options) => multiset(options, { skip: (args) => args[0] === null, finish: mostFrequent }),
  }),
  ...percentiles('percentile_disc', anyType, 'the first value whose place is at or behind the fraction', discrete),
  ...percentiles('percentile_cont', float8Type, 'the value at the fraction, between two values in proportion', continuous(betweenFloats)),
  ...percentiles('percentile_cont', intervalType, 'the value at the fraction, between two values in proportion', continuous(betweenIntervals)),
  ...approximate(),
];

function percentiles(name: string, type: SqlType, description: string, at: AtFraction): AggregateDefinition[] {
  const resultName = type === anyType ? 'any' : type.kind;
  const value = name === 'percentile_disc' ? '2' : '2.5';
  const list = name === 'percentile_disc' ? '{1,4}' : '{1.75,4}';
  const shown = type !== intervalType;
  const one = defineAggregate({
    name,
    argumentTypes: [float8Type, type],
    resultType: type === anyType ? ordered : type,
    resultName,
    description,
    examples: shown ? [example(`${name}(0.5) WITHIN GROUP (ORDER BY x)`, '(4), (1), (3), (2), (NULL)', value)] : [],
    orderedSet: 'ordered',
    keepsValues: 'always',
    create: (options) => multiset(options, { skip: (args) => args[1] === null, finish: (entries) => atFractions(entries, at) }),
  });
  const several = defineAggregate({
    name,
    argumentTypes: [arrayOf(float8Type), type],
    resultType: type === anyType ? (args) => arrayOf(ordered(args)) : arrayOf(type),
    resultName: `${resultName} array`,
    description: `${description}, for each fraction of the array`,
    examples: shown ? [example(`${name}(ARRAY[0.25, 1]) WITHIN GROUP (ORDER BY x)`, '(4), (1), (3), (2)', list)] : [],
    orderedSet: 'ordered',
    keepsValues: 'always',
    create: (options) => multiset(options, { skip: (args) => args[1] === null, finish: (entries) => atFractions(entries, at) }),
  });
  return [one, several];
}

function approximate(): AggregateDefinition[] {
  const within = 'WITHIN GROUP (ORDER BY x)';
  const rows = '(4), (1), (3), (2)';
  const withError = [float8Type, float8Type, anyType];
  return [
    defineAggregate({
      name: 'approx_percentile',
      argumentTypes: [float8Type, anyType],
      resultType: ordered,
      resultName: 'any',
      description: 'the first value whose place is at or behind the fraction; exact',
      examples: [example(`approx_percentile(0.5) ${within}`, rows, '2')],
      orderedSet: 'ordered',
      keepsValues: 'always',
      create: (options) => multiset(options, { skip: (args) => args[1] === null, finish: (entries) => atFractions(entries, discrete) }),
    }),
    defineAggregate({
      name: 'approx_percentile',
      argumentTypes: withError,
      resultType: ordered,
      resultName: 'any',
      description: 'the same; the relative error that would be allowed is not made use of',
      examples: [example(`approx_percentile(0.5, 0.01) ${within}`, rows, '2')],
      orderedSet: 'ordered',
      keepsValues: 'always',
      create: (options) =>
        multiset(options, { skip: (args) => args[2] === null, finish: (entries) => atFractions(entries.map(withoutError), discrete) }),
    }),
  ];
}

function withoutError({ args, count }: MultisetEntry): MultisetEntry {
  return { args: [args[0]!, args[2]!], count };
}

function mostFrequent(entries: readonly MultisetEntry[], order: EntryOrder): Datum | null {
  let best: MultisetEntry | null = null;
  let bestCount = 0;
  let first: MultisetEntry | null = null;
  let count = 0;
  for (const entry of entries) {
    const peer: boolean = first !== null && order.comparePeers(first, entry) === 0;
    first = peer ? first : entry;
    count = peer ? count + entry.count : entry.count;
    if (count <= bestCount) continue;
    best = first;
    bestCount = count;
  }
  return best?.args[0] ?? null;
}

/** Values in order, each as often as it is there, found by position. */
class OrderedValues {
  readonly #entries: readonly MultisetEntry[];
  readonly #ends: number[] = [];

  constructor(entries: readonly MultisetEntry[]) {
    this.#entries = entries;
    let end = 0;
    for (const entry of entries) {
      end += entry.count;
      this.#ends.push(end);
    }
  }

  get count(): number {
    return this.#ends.at(-1) ?? 0;
  }

  at(position: number): Datum {
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! > position) high = middle;
      else low = middle + 1;
    }
    return this.#entries[low]!.args[1]!;
  }
}

/** The fraction is the first argument, the same in every row: a number or an array of them. Errors: 22003 outside [0, 1]. */
function atFractions(entries: readonly MultisetEntry[], at: AtFraction): Datum | null {
  const fractions = entries[0]?.args[0] ?? null;
  if (fractions === null) return null;
  const values = new OrderedValues(entries);
  const one = (fraction: Datum | null): Datum | null => {
    if (fraction === null) return null;
    if (typeof fraction === 'object' && 'elements' in fraction) return { ...fraction, elements: (fraction as ArrayDatum).elements.map(one) };
    const number = fraction as number;
    if (number >= 0 && number <= 1) return at(values, number);
    throw new SqlError({ code: SqlState.numericValueOutOfRange, message: `percentile value ${number} is not between 0 and 1` });
  };
  return one(fractions);
}

function discrete(values: OrderedValues, fraction: number): Datum {
  return values.at(Math.max(0, Math.ceil(fraction * values.count) - 1));
}

function continuous(between: (low: Datum, high: Datum, share: number) => Datum): AtFraction {
  return (values, fraction) => {
    const place = fraction * (values.count - 1);
    const first = Math.floor(place);
    const low = values.at(first);
    return Math.ceil(place) === first ? low : between(low, values.at(first + 1), place - first);
  };
}

function betweenFloats(low: Datum, high: Datum, share: number): Datum {
  return (low as number) + share * ((high as number) - (low as number));
}

function betweenIntervals(low: Datum, high: Datum, share: number): Datum {
  return addIntervals(low as Interval, multiplyInterval(subtractIntervals(high as Interval, low as Interval), share));
}
