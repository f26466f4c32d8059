import { SqlError, SqlState } from '../../base/index.ts';
import type { AggregateDefinition, AggregateOptions } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { firstOf } from './chosen-value.ts';
import { multiset } from './collection.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import type { MultisetEntry } from './entry-order.ts';

const boolType: SqlType = { kind: 'bool' };
const int4: SqlType = { kind: 'int4' };

/** ksqlDB's first and last values in the order of arrival, which the binder gives them as ORDER BY. */
export const arrivalAggregates: readonly AggregateDefinition[] = [...byArrival('earliest_by_offset', false), ...byArrival('latest_by_offset', true)];

function byArrival(name: string, last: boolean): AggregateDefinition[] {
  const which = last ? 'newest' : 'oldest';
  const value = { name, resultName: 'any', resultType: (args: readonly SqlType[]) => args[0] ?? { kind: 'text' as const } };
  const values = {
    name,
    resultName: 'array',
    resultType: (args: readonly SqlType[]): SqlType => ({ kind: 'array', element: args[0] ?? { kind: 'text' } }),
  };
  const one = (options: AggregateOptions) =>
    firstOf(options, { orderBy: options.orderBy ?? [], skip: (args) => args[0] === null && args[1] !== false, last });
  const several = (options: AggregateOptions) =>
    multiset(options, { skip: (args) => args[0] === null && args[2] !== false, finish: (entries) => nearEnd(entries, last) });
  return [
    defineAggregate({
      ...value,
      argumentTypes: [anyType],
      description: `the ${which} value that is not NULL, by offset or event time, or in the order of ORDER BY inside the call`,
      examples: [example(`${name}(x ORDER BY x)`, '(2), (NULL), (1)', last ? '2' : '1')],
      keepsValues: 'unless-append-only',
      create: one,
    }),
    defineAggregate({
      ...value,
      argumentTypes: [anyType, boolType],
      description: `the ${which} value; the second argument says whether NULLs are left out`,
      examples: [example(`${name}(x, true ORDER BY x)`, '(2), (NULL), (1)', last ? '2' : '1')],
      keepsValues: 'unless-append-only',
      create: one,
    }),
    defineAggregate({
      ...values,
      argumentTypes: [anyType, int4],
      description: `the ${which} values that are not NULL, as many as the second argument says, oldest first`,
      examples: [example(`${name}(x, 2 ORDER BY x)`, '(2), (NULL), (1), (3)', last ? '{2,3}' : '{1,2}')],
      keepsValues: 'always',
      create: several,
    }),
    defineAggregate({
      ...values,
      argumentTypes: [anyType, int4, boolType],
      description: `the ${which} values, as many as the second argument says, oldest first; the third argument says whether NULLs are left out`,
      examples: [example(`${name}(x, 2, true ORDER BY x)`, '(2), (NULL), (1), (3)', last ? '{2,3}' : '{1,2}')],
      keepsValues: 'always',
      create: several,
    }),
  ];
}

function nearEnd(entries: readonly MultisetEntry[], last: boolean): Datum | null {
  const count = (entries[0]?.args[1] ?? null) as number | null;
  if (count === null) return null;
  if (count < 1) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'the number of values must be positive' });
  const elements: (Datum | null)[] = [];
  for (const entry of last ? [...entries].reverse() : entries) {
    for (let times = entry.count; times > 0 && elements.length < count; times--) elements.push(entry.args[0] ?? null);
    if (elements.length === count) break;
  }
  return { elements: last ? elements.reverse() : elements };
}
