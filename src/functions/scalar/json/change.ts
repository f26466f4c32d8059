import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, formatJson, isJsonArray, isJsonObject, type JsonValue, jsonObject, parseJson } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { pathOf } from './json-path.ts';

/** Functions that change a document at a path of keys. */
export const jsonChangeFunctions: readonly FunctionDefinition[] = [
  ...([3, 4] as const).map((count) =>
    defineFunction<[string, ArrayDatum, string, boolean?]>({
      signature: `jsonb_set(jsonb, text[], jsonb${count === 4 ? ', bool' : ''}) -> jsonb`,
      family: 'json',
      description: 'The document with another value at a path; the last argument says whether a missing last step is added, which is the default',
      examples: [[`jsonb_set('{"a": [1, 2]}', '{a,0}', '5'${count === 4 ? ', false' : ''})`, '{"a": [5, 2]}']],
      fallible: true,
      evaluate: ([document, path, value, create = true]) =>
        changed(document, path, { change: 'set', value: parseJson(value), create: create as boolean }),
    }),
  ),
  ...([3, 4] as const).map((count) =>
    defineFunction<[string, ArrayDatum, string, boolean?]>({
      signature: `jsonb_insert(jsonb, text[], jsonb${count === 4 ? ', bool' : ''}) -> jsonb`,
      family: 'json',
      description: 'The document with one value more at a path; in arrays in front of that element, or behind it when the last argument is true',
      examples: [
        [`jsonb_insert('{"a": [1, 2]}', '{a,1}', '5'${count === 4 ? ', true' : ''})`, count === 4 ? '{"a": [1, 2, 5]}' : '{"a": [1, 5, 2]}'],
      ],
      fallible: true,
      evaluate: ([document, path, value, after = false]) =>
        changed(document, path, { change: 'insert', value: parseJson(value), after: after as boolean }),
    }),
  ),
  defineFunction<[string, ArrayDatum]>({
    signature: 'jsonb #- text[] -> jsonb',
    family: 'operator',
    description: 'Without what is at a path',
    examples: [[`jsonb '["a", {"b": 1}]' #- '{1,b}'`, '["a", {}]']],
    fallible: true,
    evaluate: ([document, path]) => changed(document, path, { change: 'delete' }),
  }),
];

type Change =
  | { readonly change: 'set'; readonly value: JsonValue; readonly create: boolean }
  | { readonly change: 'insert'; readonly value: JsonValue; readonly after: boolean }
  | { readonly change: 'delete' };

const VERBS = { set: 'set path in', insert: 'set path in', delete: 'delete path in' } as const;

function changed(document: string, path: ArrayDatum, change: Change): string {
  const value = parseJson(document);
  if (!isJsonArray(value) && (value === null || !isJsonObject(value)))
    throw new SqlError({ code: SqlState.invalidParameterValue, message: `cannot ${VERBS[change.change]} scalar` });
  return formatJson(changeAt(value, pathOf(path), 0, change));
}

function changeAt(value: JsonValue, path: readonly (string | null)[], depth: number, change: Change): JsonValue {
  const step = path[depth];
  if (step === undefined) return value;
  if (step === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: `path element at position ${depth + 1} is null` });
  const last = depth === path.length - 1;
  if (isJsonArray(value)) return changeElement(value, { step, path, depth, last, change });
  if (value === null || !isJsonObject(value)) return value;
  const member = value.get(step);
  if (!last) return member === undefined ? value : jsonObject([...value, [step, changeAt(member, path, depth + 1, change)]]);
  if (change.change === 'delete') return jsonObject([...value].filter(([key]) => key !== step));
  if (change.change === 'insert' && member !== undefined) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'cannot replace existing key',
      hint: 'Try using the function jsonb_set to replace key value.',
    });
  }
  if (change.change === 'set' && member === undefined && !change.create) return value;
  return jsonObject([...value, [step, change.value]]);
}

interface Step {
  readonly step: string;
  readonly path: readonly (string | null)[];
  readonly depth: number;
  readonly last: boolean;
  readonly change: Change;
}

/** A position outside of the array is its end, in front or behind, where something can be added. */
function changeElement(array: readonly JsonValue[], { step, path, depth, last, change }: Step): JsonValue {
  if (!/^\s*[+-]?\d+\s*$/.test(step))
    throw new SqlError({ code: SqlState.invalidTextRepresentation, message: `path element at position ${depth + 1} is not an integer: "${step}"` });
  const written = Number(step);
  const position = written < 0 ? array.length + written : written;
  const inside = position >= 0 && position < array.length;
  if (!last) return inside ? array.map((element, index) => (index === position ? changeAt(element, path, depth + 1, change) : element)) : array;
  if (change.change === 'delete') return inside ? array.filter((_, index) => index !== position) : array;
  if (change.change === 'set' && inside) return array.map((element, index) => (index === position ? change.value : element));
  if (change.change === 'set' && !change.create) return array;
  const at = position < 0 ? 0 : inside ? position + (change.change === 'insert' && change.after ? 1 : 0) : array.length;
  return [...array.slice(0, at), change.value, ...array.slice(at)];
}
