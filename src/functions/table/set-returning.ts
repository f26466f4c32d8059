import { SqlError, SqlState } from '../../base/index.ts';
import type { TableFunctionDefinition } from '../../spi/index.ts';
import {
  type ArrayDatum,
  arrayLeaves,
  arrayOf,
  type Datum,
  formatJson,
  innermostElement,
  int4Type,
  isJsonArray,
  isJsonObject,
  isNestedArray,
  type JsonValue,
  jsonbType,
  type MapDatum,
  parseJson,
  type RowField,
  type SqlType,
  textType,
  unknownType,
} from '../../types/index.ts';
import { compileExpression } from '../scalar/pattern/index.ts';
import { everywhere, groupsOf, splitByExpression } from '../scalar/string/index.ts';

/** unnest, jsonb_* and regexp_* functions that return rows. */
export const setReturningFunctions: readonly TableFunctionDefinition[] = [
  {
    name: 'unnest',
    signature: 'unnest(anyarray) -> setof anyelement',
    argumentTypes: [unknownType],
    volatility: 'immutable',
    description: 'One row per element, over all dimensions',
    examples: [{ sql: 'unnest(ARRAY[1,2])', result: '1' }],
    columns: ([type]) => [{ name: 'unnest', type: innermostElement(type!) }],
    evaluate: ([array]) => arrayLeaves(array as ArrayDatum).map((value) => [value]),
  },
  {
    name: 'unnest',
    signature: 'unnest(anymap) -> setof record',
    argumentTypes: [unknownType],
    volatility: 'immutable',
    description: 'One row per entry of a map: key and value, in the order of the keys',
    examples: [{ sql: "unnest(MAP['a', 1])", result: '(a,1)' }],
    columns: ([type]) => (type?.kind === 'map' ? [column('key', type.key), column('value', type.value)] : []),
    evaluate: ([map]) => {
      const { keys, values } = map as MapDatum;
      return keys.map((key, index) => [key, values[index]!]);
    },
  },
  {
    name: 'generate_subscripts',
    signature: 'generate_subscripts(anyarray, int4) -> setof int4',
    argumentTypes: [unknownType, int4Type],
    volatility: 'immutable',
    description: 'The subscripts of a dimension',
    examples: [{ sql: 'generate_subscripts(ARRAY[7,8], 1)', result: '1' }],
    columns: () => [{ name: 'generate_subscripts', type: int4Type }],
    evaluate: ([array, dimension]) => {
      let level: Datum | null = array!;
      for (let depth = 1; depth < (dimension as number) && isNestedArray(level); depth++) level = level.elements[0] ?? null;
      return isNestedArray(level) && (dimension as number) > 0 ? level.elements.map((_, index) => [index + 1]) : [];
    },
  },
  {
    name: '_pg_expandarray',
    signature: '_pg_expandarray(anyarray) -> setof record',
    argumentTypes: [unknownType],
    volatility: 'immutable',
    description: 'One row per element with its number from 1; drivers call it on the columns of an index',
    examples: [{ sql: '_pg_expandarray(ARRAY[7])', result: '7' }],
    columns: ([type]) => [
      { name: 'x', type: innermostElement(type!) },
      { name: 'n', type: int4Type },
    ],
    evaluate: ([array]) => arrayLeaves(array as ArrayDatum).map((value, index) => [value, index + 1]),
  },
  ...(['jsonb_array_elements', 'jsonb_array_elements_text'] as const).map(
    (name): TableFunctionDefinition => ({
      name,
      signature: `${name}(jsonb) -> setof ${name.endsWith('text') ? 'text' : 'jsonb'}`,
      argumentTypes: [jsonbType],
      volatility: 'immutable',
      description: 'One row per element of a JSON array',
      examples: [{ sql: `${name}('[1, true]')`, result: '1' }],
      columns: () => [{ name: 'value', type: name.endsWith('text') ? textType : jsonbType }],
      evaluate: ([json]) =>
        elementsOf(parseJson(json as string)).map((element) => [name.endsWith('text') ? scalarText(element) : formatJson(element)]),
    }),
  ),
  ...(['jsonb_each', 'jsonb_each_text'] as const).map(
    (name): TableFunctionDefinition => ({
      name,
      signature: `${name}(jsonb) -> setof record`,
      argumentTypes: [jsonbType],
      volatility: 'immutable',
      description: 'One row of key and value per member of a JSON object',
      examples: [{ sql: `${name}('{"a": 1}')`, result: '(a,1)' }],
      columns: () => [
        { name: 'key', type: textType },
        { name: 'value', type: name.endsWith('text') ? textType : jsonbType },
      ],
      evaluate: ([json]) =>
        membersOf(parseJson(json as string), name).map(([key, value]) => [key, name.endsWith('text') ? scalarText(value) : formatJson(value)]),
    }),
  ),
  {
    name: 'jsonb_object_keys',
    signature: 'jsonb_object_keys(jsonb) -> setof text',
    argumentTypes: [jsonbType],
    volatility: 'immutable',
    description: 'The keys of a JSON object',
    examples: [{ sql: `jsonb_object_keys('{"a": 1}')`, result: 'a' }],
    columns: () => [{ name: 'jsonb_object_keys', type: textType }],
    evaluate: ([json]) => membersOf(parseJson(json as string), 'jsonb_object_keys').map(([key]) => [key]),
  },
  ...([1, 2] as const).map(
    (flags): TableFunctionDefinition => ({
      name: 'regexp_matches',
      signature: `regexp_matches(text, text${flags === 2 ? ', text' : ''}) -> setof text[]`,
      argumentTypes: flags === 2 ? [textType, textType, textType] : [textType, textType],
      volatility: 'immutable',
      description: 'Groups of the first match, with flag g of every match',
      examples: [{ sql: `regexp_matches('foobar', 'o(.)'${flags === 2 ? ", 'g'" : ''})`, result: '{o}' }],
      columns: () => [{ name: 'regexp_matches', type: arrayOf(textType) }],
      evaluate: ([text, pattern, options]) => {
        const compiled = compileExpression(pattern as string, (options as string | undefined) ?? '');
        const matches = compiled.global ? [...(text as string).matchAll(everywhere(compiled))] : [compiled.expression.exec(text as string)];
        return matches.flatMap((match) => (match === null ? [] : [[groupsOf(match)]]));
      },
    }),
  ),
  {
    name: 'regexp_split_to_table',
    signature: 'regexp_split_to_table(text, text) -> setof text',
    argumentTypes: [textType, textType],
    volatility: 'immutable',
    description: 'The parts between matches of a regular expression',
    examples: [{ sql: "regexp_split_to_table('hello world', '\\s+')", result: 'hello' }],
    columns: () => [{ name: 'regexp_split_to_table', type: textType }],
    evaluate: ([text, pattern]) => splitByExpression(text as string, compileExpression(pattern as string)).map((part) => [part]),
  },
  {
    name: 'string_to_table',
    signature: 'string_to_table(text, text) -> setof text',
    argumentTypes: [textType, textType],
    volatility: 'immutable',
    description: 'The parts between delimiters',
    examples: [{ sql: "string_to_table('xx~~yy', '~~')", result: 'xx' }],
    columns: () => [{ name: 'string_to_table', type: textType }],
    evaluate: ([text, delimiter]) => {
      if (text === '') return [];
      return (delimiter === '' ? [text as string] : (text as string).split(delimiter as string)).map((part) => [part]);
    },
  },
];

function column(name: string, type: SqlType): RowField {
  return { name, type };
}

function elementsOf(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  const message = value !== null && isJsonObject(value) ? 'cannot extract elements from an object' : 'cannot extract elements from a scalar';
  throw new SqlError({ code: SqlState.invalidParameterValue, message });
}

function membersOf(value: JsonValue, name: string): [string, JsonValue][] {
  if (value !== null && isJsonObject(value)) return [...value];
  const what = name === 'jsonb_object_keys' ? (isJsonArray(value) ? 'an array' : 'a scalar') : 'a non-object';
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `cannot call ${name} on ${what}` });
}

function scalarText(value: JsonValue): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : formatJson(value);
}
