import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { formatJson, isJsonArray, isJsonObject, type JsonValue, jsonTypeName, parseJson } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { jsonAtPath, jsonText } from './json-path.ts';

/** Functions that look into JSON documents or prune them. */
export const jsonInspectFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'jsonb_typeof(jsonb) -> text',
    family: 'json',
    description: 'object, array, string, number, boolean or null',
    examples: [["jsonb_typeof('-123.4')", 'number']],
    evaluate: ([json]) => jsonTypeName(parseJson(json)),
  }),
  ...(['jsonb_array_length', 'json_array_length'] as const).map((name) =>
    defineFunction<[string]>({
      signature: `${name}(jsonb) -> int4`,
      family: 'json',
      description: 'Number of elements of an array',
      examples: [[`${name}(jsonb '[1, 2, {"f1": 1}]')`, '3']],
      fallible: true,
      evaluate: ([json]) => {
        const value = parseJson(json);
        if (isJsonArray(value)) return value.length;
        const kind = value !== null && isJsonObject(value) ? 'a non-array' : 'a scalar';
        throw new SqlError({ code: SqlState.invalidParameterValue, message: `cannot get array length of ${kind}` });
      },
    }),
  ),
  defineFunction<[string, ...string[]]>({
    signature: 'jsonb_extract_path(jsonb, variadic text) -> jsonb',
    family: 'json',
    description: 'The value at a path of keys',
    examples: [[`jsonb_extract_path('{"f2": {"f3": 1}, "f4": {"f6": "foo"}}', 'f4', 'f6')`, '"foo"']],
    evaluate: ([json, ...path]) => {
      const value = jsonAtPath(parseJson(json), path);
      return value === undefined ? null : formatJson(value);
    },
  }),
  defineFunction<[string, ...string[]]>({
    signature: 'jsonb_extract_path_text(jsonb, variadic text) -> text',
    family: 'json',
    description: 'The value at a path of keys, as text',
    examples: [[`jsonb_extract_path_text('{"f4": {"f6": "foo"}}', 'f4', 'f6')`, 'foo']],
    evaluate: ([json, ...path]) => jsonText(jsonAtPath(parseJson(json), path)),
  }),
  defineFunction<[string]>({
    signature: 'jsonb_strip_nulls(jsonb) -> jsonb',
    family: 'json',
    description: 'Without object members that are null, at all depths',
    examples: [[`jsonb_strip_nulls('[{"f1": 1, "f2": null}, 2, null, 3]')`, '[{"f1": 1}, 2, null, 3]']],
    evaluate: ([json]) => formatJson(withoutNulls(parseJson(json))),
  }),
  defineFunction<[string]>({
    signature: 'jsonb_pretty(jsonb) -> text',
    family: 'json',
    description: 'Indented text of a document',
    examples: [[`jsonb_pretty('[1]')`, '[\n    1\n]']],
    evaluate: ([json]) => pretty(parseJson(json), ''),
  }),
];

function withoutNulls(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(withoutNulls);
  if (value === null || !isJsonObject(value)) return value;
  return new Map([...value].filter(([, member]) => member !== null).map(([key, member]) => [key, withoutNulls(member)]));
}

function pretty(value: JsonValue, indent: string): string {
  const inner = `${indent}    `;
  if (isJsonArray(value) && value.length === 0) return `[\n${indent}]`;
  if (isJsonArray(value)) return `[\n${value.map((element) => inner + pretty(element, inner)).join(',\n')}\n${indent}]`;
  if (value === null || !isJsonObject(value)) return formatJson(value);
  if (value.size === 0) return `{\n${indent}}`;
  return `{\n${[...value].map(([key, member]) => `${inner}${formatJson(key)}: ${pretty(member, inner)}`).join(',\n')}\n${indent}}`;
}
