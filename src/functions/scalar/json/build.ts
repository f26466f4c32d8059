import { SqlError, SqlState } from '../../../base/index.ts';
import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import { type ArrayDatum, type Datum, formatJson, isNestedArray, type JsonValue, jsonObject, type SqlType } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { textOf } from '../text-of.ts';
import { toJson } from './to-json.ts';

/** Functions that make JSON documents. */
export const jsonBuildFunctions: readonly FunctionDefinition[] = [
  defineFunction<[Datum]>({
    signature: 'to_jsonb(any) -> jsonb',
    family: 'json',
    description: 'Any value as JSON: arrays become arrays, rows objects',
    examples: [
      ['to_jsonb(ARRAY[1,2])', '[1, 2]'],
      [`to_jsonb('Fred said "Hi."'::text)`, '"Fred said \\"Hi.\\""'],
    ],
    volatility: 'stable',
    evaluate: ([value], context, types) => formatJson(toJson(types[0]!, value, context)),
  }),
  defineFunction<[Datum]>({
    signature: 'row_to_json(record) -> jsonb',
    family: 'json',
    description: 'A row as a JSON object (as in fsql, where json is jsonb)',
    examples: [["row_to_json(ROW(1, 'foo'))", '{"f1": 1, "f2": "foo"}']],
    volatility: 'stable',
    evaluate: ([value], context, types) => formatJson(toJson(types[0]!, value, context)),
  }),
  defineFunction<[Datum]>({
    signature: 'array_to_json(anyarray) -> jsonb',
    family: 'json',
    description: 'An array as a JSON array (as in fsql, where json is jsonb)',
    examples: [["array_to_json('{{1,5},{99,100}}'::int[])", '[[1, 5], [99, 100]]']],
    volatility: 'stable',
    evaluate: ([value], context, types) => formatJson(toJson(types[0]!, value, context)),
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'jsonb_build_object(variadic any) -> jsonb',
    family: 'json',
    description: 'An object of alternating keys and values',
    examples: [["jsonb_build_object('foo', 1, 'bar', true)", '{"bar": true, "foo": 1}']],
    volatility: 'stable',
    nullBehaviour: 'called',
    fallible: true,
    evaluate: (args, context, types) => formatJson(buildObject(args, context, types)),
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'jsonb_build_array(variadic any) -> jsonb',
    family: 'json',
    description: 'An array of the arguments',
    examples: [["jsonb_build_array(1, 2, 'foo', NULL)", '[1, 2, "foo", null]']],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: (args, context, types) => formatJson(args.map((arg, index) => toJson(types[index]!, arg, context))),
  }),
  ...(['jsonb_object', 'json_object'] as const).flatMap((name) => [
    defineFunction<[ArrayDatum, ArrayDatum]>({
      signature: `${name}(text[], text[]) -> jsonb`,
      family: 'json',
      description: 'An object of an array of keys and one of values',
      examples: [[`${name}('{a,b}', '{1,2}')`, '{"a": "1", "b": "2"}']],
      fallible: true,
      evaluate: ([keys, values]) => {
        if (keys.elements.length !== values.elements.length) throw mismatchedDimensions('mismatched array dimensions');
        return objectOfTexts(keys.elements, values.elements);
      },
    }),
    defineFunction<[ArrayDatum]>({
      signature: `${name}(text[]) -> jsonb`,
      family: 'json',
      description: 'An object of an array in which keys and values alternate',
      examples: [[`${name}('{a,1,b,2}')`, '{"a": "1", "b": "2"}']],
      fallible: true,
      evaluate: ([{ elements }]) => {
        if (elements.some(isNestedArray)) return objectOfPairs(elements);
        if (elements.length % 2 === 1) throw mismatchedDimensions('array must have even number of elements');
        const at = (offset: number) => elements.filter((_, index) => index % 2 === offset);
        return objectOfTexts(at(0), at(1));
      },
    }),
  ]),
];

function buildObject(args: readonly (Datum | null)[], context: EvaluationContext, types: readonly SqlType[]): JsonValue {
  if (args.length % 2 === 1) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'argument list must have even number of elements',
      hint: 'The arguments of jsonb_build_object() must consist of alternating keys and values.',
    });
  }
  const members: [string, JsonValue][] = [];
  for (let i = 0; i < args.length; i += 2) {
    const key = args[i] ?? null;
    if (key === null) throw new SqlError({ code: SqlState.invalidParameterValue, message: `argument ${i + 1}: key must not be null` });
    members.push([textOf(types[i]!, key, context), toJson(types[i + 1]!, args[i + 1]!, context)]);
  }
  return jsonObject(members);
}

function objectOfPairs(pairs: readonly (Datum | null)[]): string {
  const members = pairs.map((pair) => (isNestedArray(pair) ? pair.elements : []));
  if (members.some((pair) => pair.length !== 2)) throw mismatchedDimensions('array must have two columns');
  return objectOfTexts(
    members.map(([key]) => key ?? null),
    members.map(([, value]) => value ?? null),
  );
}

function objectOfTexts(keys: readonly (Datum | null)[], values: readonly (Datum | null)[]): string {
  return formatJson(
    jsonObject(
      keys.map((key, index) => {
        if (key === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'null value not allowed for object key' });
        return [key as string, values[index] as string | null] as const;
      }),
    ),
  );
}

function mismatchedDimensions(message: string): SqlError {
  return new SqlError({ code: SqlState.arraySubscriptError, message });
}
