import { SqlError, SqlState } from '../../base/index.ts';
import type { AggregateDefinition } from '../../spi/index.ts';
import { type Datum, formatJson, JsonNumber, jsonbType, jsonObject, type SqlType } from '../../types/index.ts';
import { multiset } from './collection.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import type { MultisetEntry } from './entry-order.ts';

const int4: SqlType = { kind: 'int4' };
const textType: SqlType = { kind: 'text' };

/** ksqlDB's aggregates of the largest and the most frequent. */
export const topAggregates: readonly AggregateDefinition[] = [
  topValues('topk', 'the largest values that are not NULL, as many as the second argument says, largest first', false),
  topValues('topkdistinct', 'the largest different values that are not NULL, as many as the second argument says, largest first', true),
  defineAggregate({
    name: 'histogram',
    argumentTypes: [textType],
    resultType: jsonbType,
    resultName: 'jsonb',
    description: 'how often each text that is not NULL is there, as a JSON object',
    examples: [example('histogram(x)', "('b'), ('a'), ('b'), (NULL)", '{"a": 1, "b": 2}')],
    keepsValues: 'always',
    create: (options) =>
      multiset(options, {
        skip: (args) => args[0] === null,
        finish: (entries) => formatJson(jsonObject(entries.map(({ args, count }) => [args[0] as string, new JsonNumber(String(count))] as const))),
      }),
  }),
];

function topValues(name: string, description: string, distinct: boolean): AggregateDefinition {
  return defineAggregate({
    name,
    argumentTypes: [anyType, int4],
    resultType: (args) => ({ kind: 'array', element: args[0] ?? textType }),
    resultName: 'array',
    description,
    examples: [example(`${name}(x, 2)`, '(1), (3), (NULL), (3)', distinct ? '{3,1}' : '{3,3}')],
    keepsValues: 'always',
    create: (options) =>
      multiset(
        { ...options, orderBy: [{ argument: 0, descending: true, nullsFirst: false }] },
        { skip: (args) => args[0] === null, finish: (entries, order) => firstValues(entries, distinct ? order : null) },
      ),
  });
}

interface PeerOrder {
  comparePeers(left: MultisetEntry, right: MultisetEntry): number;
}

/** The leading values; with `distinct`, of equal ones the first. */
function firstValues(entries: readonly MultisetEntry[], distinct: PeerOrder | null): Datum | null {
  const wanted = entries[0]?.args[1] ?? null;
  if (wanted === null) return null;
  if ((wanted as number) < 0) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'the number of values must not be negative' });
  const elements: (Datum | null)[] = [];
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (distinct !== null && before !== undefined && distinct.comparePeers(before, entry) === 0) continue;
    for (let times = distinct === null ? entry.count : 1; times > 0 && elements.length < (wanted as number); times--) elements.push(entry.args[0]!);
  }
  return { elements };
}
