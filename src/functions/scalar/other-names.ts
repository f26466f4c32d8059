import type { FunctionDefinition } from '../../expr/index.ts';

/** Names other systems have for a function, and whose they are. PostgreSQL's json_ functions are those of jsonb here, as json is jsonb. */
const OTHER_NAMES: readonly (readonly [name: string, other: string, owner: string])[] = [
  ['lower', 'lcase', 'as in ksqlDB'],
  ['upper', 'ucase', 'as in ksqlDB'],
  ['length', 'len', 'as in ksqlDB'],
  ['trunc', 'truncate', 'as in Flink'],
  ['regexp_like', 'regexp', 'as in Flink'],
  ['cardinality', 'array_length', 'as in ksqlDB'],
  ['array_cat', 'array_concat', 'as in Flink and ksqlDB'],
  ['map_from_arrays', 'as_map', 'as in ksqlDB'],
  ['str_to_map', 'split_to_map', 'as in ksqlDB'],
  ['to_jsonb', 'to_json', 'as in fsql, where json is jsonb'],
  ['jsonb_build_object', 'json_build_object', 'as in fsql, where json is jsonb'],
  ['jsonb_build_array', 'json_build_array', 'as in fsql, where json is jsonb'],
  ['jsonb_extract_path', 'json_extract_path', 'as in fsql, where json is jsonb'],
  ['jsonb_extract_path_text', 'json_extract_path_text', 'as in fsql, where json is jsonb'],
  ['jsonb_typeof', 'json_typeof', 'as in fsql, where json is jsonb'],
  ['jsonb_strip_nulls', 'json_strip_nulls', 'as in fsql, where json is jsonb'],
];

/** The definitions once more under the other names; only the name differs, in signature and examples too. */
export function underOtherNames(definitions: readonly FunctionDefinition[]): FunctionDefinition[] {
  return OTHER_NAMES.flatMap(([name, other, owner]) =>
    definitions
      .filter((definition) => definition.name === name)
      .map((definition) => ({
        ...definition,
        name: other,
        signature: renamed(definition.signature, name, other),
        description: `${definition.description.replace(/ \(as in [^)]*\)$/, '')} (${owner})`,
        examples: definition.examples.map((one) => ({ ...one, sql: renamed(one.sql, name, other) })),
      })),
  );
}

function renamed(text: string, name: string, other: string): string {
  return text.replaceAll(new RegExp(`\\b${name}\\(`, 'g'), `${other}(`);
}
