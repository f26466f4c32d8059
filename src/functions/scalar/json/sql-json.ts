import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { formatJson, isJsonArray, isJsonObject, JsonNumber, type JsonValue, parseJson } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { PathError } from './path/index.ts';
import { findItems, variablesOf } from './path-items.ts';

/** The functions that JSON_EXISTS, JSON_VALUE and JSON_QUERY are calls of; the binder makes the rest of their clauses. */
export const sqlJsonFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string, string, string]>({
    signature: 'json_path_exists(jsonb, text, jsonb, text) -> bool',
    family: 'json',
    description: 'What JSON_EXISTS calls: document, path, variables, and what an error gives (true, false, unknown, error)',
    examples: [[`json_path_exists('{"a": 1}', '$.a', '{}', 'false')`, 't']],
    fallible: true,
    evaluate: ([document, path, variables, onError]) => {
      const { items, error } = findItems({ document: parseJson(document), path, variables: variablesOf(variables), first: true });
      if (error === null) return items.length > 0;
      if (onError === 'error') throw error;
      return onError === 'unknown' ? null : onError === 'true';
    },
  }),
  defineFunction<[string, string, string, string]>({
    signature: 'json_path_value(jsonb, text, jsonb, text) -> text',
    family: 'json',
    description: 'What JSON_VALUE calls: the scalar at a path as text; the last argument says which outcomes are errors (empty, error) and not NULL',
    examples: [[`json_path_value('{"a": [1, 2]}', '$.a[1]', '{}', '')`, '2']],
    fallible: true,
    evaluate: ([document, path, variables, raise]) => {
      const item = judge(scalarOf(itemsOf(document, path, variables)), raise);
      return item == null ? null : scalarText(item);
    },
  }),
  defineFunction<[string, string, string, string, string]>({
    signature: 'json_path_query(jsonb, text, jsonb, text, text) -> jsonb',
    family: 'json',
    description:
      'What JSON_QUERY calls: the item at a path; wrapper (without, conditional, unconditional), and which outcomes are errors (empty, error)',
    examples: [[`json_path_query('{"a": [1, 2]}', '$.a[*]', '{}', 'unconditional', '')`, '[1, 2]']],
    fallible: true,
    evaluate: ([document, path, variables, wrapper, raise]) => {
      const item = judge(wrapped(itemsOf(document, path, variables), wrapper), raise);
      return item === undefined ? null : formatJson(item);
    },
  }),
  defineFunction<[string, string, string, string]>({
    signature: 'json_path_outcome(jsonb, text, jsonb, text) -> int4',
    family: 'json',
    description: 'Whether a path finds what JSON_VALUE (value) or JSON_QUERY with a wrapper wants: 0, nothing: 1, or an error: 2',
    examples: [[`json_path_outcome('{"a": [1, 2]}', '$.a', '{}', 'value')`, '2']],
    fallible: true,
    evaluate: ([document, path, variables, form]) => {
      const items = itemsOf(document, path, variables);
      const found = form === 'value' ? scalarOf(items) : wrapped(items, form);
      return found === undefined ? 1 : found instanceof PathError ? 2 : 0;
    },
  }),
  defineFunction<[string]>({
    signature: 'json_without_quotes(jsonb) -> text',
    family: 'json',
    description: 'What OMIT QUOTES means: a string as it is, every other document as its text',
    examples: [[`json_without_quotes('"a b"')`, 'a b']],
    evaluate: ([document]) => {
      const value = parseJson(document);
      return typeof value === 'string' ? value : formatJson(value);
    },
  }),
  defineFunction<[string]>({
    signature: 'json_array_texts(jsonb) -> text[]',
    family: 'json',
    description: 'The elements of a JSON array as texts; NULL of anything else',
    examples: [[`json_array_texts('[1, "a", null]')`, '{1,a,NULL}']],
    evaluate: ([document]) => {
      const value = parseJson(document);
      if (!isJsonArray(value)) return null;
      return { elements: value.map((element) => (element === null ? null : typeof element === 'string' ? element : formatJson(element))) };
    },
  }),
  defineFunction<[string, number, boolean]>({
    signature: 'text_within(text, int4, bool) -> text',
    family: 'json',
    description: 'A text of at most so many characters; a longer one is NULL or an error',
    examples: [["text_within('abc', 2, false)", null]],
    fallible: true,
    evaluate: ([text, length, raise]) => {
      if ([...text.trimEnd()].length <= length) return text;
      if (!raise) return null;
      throw new SqlError({ code: SqlState.stringDataRightTruncation, message: `value too long for type character varying(${length})` });
    },
  }),
];

type Found = JsonValue | PathError | undefined;

function itemsOf(document: string, path: string, variables: string): readonly JsonValue[] | PathError {
  const { items, error } = findItems({ document: parseJson(document), path, variables: variablesOf(variables), first: false });
  return error ?? items;
}

/** The single scalar item; undefined for none. */
function scalarOf(items: readonly JsonValue[] | PathError): Found {
  if (items instanceof PathError || items.length === 0) return items instanceof PathError ? items : undefined;
  const item = items[0]!;
  const message = 'JSON path expression in JSON_VALUE must return single scalar item';
  if (items.length > 1) return new PathError(SqlState.moreThanOneSqlJsonItem, message);
  return isJsonArray(item) || (item !== null && isJsonObject(item)) ? new PathError(SqlState.sqlJsonScalarRequired, message) : item;
}

function wrapped(items: readonly JsonValue[] | PathError, wrapper: string): Found {
  if (items instanceof PathError || items.length === 0) return items instanceof PathError ? items : undefined;
  if (wrapper === 'unconditional' || (wrapper === 'conditional' && items.length > 1)) return items;
  if (items.length === 1) return items[0]!;
  return new PathError(
    SqlState.moreThanOneSqlJsonItem,
    'JSON path expression in JSON_QUERY must return single item when no wrapper is requested',
    'Use the WITH WRAPPER clause to wrap SQL/JSON items into an array.',
  );
}

/** undefined for what is NULL and no document. */
function judge(found: Found, raise: string): JsonValue | undefined {
  if (found === undefined && raise.includes('empty'))
    throw new SqlError({ code: SqlState.noSqlJsonItem, message: 'no SQL/JSON item found for specified path' });
  if (found instanceof PathError && raise.includes('error')) throw found;
  return found instanceof PathError ? undefined : found;
}

/** The text a value of SQL has that is made of a scalar: booleans are t and f. */
function scalarText(item: JsonValue): string {
  if (typeof item === 'boolean') return item ? 't' : 'f';
  return item instanceof JsonNumber ? item.text : (item as string);
}
