import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeBinary, encodeBinary, formatDatum } from '../types/index.ts';
import { aggregateFunctions, scalarFunctions } from './index.ts';
import { CAST_TARGETS, EXPRESSIONS, SAMPLES } from './testing/expression-cases.ts';
import { INPUT_CASES } from './testing/input-cases.ts';
import { JSON_CLAUSES, JSON_PATH_DOCUMENT, JSON_PATHS } from './testing/json-cases.ts';
import { outcomeOf, RealPostgres } from './testing/real-postgres.ts';
import { SqlEvaluator } from './testing/sql-evaluator.ts';

let postgres: RealPostgres;
const evaluator = new SqlEvaluator();

/** Maps and lambdas are of other systems. */
const OTHER_SYSTEMS = /\b(?:lambda|any(?:map|key|value))\b|^(?:map_\w+|str_to_map)\(/;

/** Functions PostgreSQL does not have say whose they are. */
const AS_ELSEWHERE = /\(as in (?:Flink|ksqlDB|RisingWave|fsql)\b/;

/** Functions taken from Flink, those PostgreSQL has only as syntax, and catalog functions that answer otherwise for objects fsql does not have or are its own. */
const NOT_IN_POSTGRES = new Set([
  ...[
    'array_contains',
    'array_distinct',
    'array_except',
    'array_intersect',
    'array_join',
    'array_max',
    'array_min',
    'array_union',
    'array_get',
    'array_slice',
    'date_format',
    'dayofmonth',
    'dayofweek',
    'dayofyear',
    'hour',
    'minute',
    'month',
    'proctime',
    'quarter',
  ],
  ...[
    'regexp_extract',
    'second',
    'split_index',
    'to_timestamp_ltz',
    'unix_timestamp',
    'week',
    'year',
    'pg_tablespace_location',
    'pg_relation_is_publishable',
    'fsql_next_identity',
  ],
  // What the clauses of SQL/JSON are calls of, and json_object, whose json is jsonb here.
  ...[
    'json_path_exists',
    'json_path_value',
    'json_path_query',
    'json_path_outcome',
    'json_without_quotes',
    'json_array_texts',
    'json_object_of',
    'json_array_of',
    'json_array_of_rows',
    'json_unique',
    'is_json',
    'text_within',
    'json_object',
  ],
]);

/** Aggregates of other systems, and those of json, which is jsonb here and printed so. */
const NO_AGGREGATE_OF_POSTGRES =
  /^(?:first_value|last_value|(?:arg_|)(?:min|max)_by|arg_(?:min|max)|approx_\w+|\w+_by_offset|count_distinct|stddev_sample|correlation|topk\w*|histogram|collect_\w+|listagg|json_object_agg\w*|json_agg_strict)$/;

beforeAll(async () => {
  postgres = await RealPostgres.start();
}, 60_000);

afterAll(async () => {
  await postgres?.stop();
});

/** Every difference at once: a single one tells little about its cause. */
function report(differences: readonly string[]): void {
  expect(differences.join('\n')).toBe('');
}

async function compare(sql: string, differences: string[]): Promise<void> {
  const theirs = await postgres.text(sql);
  const ours = outcomeOf(() => evaluator.text(sql));
  if (theirs !== ours) differences.push(`${sql}\n  PostgreSQL ${theirs}\n  fsql       ${ours}`);
}

test('examples say what PostgreSQL answers', async () => {
  const differences: string[] = [];
  for (const definition of scalarFunctions) {
    if (
      NOT_IN_POSTGRES.has(definition.name) ||
      definition.signature === 'json_array_length(jsonb) -> int4' ||
      definition.signature === 'to_timestamp(text) -> timestamp'
    )
      continue;
    if (OTHER_SYSTEMS.test(definition.signature) || AS_ELSEWHERE.test(definition.description)) continue;
    for (const example of definition.examples) {
      const theirs = await postgres.text(example.sql);
      if (theirs !== example.result) differences.push(`${example.sql}\n  PostgreSQL ${theirs}\n  example    ${example.result}`);
    }
  }
  report(differences);
});

test('examples of aggregates say what PostgreSQL answers', async () => {
  const differences: string[] = [];
  for (const { name, examples } of aggregateFunctions) {
    // Sums of floats are exact here, so that one sample differs on purpose.
    for (const { sql, result } of NO_AGGREGATE_OF_POSTGRES.test(name) ? [] : examples) {
      const theirs = sql.includes('1e100') ? result : await postgres.text(sql.slice('SELECT '.length));
      if (theirs !== result) differences.push(`${sql}\n  PostgreSQL ${theirs}\n  example    ${result}`);
    }
  }
  report(differences);
});

test('calls at the edges agree, errors included', async () => {
  const differences: string[] = [];
  for (const sql of EXPRESSIONS) await compare(sql, differences);
  report(differences);
});

test('SQL/JSON agrees, errors included', async () => {
  const differences: string[] = [];
  for (const sql of JSON_CLAUSES) await compare(sql, differences);
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  for (const path of JSON_PATHS) await compare(`jsonb_path_query_array(${literal(JSON_PATH_DOCUMENT)}, ${literal(path)}, '{"x": 1}')`, differences);
  report(differences);
});

test('every cast agrees, errors included', async () => {
  const differences: string[] = [];
  for (const samples of Object.values(SAMPLES)) {
    for (const sample of samples) {
      for (const target of CAST_TARGETS) await compare(`CAST(${sample} AS ${target})`, differences);
    }
  }
  report(differences);
});

test('every input text is read and printed alike, in another time zone', async () => {
  const zone = 'America/New_York';
  const zoned = new SqlEvaluator(zone);
  await postgres.setTimeZone(zone);
  const differences: string[] = [];
  for (const [type, texts] of INPUT_CASES) {
    for (const text of texts) {
      const literal = `'${text.replaceAll("'", "''")}'`;
      const theirs = await postgres.text(`$1::text::${type}`, [text]);
      const ours = outcomeOf(() => zoned.text(`text ${literal}::${type}`));
      if (theirs !== ours) differences.push(`${type} ${literal}\n  PostgreSQL ${theirs}\n  fsql       ${ours}`);
    }
  }
  await postgres.setTimeZone('UTC');
  report(differences);
});

test('binary formats agree', async () => {
  const differences: string[] = [];
  const senders: Record<string, string> = { bool: 'bool', int2: 'int2', int4: 'int4', int8: 'int8', float4: 'float4', float8: 'float8' };
  for (const [kind, samples] of Object.entries(SAMPLES)) {
    if (kind === 'oid') continue;
    for (const sql of samples) {
      const sender = kind.endsWith('[]')
        ? 'array_send'
        : kind in senders
          ? `${senders[kind]}send`
          : `${kind === 'char' ? 'bpchar' : kind}${/^(?:text|varchar|char|name|bytea)$/.test(kind) ? 'send' : '_send'}`;
      const theirs = await postgres.text(`encode(${sender}(${sql}), 'hex')`);
      const { type, value } = evaluator.evaluate(sql);
      const bytes = encodeBinary(type, value!);
      const ours = Buffer.from(bytes).toString('hex');
      if (theirs !== ours) differences.push(`${sql}\n  PostgreSQL ${theirs}\n  fsql       ${ours}`);
      if (formatDatum(type, decodeBinary(type, bytes)) !== formatDatum(type, value!)) differences.push(`${sql} does not come back`);
    }
  }
  report(differences);
});
