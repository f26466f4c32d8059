import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  type ArrayDatum,
  type Datum,
  type MapDatum,
  type MapType,
  makeMap,
  mapIndexOf,
  mapOf,
  type RowDatum,
  type SqlType,
  textType,
  unknownType,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

type Pairs = (readonly [Datum | null, Datum | null])[];

const elementOf = (type: SqlType | undefined): SqlType => (type?.kind === 'array' ? type.element : unknownType);

/** Functions that make maps. Of several entries with one key the last counts. */
export const mapBuildFunctions: readonly FunctionDefinition[] = [
  ...['map_from_arrays', 'map_from_key_values'].map((name) =>
    defineFunction<[ArrayDatum, ArrayDatum]>({
      signature: `${name}(any, any) -> anymap`,
      family: 'map',
      description: 'The map of an array of keys and an array of values of the same length',
      examples: [[`${name}(ARRAY['a','b'], ARRAY[1,2])`, '{a:1,b:2}']],
      resultType: ([keys, values]) => mapOf(elementOf(keys), elementOf(values)),
      fallible: true,
      evaluate: ([keys, values], _context, [keysType, valuesType]) => {
        checkLists(name, [keysType!, valuesType!]);
        if (keys.elements.length !== values.elements.length) throw unequalLists(keys, values);
        return makeMap(
          mapOf(elementOf(keysType), elementOf(valuesType)) as MapType,
          keys.elements.map((key, index) => [key, values.elements[index]!]),
        );
      },
    }),
  ),
  defineFunction<[ArrayDatum]>({
    signature: 'map_from_entries(anyarray) -> anymap',
    family: 'map',
    description: 'The map of an array of rows of two fields',
    examples: [["map_from_entries(ARRAY[ROW('a'::text, 1), ROW('b'::text, 2)])", '{a:1,b:2}']],
    resultType: (types) => entryMap(types[0]),
    fallible: true,
    evaluate: ([entries], _context, types) => {
      const pairs: Pairs = entries.elements.map((entry) => {
        const fields = (entry as RowDatum | null)?.fields;
        if (fields?.length !== 2) throw notEntries();
        return [fields[0]!, fields[1]!];
      });
      return makeMap(entryMap(types[0]), pairs);
    },
  }),
  ...['map_concat', 'map_cat', 'map_union'].map((name) =>
    defineFunction<[MapDatum, MapDatum]>({
      signature: `${name}(anymap, anymap) -> anymap`,
      family: 'map',
      description: 'Entries of both maps; of a key in both the second map has the value',
      examples: [[`${name}(MAP['a', 1, 'b', 2], MAP['b', 3])`, '{a:1,b:3}']],
      evaluate: ([left, right], _context, types) => makeMap(types[0] as MapType, [...pairsOf(left), ...pairsOf(right)]),
    }),
  ),
  defineFunction<[MapDatum, Datum, Datum | null]>({
    signature: 'map_insert(anymap, anykey, anyvalue) -> anymap',
    family: 'map',
    description: 'The map with one more entry, or another value of the key',
    examples: [["map_insert(MAP['a', 1], 'b', 2)", '{a:1,b:2}']],
    nullBehaviour: 'called',
    evaluate: ([map, key, value], _context, types) => {
      if (map === null || key === null) return map;
      return makeMap(types[0] as MapType, [...pairsOf(map), [key, value]]);
    },
  }),
  defineFunction<[MapDatum, Datum]>({
    signature: 'map_delete(anymap, anykey) -> anymap',
    family: 'map',
    description: 'The map without a key',
    examples: [["map_delete(MAP['a', 1, 'b', 2], 'b')", '{a:1}']],
    evaluate: ([map, key], _context, types) => {
      const at = mapIndexOf(types[0] as MapType, map, key);
      return at < 0 ? map : { keys: map.keys.toSpliced(at, 1), values: map.values.toSpliced(at, 1) };
    },
  }),
  defineFunction<[string]>({
    signature: 'str_to_map(text) -> anymap',
    family: 'map',
    description: 'Entries of a text: pairs separated by commas, keys and values by an equals sign (as in Flink)',
    examples: [["str_to_map('k1=v1,k2=v2')", '{k1:v1,k2:v2}']],
    resultType: () => mapOf(textType, textType),
    evaluate: ([text]) => textMap(text, ',', '='),
  }),
  defineFunction<[string, string, string]>({
    signature: 'str_to_map(text, text, text) -> anymap',
    family: 'map',
    description: 'Entries of a text, with the delimiters of pairs and of key and value',
    examples: [["str_to_map('k1:v1;k2:v2', ';', ':')", '{k1:v1,k2:v2}']],
    resultType: () => mapOf(textType, textType),
    evaluate: ([text, pairs, parts]) => textMap(text, pairs, parts),
  }),
];

export function pairsOf(map: MapDatum): Pairs {
  return map.keys.map((key, index) => [key, map.values[index]!]);
}

function textMap(text: string, pairDelimiter: string, partDelimiter: string): MapDatum {
  const pairs = text === '' ? [] : pairDelimiter === '' ? [text] : text.split(pairDelimiter);
  return makeMap(
    mapOf(textType, textType) as MapType,
    pairs.map((pair) => {
      const at = partDelimiter === '' ? -1 : pair.indexOf(partDelimiter);
      return at < 0 ? [pair, null] : [pair.slice(0, at), pair.slice(at + partDelimiter.length)];
    }),
  );
}

/** Fields of the rows of an array; a map of texts stands in where the argument is not known to be one. */
function entryMap(type: SqlType | undefined): MapType {
  const entry = elementOf(type);
  if (entry.kind !== 'row' || entry.fields.length !== 2) throw notEntries();
  return mapOf(entry.fields[0]!.type, entry.fields[1]!.type) as MapType;
}

function notEntries(): SqlError {
  return new SqlError({ code: SqlState.datatypeMismatch, message: 'map_from_entries takes an array of rows of two fields, a key and a value' });
}

function checkLists(name: string, types: readonly SqlType[]): void {
  if (types.every((type) => type.kind === 'array')) return;
  throw new SqlError({ code: SqlState.datatypeMismatch, message: `${name} takes two arrays` });
}

function unequalLists(keys: ArrayDatum, values: ArrayDatum): SqlError {
  return new SqlError({
    code: SqlState.arraySubscriptError,
    message: 'arrays of keys and values must have the same number of elements',
    detail: `There are ${keys.elements.length} keys and ${values.elements.length} values.`,
  });
}
