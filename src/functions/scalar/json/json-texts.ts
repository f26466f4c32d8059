import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  compareJson,
  type Datum,
  formatJson,
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonValue,
  jsonObject,
  type MapType,
  makeMap,
  mapOf,
  textType,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { tryParse } from './construct.ts';
import { findItems } from './path-items.ts';
import { toJson } from './to-json.ts';

const TEXT_MAP = mapOf(textType, textType) as MapType;

/** Functions of Flink and ksqlDB over texts that hold JSON. What is no JSON gives NULL, as in ksqlDB. */
export const jsonTextFunctions: readonly FunctionDefinition[] = [
  ...(['json_string', 'to_json_string'] as const).map((name) =>
    defineFunction<[Datum]>({
      signature: `${name}(any) -> text`,
      family: 'json',
      description: `Any value as a JSON text without blanks (as in ${name === 'json_string' ? 'Flink' : 'ksqlDB'})`,
      examples: [
        [`${name}(ARRAY[1, 2])`, '[1,2]'],
        [`${name}('a'::text)`, '"a"'],
      ],
      volatility: 'stable',
      evaluate: ([value], context, types) => compact(toJson(types[0]!, value, context)),
    }),
  ),
  defineFunction<[string]>({
    signature: 'json_quote(text) -> text',
    family: 'json',
    description: 'A text as a JSON string, quotes, backslashes, slashes and control characters escaped (as in Flink)',
    examples: [[`json_quote('say "a/b"')`, '"say \\"a\\/b\\""']],
    evaluate: ([text]) => JSON.stringify(text).replaceAll('/', '\\/'),
  }),
  defineFunction<[string]>({
    signature: 'json_unquote(text) -> text',
    family: 'json',
    description: 'The text a JSON string stands for; any other text as it is (as in Flink)',
    examples: [
      [`json_unquote('"a\\"b"')`, 'a"b'],
      ["json_unquote('abc')", 'abc'],
    ],
    evaluate: ([text]) => {
      const value = text.startsWith('"') ? tryParse(text) : undefined;
      return typeof value === 'string' ? value : text;
    },
  }),
  defineFunction<[string, string]>({
    signature: 'extractjsonfield(text, text) -> text',
    family: 'json',
    description:
      'The value at a path such as $.log.hosts[0]: strings as they are, arrays and objects as JSON; NULL where there is none (as in ksqlDB)',
    examples: [
      [`extractjsonfield('{"log": {"cloud": "gcp", "n": [1, 2]}}', '$.log.cloud')`, 'gcp'],
      [`extractjsonfield('{"log": {"cloud": "gcp", "n": [1, 2]}}', '$.log.n')`, '[1,2]'],
      [`extractjsonfield('{"log": 1}', '$.other')`, null],
    ],
    fallible: true,
    evaluate: ([text, path]) => {
      const document = tryParse(text);
      if (document === undefined) return null;
      const [item = null] = findItems({ document, path, variables: new Map(), first: true }).items;
      return item === null ? null : typeof item === 'string' ? item : compact(item);
    },
  }),
  defineFunction<[string | null]>({
    signature: 'is_json_string(text) -> bool',
    family: 'json',
    description: 'Whether a text is JSON; a NULL is not (as in ksqlDB)',
    examples: [
      [`is_json_string('[1, 2]')`, 't'],
      ["is_json_string('abc')", 'f'],
    ],
    nullBehaviour: 'called',
    evaluate: ([text]) => text !== null && tryParse(text) !== undefined,
  }),
  defineFunction<[string | null, Datum | null]>({
    signature: 'json_array_contains(text, any) -> bool',
    family: 'json',
    description: 'Whether a JSON array has an element equal to the value (as in ksqlDB)',
    examples: [
      [`json_array_contains('[1, 2, 3]', 3)`, 't'],
      [`json_array_contains('["a", "b"]', 'c')`, 'f'],
    ],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: ([text, value], context, types) => {
      const array = text === null ? undefined : tryParse(text);
      if (array === undefined || !isJsonArray(array)) return false;
      const wanted = toJson(types[1]!, value, context);
      return array.some((element) => compareJson(element, wanted) === 0);
    },
  }),
  inspect({
    signature: 'json_array_length(text) -> int4',
    description: 'Number of elements of a JSON array; NULL of anything else',
    examples: [
      [`json_array_length('[1, 2, 3]')`, '3'],
      [`json_array_length('{"a": 1}')`, null],
    ],
    evaluate: (value) => (isJsonArray(value) ? value.length : null),
  }),
  inspect({
    signature: 'json_keys(text) -> text[]',
    description: 'The keys of a JSON object; NULL of anything else',
    examples: [[`json_keys('{"a": "abc", "b": 1}')`, '{a,b}']],
    evaluate: (value) => (value !== null && isJsonObject(value) ? { elements: [...value.keys()] } : null),
  }),
  inspect({
    signature: 'json_items(text) -> text[]',
    description: 'The elements of a JSON array, each as JSON; NULL of anything else',
    examples: [[`json_items('[1, {"a": 2}]')`, '{1,"{\\"a\\":2}"}']],
    evaluate: (value) => (isJsonArray(value) ? { elements: value.map(compact) } : null),
  }),
  defineFunction<[string]>({
    signature: 'json_records(text) -> any',
    family: 'json',
    description: 'The members of a JSON object as a map of texts, the values as JSON; NULL of anything else (as in ksqlDB)',
    examples: [[`json_records('{"a": "abc", "b": 1}')`, '{a:"\\"abc\\"",b:1}']],
    resultType: () => TEXT_MAP,
    evaluate: ([text]) => {
      const value = tryParse(text);
      if (value == null || !isJsonObject(value)) return null;
      return makeMap(
        TEXT_MAP,
        [...value].map(([key, member]) => [key, compact(member)] as const),
      );
    },
  }),
  defineFunction<[string, ...string[]]>({
    signature: 'json_concat(text, variadic text) -> text',
    family: 'json',
    description: 'Objects become one object, anything else one array; NULL where a text is no JSON (as in ksqlDB)',
    examples: [
      [`json_concat('{"a": 1}', '{"b": 2}')`, '{"a":1,"b":2}'],
      [`json_concat('[1]', '2')`, '[1,2]'],
    ],
    evaluate: (texts) => {
      const values = texts.map(tryParse);
      if (values.includes(undefined)) return null;
      return compact((values as JsonValue[]).reduce(concatenate));
    },
  }),
];

/** A function of ksqlDB that looks into a document; its name is known from PostgreSQL with another type, so that it says whose it is. */
function inspect(parts: {
  readonly signature: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string | null])[];
  evaluate(value: JsonValue): Datum | null;
}): FunctionDefinition {
  return defineFunction<[string]>({
    ...parts,
    family: 'json',
    description: `${parts.description} (as in ksqlDB)`,
    evaluate: ([text]) => {
      const value = tryParse(text);
      return value === undefined ? null : parts.evaluate(value);
    },
  });
}

function concatenate(left: JsonValue, right: JsonValue): JsonValue {
  if (left !== null && right !== null && isJsonObject(left) && isJsonObject(right)) return jsonObject([...left, ...right]);
  const elements = (value: JsonValue): readonly JsonValue[] => (isJsonArray(value) ? value : [value]);
  return [...elements(left), ...elements(right)];
}

/** JSON without blanks. */
export function compact(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(compact).join(',')}]`;
  if (value === null || value instanceof JsonNumber || !isJsonObject(value)) return formatJson(value);
  return `{${[...value].map(([key, member]) => `${formatJson(key)}:${compact(member)}`).join(',')}}`;
}
