import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  type ArrayDatum,
  type Datum,
  formatJson,
  isJsonArray,
  isJsonObject,
  isNestedArray,
  type JsonValue,
  jsonObject,
  parseJson,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { textOf } from '../text-of.ts';

/** The || operator: texts, bytes, arrays and JSON documents. */
export const concatenations: readonly FunctionDefinition[] = [
  defineFunction<[string, string]>({
    signature: 'text || text -> text',
    family: 'operator',
    description: 'Joins two strings',
    examples: [["'Post' || 'greSQL'", 'PostgreSQL']],
    evaluate: ([a, b]) => a + b,
  }),
  defineFunction<[string, Datum]>({
    signature: 'text || anynonarray -> text',
    family: 'operator',
    description: 'Joins a string and the text of any value',
    examples: [["text 'Value: ' || 42", 'Value: 42']],
    volatility: 'stable',
    evaluate: ([a, b], context, types) => a + textOf(types[1]!, b, context),
  }),
  defineFunction<[Datum, string]>({
    signature: 'anynonarray || text -> text',
    family: 'operator',
    description: 'Joins the text of any value and a string',
    examples: [["42 || text ' is it'", '42 is it']],
    volatility: 'stable',
    evaluate: ([a, b], context, types) => textOf(types[0]!, a, context) + b,
  }),
  defineFunction<[Uint8Array, Uint8Array]>({
    signature: 'bytea || bytea -> bytea',
    family: 'operator',
    description: 'Joins two byte strings',
    examples: [["bytea '\\x12' || bytea '\\x34'", '\\x1234']],
    evaluate: ([a, b]) => new Uint8Array(Buffer.concat([a, b])),
  }),
  defineFunction<[ArrayDatum | null, ArrayDatum | null]>({
    signature: 'anycompatiblearray || anycompatiblearray -> anycompatiblearray',
    family: 'operator',
    description: 'Joins two arrays; NULL counts as empty',
    examples: [['ARRAY[1,2] || ARRAY[3]', '{1,2,3}']],
    nullBehaviour: 'called',
    evaluate: ([a, b]) => joinArrays(a, b),
  }),
  defineFunction<[ArrayDatum | null, Datum | null]>({
    signature: 'anycompatiblearray || anycompatible -> anycompatiblearray',
    family: 'operator',
    description: 'Appends an element to an array',
    examples: [['ARRAY[1,2] || 3', '{1,2,3}']],
    nullBehaviour: 'called',
    evaluate: ([a, b]) => ({ elements: [...(a?.elements ?? []), b] }),
  }),
  defineFunction<[Datum | null, ArrayDatum | null]>({
    signature: 'anycompatible || anycompatiblearray -> anycompatiblearray',
    family: 'operator',
    description: 'Prepends an element to an array',
    examples: [['3 || ARRAY[1,2]', '{3,1,2}']],
    nullBehaviour: 'called',
    evaluate: ([a, b]) => ({ elements: [a, ...(b?.elements ?? [])] }),
  }),
  defineFunction<[string, string]>({
    signature: 'jsonb || jsonb -> jsonb',
    family: 'operator',
    description: 'Joins arrays, merges objects (the right one wins); anything else becomes an array first',
    examples: [[`jsonb '{"a": 1}' || jsonb '{"b": 2}'`, '{"a": 1, "b": 2}']],
    fallible: true,
    evaluate: ([a, b]) => formatJson(joinJson(parseJson(a), parseJson(b))),
  }),
];

export function joinArrays(left: ArrayDatum | null, right: ArrayDatum | null): ArrayDatum | null {
  if (left === null || left.elements.length === 0) return right ?? left;
  if (right === null || right.elements.length === 0) return left;
  const leftNested = isNestedArray(left.elements[0]!);
  const rightNested = isNestedArray(right.elements[0]!);
  // An array of one dimension less is one more element, as PostgreSQL's array_cat has it.
  if (leftNested && !rightNested) return { elements: [...left.elements, right] };
  if (!leftNested && rightNested) return { elements: [left, ...right.elements] };
  return { elements: [...left.elements, ...right.elements] };
}

function joinJson(left: JsonValue, right: JsonValue): JsonValue {
  if (left !== null && right !== null && isJsonObject(left) && isJsonObject(right)) return jsonObject([...left, ...right]);
  const list = (value: JsonValue): readonly JsonValue[] => (isJsonArray(value) ? value : [value]);
  return [...list(left), ...list(right)];
}
