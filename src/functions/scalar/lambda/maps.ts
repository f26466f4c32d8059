import type { FunctionDefinition, LambdaArgument } from '../../../expr/index.ts';
import { type Datum, type MapDatum, type MapType, makeMap, mapOf, type SqlType, unknownType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { pairsOf } from '../map/build.ts';

const keyAndValue = (types: readonly SqlType[]): SqlType[] =>
  types[0]?.kind === 'map' ? [types[0].key, types[0].value] : [unknownType, unknownType];
const ofEntry: LambdaArgument = { parameters: keyAndValue, gives: 'any' };

/** Functions of maps with lambdas over key and value. Of several entries with one key the last counts. */
export const mapLambdaFunctions: readonly FunctionDefinition[] = [
  defineFunction<[MapDatum]>({
    signature: 'transform(anymap, lambda, lambda) -> anymap',
    family: 'map',
    description: 'The map of the keys the first lambda gives and the values the second one gives',
    examples: [["transform(MAP['a', 1, 'b', 2], (k, v) => upper(k), (k, v) => v * 10)", '{A:10,B:20}']],
    fallible: true,
    lambdas: [ofEntry, ofEntry],
    resultType: (types) => mapOf(types[1] ?? unknownType, types[2] ?? unknownType),
    evaluate: ([map], _context, types, [keyOf, contentOf]) =>
      makeMap(
        mapOf(types[1]!, types[2]!) as MapType,
        pairsOf(map).map((pair) => [keyOf!(pair), contentOf!(pair)]),
      ),
  }),
  defineFunction<[MapDatum]>({
    signature: 'transform_keys(anymap, lambda) -> anymap',
    family: 'map',
    description: 'The map with the keys the lambda gives',
    examples: [["transform_keys(MAP['a', 1], (k, v) => k || v)", '{a1:1}']],
    fallible: true,
    lambdas: [ofEntry],
    resultType: (types) => mapOf(types[1] ?? unknownType, keyAndValue(types)[1]!),
    evaluate: ([map], _context, types, [keyOf]) =>
      makeMap(
        mapOf(types[1]!, keyAndValue(types)[1]!) as MapType,
        pairsOf(map).map((pair) => [keyOf!(pair), pair[1]]),
      ),
  }),
  defineFunction<[MapDatum]>({
    signature: 'transform_values(anymap, lambda) -> anymap',
    family: 'map',
    description: 'The map with the values the lambda gives',
    examples: [["transform_values(MAP['a', 1], (k, v) => v + 1)", '{a:2}']],
    lambdas: [ofEntry],
    resultType: (types) => mapOf(keyAndValue(types)[0]!, types[1] ?? unknownType),
    evaluate: ([map], _context, _types, [contentOf]) => ({ keys: map.keys, values: pairsOf(map).map((pair) => contentOf!(pair)) }),
  }),
  ...['filter', 'map_filter'].map((name) =>
    defineFunction<[MapDatum]>({
      signature: `${name}(anymap, lambda) -> anymap`,
      family: 'map',
      description: 'The entries for which the condition is true',
      examples: [[`${name}(MAP['a', 1, 'b', 2], (k, v) => v > 1)`, '{b:2}']],
      lambdas: [{ parameters: keyAndValue, gives: 'condition' }],
      evaluate: ([map], _context, _types, [condition]) => {
        const kept = pairsOf(map).filter((pair) => condition!(pair) === true);
        return { keys: kept.map((pair) => pair[0]!), values: kept.map((pair) => pair[1]) };
      },
    }),
  ),
  defineFunction<[MapDatum | null, Datum | null]>({
    signature: 'reduce(anymap, any, lambda) -> any',
    family: 'map',
    description: 'A state, brought forward by the lambda with each key and value in turn',
    examples: [["reduce(MAP['a', 1, 'b', 2], 0, (sum, k, v) => sum + v)", '3']],
    nullBehaviour: 'called',
    lambdas: [{ parameters: (types) => [types[1]!, ...keyAndValue(types)], gives: { likeArgument: 1 } }],
    resultType: (types) => types[1]!,
    evaluate: ([map, state], _context, _types, [lambda]) =>
      (map === null ? [] : pairsOf(map)).reduce<Datum | null>((sum, pair) => lambda!([sum, ...pair]), state),
  }),
];
