import { SqlError, SqlState } from '../../../base/index.ts';
import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import {
  type ArrayDatum,
  type Datum,
  formatJson,
  isJsonArray,
  isJsonObject,
  type JsonValue,
  jsonObject,
  parseJson,
  type SqlType,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { textOf } from '../text-of.ts';
import { toJson } from './to-json.ts';
import { hasUniqueKeys } from './unique-keys.ts';

/** The functions that JSON_OBJECT, JSON_ARRAY, JSON(… WITH UNIQUE KEYS) and IS JSON are calls of. */
export const jsonConstructFunctions: readonly FunctionDefinition[] = [
  defineFunction<(Datum | null)[]>({
    signature: 'json_object_of(text, variadic any) -> jsonb',
    family: 'json',
    description: 'What JSON_OBJECT calls: flags (absent: without NULL values, unique: a key twice is an error), then keys and values',
    examples: [["json_object_of('absent', 'a', 1, 'b', NULL)", '{"a": 1}']],
    volatility: 'stable',
    nullBehaviour: 'called',
    fallible: true,
    evaluate: ([flags, ...members], context, [, ...types]) => formatJson(objectOf(members, types, { flags: flags as string, context })),
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'json_array_of(text, variadic any) -> jsonb',
    family: 'json',
    description: 'What JSON_ARRAY calls: flags (absent: without NULLs), then the elements',
    examples: [["json_array_of('absent', 1, NULL, 'a')", '[1, "a"]']],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: ([flags, ...elements], context, [, ...types]) =>
      formatJson(elements.flatMap((element, index) => (element === null && flags === 'absent' ? [] : [toJson(types[index]!, element, context)]))),
  }),
  defineFunction<[ArrayDatum]>({
    signature: 'json_array_of_rows(anyarray) -> jsonb',
    family: 'json',
    description: 'What JSON_ARRAY of a query calls: the values without NULLs; NULL of no rows',
    examples: [['json_array_of_rows(ARRAY[1, NULL, 2])', '[1, 2]']],
    volatility: 'stable',
    evaluate: ([array], context, [type]) => {
      if (array.elements.length === 0 || type?.kind !== 'array') return null;
      return formatJson(array.elements.flatMap((element) => (element === null ? [] : [toJson(type.element, element, context)])));
    },
  }),
  defineFunction<[string]>({
    signature: 'json_unique(text) -> jsonb',
    family: 'json',
    description: 'A JSON text as a document; an object with a key twice is an error',
    examples: [[`json_unique('{"a": 1}')`, '{"a": 1}']],
    fallible: true,
    evaluate: ([text]) => {
      const value = parseJson(text);
      if (!hasUniqueKeys(text)) throw duplicateKey();
      return formatJson(value);
    },
  }),
  defineFunction<[string, string]>({
    signature: 'is_json(text, text) -> bool',
    family: 'json',
    description: 'What IS JSON calls: whether a text is JSON; the second argument holds the words behind IS in lower case',
    examples: [
      [`is_json('{"a": 1}', 'json object')`, 't'],
      ["is_json('abc', 'json')", 'f'],
    ],
    evaluate: ([text, test]) => isJson(text, test),
  }),
];

function objectOf(
  members: readonly (Datum | null)[],
  types: readonly SqlType[],
  { flags, context }: { readonly flags: string; readonly context: EvaluationContext },
): JsonValue {
  const entries: [string, JsonValue][] = [];
  const seen = new Set<string>();
  for (let index = 0; index < members.length; index += 2) {
    const [key = null, value = null] = members.slice(index, index + 2);
    if (key === null) throw new SqlError({ code: SqlState.invalidParameterValue, message: `argument ${index + 1}: key must not be null` });
    const name = textOf(types[index]!, key, context);
    if (flags.includes('unique') && seen.has(name)) throw duplicateKey();
    seen.add(name);
    if (value === null && flags.includes('absent')) continue;
    entries.push([name, toJson(types[index + 1]!, value, context)]);
  }
  return jsonObject(entries);
}

function duplicateKey(): SqlError {
  return new SqlError({ code: SqlState.duplicateJsonObjectKeyValue, message: 'duplicate JSON object key value' });
}

function isJson(text: string, test: string): boolean {
  const value = tryParse(text);
  if (value === undefined) return false;
  const object = value !== null && isJsonObject(value);
  if (test.includes('object') && !object) return false;
  if (test.includes('array') && !isJsonArray(value)) return false;
  if (test.includes('scalar') && (object || isJsonArray(value))) return false;
  return !test.endsWith('unique keys') || hasUniqueKeys(text);
}

/** undefined for what is no JSON. */
export function tryParse(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SqlError && error.class === 'user') return undefined;
    throw error;
  }
}
