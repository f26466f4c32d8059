import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, compareJson, formatJson, isJsonArray, isJsonObject, type JsonValue, parseJson } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { jsonAt, jsonAtPath, jsonText, pathOf } from '../json/json-path.ts';

/** -> ->> #> #>> @> <@ ? ?| ?& - #- of jsonb. */
export const jsonOperators: readonly FunctionDefinition[] = [
  ...(['text', 'int4'] as const).flatMap((kind) => [
    defineFunction<[string, string | number]>({
      signature: `jsonb -> ${kind} -> jsonb`,
      family: 'operator',
      description: kind === 'text' ? 'Member of an object' : 'Element of an array, from 0; negative counts from the end',
      examples: [kind === 'text' ? [`jsonb '{"a": {"b": 1}}' -> 'a'`, '{"b": 1}'] : [`jsonb '[1, 2, 3]' -> -1`, '3']],
      evaluate: ([json, key]) => printed(jsonAt(parseJson(json), key)),
    }),
    defineFunction<[string, string | number]>({
      signature: `jsonb ->> ${kind} -> text`,
      family: 'operator',
      description: kind === 'text' ? 'Member of an object, as text' : 'Element of an array, as text',
      examples: [kind === 'text' ? [`jsonb '{"a": "x"}' ->> 'a'`, 'x'] : [`jsonb '[1, "y"]' ->> 1`, 'y']],
      evaluate: ([json, key]) => jsonText(jsonAt(parseJson(json), key)),
    }),
  ]),
  defineFunction<[string, ArrayDatum]>({
    signature: 'jsonb #> text[] -> jsonb',
    family: 'operator',
    description: 'The value at a path',
    examples: [[`jsonb '{"a": {"b": ["x", "y"]}}' #> '{a,b,1}'`, '"y"']],
    evaluate: ([json, path]) => printed(jsonAtPath(parseJson(json), pathOf(path))),
  }),
  defineFunction<[string, ArrayDatum]>({
    signature: 'jsonb #>> text[] -> text',
    family: 'operator',
    description: 'The value at a path, as text',
    examples: [[`jsonb '{"a": {"b": ["x", "y"]}}' #>> '{a,b,1}'`, 'y']],
    evaluate: ([json, path]) => jsonText(jsonAtPath(parseJson(json), pathOf(path))),
  }),
  defineFunction<[string, string]>({
    signature: 'jsonb @> jsonb -> bool',
    family: 'operator',
    description: 'Contains',
    examples: [[`jsonb '{"a": 1, "b": 2}' @> '{"b": 2}'`, 't']],
    evaluate: ([left, right]) => contains(parseJson(left), parseJson(right), true),
  }),
  defineFunction<[string, string]>({
    signature: 'jsonb <@ jsonb -> bool',
    family: 'operator',
    description: 'Is contained in',
    examples: [[`jsonb '{"b": 2}' <@ '{"a": 1, "b": 2}'`, 't']],
    evaluate: ([left, right]) => contains(parseJson(right), parseJson(left), true),
  }),
  defineFunction<[string, string]>({
    signature: 'jsonb ? text -> bool',
    family: 'operator',
    description: 'Has this key or this string as element',
    examples: [[`jsonb '{"a": 1}' ? 'a'`, 't']],
    evaluate: ([json, key]) => hasKey(parseJson(json), key),
  }),
  defineFunction<[string, ArrayDatum]>({
    signature: 'jsonb ?| text[] -> bool',
    family: 'operator',
    description: 'Has any of these keys',
    examples: [[`jsonb '{"a": 1}' ?| ARRAY['b', 'a']`, 't']],
    evaluate: ([json, keys]) => pathOf(keys).some((key) => key !== null && hasKey(parseJson(json), key)),
  }),
  defineFunction<[string, ArrayDatum]>({
    signature: 'jsonb ?& text[] -> bool',
    family: 'operator',
    description: 'Has all of these keys',
    examples: [[`jsonb '{"a": 1}' ?& ARRAY['b', 'a']`, 'f']],
    evaluate: ([json, keys]) => pathOf(keys).every((key) => key === null || hasKey(parseJson(json), key)),
  }),
  defineFunction<[string, string]>({
    signature: 'jsonb - text -> jsonb',
    family: 'operator',
    description: 'Without this key, or without these strings',
    examples: [[`jsonb '{"a": 1, "b": 2}' - 'a'`, '{"b": 2}']],
    fallible: true,
    evaluate: ([json, key]) => formatJson(withoutKeys(parseJson(json), [key])),
  }),
  defineFunction<[string, ArrayDatum]>({
    signature: 'jsonb - text[] -> jsonb',
    family: 'operator',
    description: 'Without these keys',
    examples: [[`jsonb '{"a": 1, "b": 2}' - ARRAY['a', 'b']`, '{}']],
    fallible: true,
    evaluate: ([json, keys]) => formatJson(withoutKeys(parseJson(json), pathOf(keys))),
  }),
  defineFunction<[string, number]>({
    signature: 'jsonb - int4 -> jsonb',
    family: 'operator',
    description: 'Without the element at this position, from 0; negative counts from the end',
    examples: [[`jsonb '["a", "b"]' - 1`, '["a"]']],
    fallible: true,
    evaluate: ([json, index]) => formatJson(withoutElement(parseJson(json), index)),
  }),
];

function printed(value: JsonValue | undefined): string | null {
  return value === undefined ? null : formatJson(value);
}

/** jsonb containment: an array may contain a scalar, but only at the top. */
function contains(whole: JsonValue, part: JsonValue, top: boolean): boolean {
  if (whole !== null && part !== null && isJsonObject(whole) && isJsonObject(part)) {
    return [...part].every(([key, value]) => whole.has(key) && contains(whole.get(key)!, value, false));
  }
  if (isJsonArray(whole)) {
    if (isJsonArray(part)) return part.every((wanted) => whole.some((element) => contains(element, wanted, false)));
    return top && (part === null || !isJsonObject(part)) && whole.some((element) => compareJson(element, part) === 0);
  }
  const scalar = !isJsonArray(part) && (part === null || !isJsonObject(part)) && (whole === null || !isJsonObject(whole));
  return scalar && compareJson(whole, part) === 0;
}

function hasKey(value: JsonValue, key: string): boolean {
  if (value === key) return true;
  if (isJsonArray(value)) return value.includes(key);
  return value !== null && isJsonObject(value) && value.has(key);
}

function withoutKeys(value: JsonValue, keys: readonly (string | null)[]): JsonValue {
  if (isJsonArray(value)) return value.filter((element) => typeof element !== 'string' || !keys.includes(element));
  if (value === null || !isJsonObject(value)) throw scalarError();
  return new Map([...value].filter(([key]) => !keys.includes(key)));
}

function withoutElement(value: JsonValue, index: number): JsonValue {
  if (!isJsonArray(value)) {
    if (value === null || !isJsonObject(value)) throw scalarError();
    throw new SqlError({ code: SqlState.invalidParameterValue, message: 'cannot delete from object using integer index' });
  }
  const position = index < 0 ? value.length + index : index;
  return value.filter((_, at) => at !== position);
}

function scalarError(): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: 'cannot delete from scalar' });
}
