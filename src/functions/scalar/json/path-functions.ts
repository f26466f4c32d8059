import { SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type Datum, formatJson, type JsonValue, parseJson } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { PathError } from './path/index.ts';
import { findItems, variablesOf } from './path-items.ts';

type PathArguments = [document: string, path: string, variables?: string, silent?: boolean];

const OPTIONAL_ARGUMENTS = [
  { types: '', values: '' },
  { types: ', jsonb', values: `, '{"x": 1}'` },
  { types: ', jsonb, bool', values: ", '{}', true" },
];

/** jsonb_path_* of PostgreSQL, and its operators @? and @@. A path is a text here, read once for all rows. */
export const jsonPathFunctions: readonly FunctionDefinition[] = [
  ...overloads('jsonb_path_exists', 'bool', {
    description: 'Whether a path finds anything',
    call: `'{"a":[1,2,3]}', '$.a[*] ? (@ >= 2)'`,
    gives: 't',
    evaluate: (args) => {
      const items = pathItems(args, true);
      return items === null ? null : items.length > 0;
    },
  }),
  ...overloads('jsonb_path_match', 'bool', {
    description: 'What the predicate of a path gives',
    call: `'{"a":[1,2,3]}', 'exists($.a[*] ? (@ >= 2))'`,
    gives: 't',
    evaluate: (args) => matches(pathItems(args, false), args[3] === true),
  }),
  ...overloads('jsonb_path_query_array', 'jsonb', {
    description: 'The items a path finds, as an array',
    call: `'{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= 2 && @ <= 4)'`,
    gives: '[2, 3, 4]',
    evaluate: (args) => formatJson(pathItems(args, false) ?? []),
  }),
  ...overloads('jsonb_path_query_first', 'jsonb', {
    description: 'The first item a path finds',
    call: `'{"a":[1,2,3]}', '$.a[*] ? (@ >= 2)'`,
    gives: '2',
    evaluate: (args) => {
      const [item] = pathItems(args, false) ?? [];
      return item === undefined ? null : formatJson(item);
    },
  }),
  defineFunction<[string, string]>({
    signature: 'jsonb @? text -> bool',
    family: 'operator',
    description: 'Whether a path finds anything; NULL where it fails',
    examples: [[`jsonb '{"a":[1,2,3]}' @? '$.a[*] ? (@ > 2)'`, 't']],
    fallible: true,
    evaluate: ([document, path]) => {
      const items = pathItems([document, path, '{}', true], true);
      return items === null ? null : items.length > 0;
    },
  }),
  defineFunction<[string, string]>({
    signature: 'jsonb @@ text -> bool',
    family: 'operator',
    description: 'What the predicate of a path gives; NULL where it fails or gives no truth value',
    examples: [[`jsonb '{"a":[1,2,3]}' @@ '$.a[*] > 2'`, 't']],
    fallible: true,
    evaluate: ([document, path]) => matches(pathItems([document, path, '{}', true], false), true),
  }),
];

interface PathFunction {
  readonly description: string;
  /** Document and path of the example, and its result. */
  readonly call: string;
  readonly gives: string;
  evaluate(args: PathArguments): Datum | null;
}

/** With and without variables and `silent`. */
function overloads(name: string, result: string, { description, call, gives, evaluate }: PathFunction): FunctionDefinition[] {
  return OPTIONAL_ARGUMENTS.map(({ types, values }) =>
    defineFunction<PathArguments>({
      signature: `${name}(jsonb, text${types}) -> ${result}`,
      family: 'json',
      description,
      examples: [[`${name}(${call}${values})`, gives]],
      fallible: true,
      evaluate,
    }),
  );
}

/** Null for an error that is silent. */
export function pathItems([document, path, variables = '{}', silent = false]: PathArguments, first: boolean): readonly JsonValue[] | null {
  const { items, error } = findItems({ document: parseJson(document), path, variables: variablesOf(variables), first });
  if (error === null) return items;
  if (silent) return null;
  throw error;
}

function matches(items: readonly JsonValue[] | null, silent: boolean): boolean | null {
  if (items === null) return null;
  const [only, ...more] = items;
  if (more.length === 0 && (typeof only === 'boolean' || only === null)) return only;
  if (silent) return null;
  throw new PathError(SqlState.singletonSqlJsonItemRequired, 'single boolean result is expected');
}
