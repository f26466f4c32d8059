import type { FunctionDefinition } from '../../../expr/index.ts';
import { arrayOf, type Datum, datumsEqual, type MapDatum, type MapType, mapIndexOf, rowOf, type SqlType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const mapOfFirst = (types: readonly SqlType[]): MapType => types[0] as MapType;

/** What is in a map. */
export const mapInspectFunctions: readonly FunctionDefinition[] = [
  defineFunction<[MapDatum, Datum]>({
    signature: 'map_get(anymap, anykey) -> anyvalue',
    family: 'map',
    description: 'The value of a key, NULL where there is none: map[key]',
    examples: [
      ["map_get(MAP['a', 1, 'b', 2], 'b')", '2'],
      ["MAP['a', 1]['c']", null],
    ],
    evaluate: ([map, key], _context, types) => map.values[mapIndexOf(mapOfFirst(types), map, key)] ?? null,
  }),
  defineFunction<[MapDatum]>({
    signature: 'cardinality(anymap) -> int4',
    family: 'map',
    description: 'Number of entries',
    examples: [["cardinality(MAP['a', 1, 'b', 2])", '2']],
    evaluate: ([map]) => map.keys.length,
  }),
  defineFunction<[MapDatum]>({
    signature: 'map_length(anymap) -> int4',
    family: 'map',
    description: 'Number of entries (as in RisingWave)',
    examples: [["map_length(MAP['a', 1, 'b', 2])", '2']],
    evaluate: ([map]) => map.keys.length,
  }),
  defineFunction<[MapDatum]>({
    signature: 'map_keys(anymap) -> anyarray',
    family: 'map',
    description: 'The keys, ascending',
    examples: [["map_keys(MAP['b', 1, 'a', 2])", '{a,b}']],
    resultType: (types) => arrayOf(mapOfFirst(types).key),
    evaluate: ([map]) => ({ elements: map.keys }),
  }),
  defineFunction<[MapDatum]>({
    signature: 'map_values(anymap) -> anyarray',
    family: 'map',
    description: 'The values, in the order of the keys',
    examples: [["map_values(MAP['b', 1, 'a', 2])", '{2,1}']],
    resultType: (types) => arrayOf(mapOfFirst(types).value),
    evaluate: ([map]) => ({ elements: map.values }),
  }),
  ...['map_entries', 'entries'].map((name) =>
    defineFunction<[MapDatum]>({
      signature: `${name}(anymap) -> anyarray`,
      family: 'map',
      description: 'Rows of key and value, in the order of the keys',
      examples: [[`${name}(MAP['b', 1, 'a', 2])`, '{"(a,2)","(b,1)"}']],
      resultType: (types) => entriesType(mapOfFirst(types)),
      evaluate: ([map]) => ({ elements: map.keys.map((key, index) => ({ fields: [key, map.values[index]!] })) }),
    }),
  ),
  ...['map_contains', 'map_contains_key'].map((name) =>
    defineFunction<[MapDatum, Datum]>({
      signature: `${name}(anymap, anykey) -> bool`,
      family: 'map',
      description: 'Whether there is an entry of the key',
      examples: [[`${name}(MAP['a', 1], 'a')`, 't']],
      evaluate: ([map, key], _context, types) => mapIndexOf(mapOfFirst(types), map, key) >= 0,
    }),
  ),
  defineFunction<[MapDatum, Datum]>({
    signature: 'map_contains_value(anymap, anyvalue) -> bool',
    family: 'map',
    description: 'Whether an entry has the value',
    examples: [["map_contains_value(MAP['a', 1], 2)", 'f']],
    evaluate: ([map, value], _context, types) => map.values.some((one) => one !== null && datumsEqual(mapOfFirst(types).value, one, value)),
  }),
];

function entriesType(map: MapType): SqlType {
  return arrayOf(
    rowOf([
      { name: 'key', type: map.key },
      { name: 'value', type: map.value },
    ]),
  );
}
