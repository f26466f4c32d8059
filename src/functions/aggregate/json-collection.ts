import { SqlError, SqlState } from '../../base/index.ts';
import type { EvaluationContext } from '../../expr/index.ts';
import type { AggregateDefinition } from '../../spi/index.ts';
import { type Datum, formatJson, type JsonValue, jsonbType, jsonObject, type SqlType } from '../../types/index.ts';
import { toJson } from '../scalar/json/index.ts';
import { textOf } from '../scalar/text-of.ts';
import { multiset } from './collection.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import type { MultisetEntry } from './entry-order.ts';

/** Times with a zone are written in UTC: the answer must not depend on who asks. */
const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/** JSON arrays and objects of all rows. Without a json type of its own, the json_ names give jsonb as well. */
export const jsonCollectionAggregates: readonly AggregateDefinition[] = ['jsonb', 'json'].flatMap((prefix) => [
  jsonArray(`${prefix}_agg`, false),
  jsonArray(`${prefix}_agg_strict`, true),
  jsonObjectOf(`${prefix}_object_agg`, { strict: false, unique: false }),
  jsonObjectOf(`${prefix}_object_agg_strict`, { strict: true, unique: false }),
  jsonObjectOf(`${prefix}_object_agg_unique`, { strict: false, unique: true }),
  jsonObjectOf(`${prefix}_object_agg_unique_strict`, { strict: true, unique: true }),
]);

function jsonArray(name: string, strict: boolean): AggregateDefinition {
  return defineAggregate({
    name,
    argumentTypes: [anyType],
    resultType: jsonbType,
    resultName: 'jsonb',
    description: `the values as a JSON array, NULLs ${strict ? 'left out' : 'included'}; without ORDER BY in the order of their encoding`,
    examples: [example(`${name}(x)`, '(1), (2), (NULL)', strict ? '[1, 2]' : '[1, 2, null]')],
    keepsValues: 'always',
    create: (options) =>
      multiset(options, {
        skip: () => false,
        finish: (entries) => {
          if (entries.length === 0) return null;
          const kept = strict ? entries.filter(({ args }) => args[0] !== null) : entries;
          return formatJson(repeated(kept, (args) => toJson(options.argumentTypes[0]!, args[0] ?? null, CONTEXT)));
        },
      }),
  });
}

function jsonObjectOf(name: string, form: ObjectForm): AggregateDefinition {
  return defineAggregate({
    name,
    argumentTypes: [anyType, anyType],
    resultType: jsonbType,
    resultName: 'jsonb',
    description: `the first argument as keys and the second as values of a JSON object${form.strict ? ', without NULL values' : ''}${
      form.unique ? '; a key that comes twice is an error' : '; of a key that comes twice the last value stays'
    }`,
    examples: [example(`${name}('k' || x, x)`, '(1), (2)', '{"k1": 1, "k2": 2}')],
    keepsValues: 'always',
    create: (options) =>
      multiset(options, {
        skip: () => false,
        finish: (entries) => (entries.length === 0 ? null : objectText(entries, options.argumentTypes, form)),
      }),
  });
}

interface ObjectForm {
  /** Members whose value is NULL are left out. */
  readonly strict: boolean;
  readonly unique: boolean;
}

function repeated(entries: readonly MultisetEntry[], value: (args: readonly (Datum | null)[]) => JsonValue): JsonValue[] {
  return entries.flatMap((entry) => Array.from({ length: entry.count }, () => value(entry.args)));
}

function objectText(entries: readonly MultisetEntry[], types: readonly SqlType[], { strict, unique }: ObjectForm): string {
  const members = new Map<string, JsonValue>();
  for (const { args, count } of entries) {
    const [key = null, value = null] = args;
    if (strict && value === null) continue;
    if (key === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'field name must not be null' });
    const name = textOf(types[0]!, key, CONTEXT);
    if (unique && (count > 1 || members.has(name))) {
      throw new SqlError({ code: SqlState.duplicateJsonObjectKeyValue, message: 'duplicate JSON object key value' });
    }
    members.set(name, toJson(types[1]!, value, CONTEXT));
  }
  return formatJson(jsonObject([...members]));
}
