import { SqlError, SqlState } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { plainType } from '../../plan/index.ts';
import {
  type AssertedRelation,
  foldIdentifier,
  parseStatement,
  printExpression,
  printStatement,
  type Query,
  quoteIdentifier,
  quoteRelation,
  type Statement,
} from '../../sql/index.ts';
import { type Datum, formatDatum, formatType, type SqlType } from '../../types/index.ts';
import type { CommandResult } from '../contract.ts';
import { columnNamed } from '../ddl/build-columns.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { definitionOf, knownOptions } from '../ddl/resolve-options.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { executeStatement } from './dispatch.ts';

/** Of the rows that differ, so many are shown. */
const SHOWN_ROWS_MAX = 10;

/** ASSERT ROWS relation = (query): the same rows, in any order, as often. What CHANGES and OUTPUT ask about only a test knows. Errors: P0004, 0A000. */
export const assertContents: StatementHandler<'assert-contents'> = {
  kind: 'assert-contents',
  async execute(statement, context) {
    if (statement.what !== 'rows') throw onlyInTests(`ASSERT ${statement.what.toUpperCase()}`, statement.span.start);
    const actual = `SELECT * FROM ${fromItem(statement.relation, context)}`;
    const wanted = converted(statement.expected, fieldTypes(actual, context), context);
    const differing = `SELECT '-' AS sign, * FROM (${wanted} EXCEPT ALL (${actual})) AS missing UNION ALL SELECT '+', * FROM ((${actual}) EXCEPT ALL ${wanted}) AS unexpected`;
    return passed('ASSERT ROWS', await rowsOfQuery(`${differing} LIMIT ${SHOWN_ROWS_MAX + 1}`, context), {
      message: 'the rows are not those expected',
      position: statement.span.start,
    });
  },
};

/** ASSERT EMPTY relation. */
export const assertEmpty: StatementHandler<'assert-empty'> = {
  kind: 'assert-empty',
  async execute(statement, context) {
    const rows = await rowsOfQuery(`SELECT '+' AS sign, * FROM ${fromItem(statement.relation, context)} LIMIT ${SHOWN_ROWS_MAX + 1}`, context);
    return passed('ASSERT EMPTY', rows, { message: 'there are rows', position: statement.span.start });
  },
};

/** ksqlDB's ASSERT VALUES relation (columns) VALUES …: each of these rows is there. In a test, came since the last such assertion. */
export const assertValues: StatementHandler<'assert-values'> = {
  kind: 'assert-values',
  async execute(statement, context) {
    const relation = requireRelation(statement.relation, context);
    const columns = statement.columns.map((name) => columnNamed(foldIdentifier(name), relation.columns, name.span.start));
    const types = columns.map((index) => relation.columns[index]!.type);
    const names = columns.map((index) => quoteIdentifier(relation.columns[index]!.name)).join(', ');
    const missing = `${converted(statement.expected, types, context)} EXCEPT ALL (SELECT ${names} FROM ${quoteRelation(relation)})`;
    const rows = await rowsOfQuery(`SELECT '-' AS sign, * FROM (${missing}) AS missing LIMIT ${SHOWN_ROWS_MAX + 1}`, context);
    return passed('ASSERT VALUES', rows, { message: `"${relation.name}" has not all of these rows`, position: statement.span.start });
  },
};

/** ksqlDB's ASSERT NULL VALUES table (columns) KEY (values): no row has that key. In a test, one went. */
export const assertNullValues: StatementHandler<'assert-null-values'> = {
  kind: 'assert-null-values',
  async execute(statement, context) {
    const relation = requireRelation(statement.relation, context);
    const names = statement.columns.map((name) => relation.columns[columnNamed(foldIdentifier(name), relation.columns, name.span.start)]!.name);
    if (names.length !== statement.key.length) {
      const message = `${names.length} columns are named, and KEY has ${statement.key.length} values`;
      throw new SqlError({ code: SqlState.syntaxError, message, position: statement.span.start });
    }
    const same = names.map((name, index) => `${quoteIdentifier(name)} IS NOT DISTINCT FROM ${printExpression(statement.key[index]!)}`);
    const rows = await rowsOfQuery(
      `SELECT '+' AS sign, * FROM ${quoteRelation(relation)} WHERE ${same.join(' AND ')} LIMIT ${SHOWN_ROWS_MAX + 1}`,
      context,
    );
    return passed('ASSERT NULL VALUES', rows, { message: `"${relation.name}" has a row of that key`, position: statement.span.start });
  },
};

/** ksqlDB's ASSERT STREAM | TABLE name (columns) WITH (options): columns in order with their types, and the options that are named. */
export const assertDefinition: StatementHandler<'assert-definition'> = {
  kind: 'assert-definition',
  async execute({ what, relation: name, elements, options, span }, context) {
    const relation = requireRelation(name, context);
    const failed = (message: string, detail?: string): SqlError => failure({ message, detail, position: span.start });
    const kind = relation.kind === 'materialized view' ? 'table' : relation.kind;
    if (kind !== what) throw failed(`"${relation.name}" is a ${relation.kind}, not a ${what}`);
    const binder = binderOf(context);
    const wanted = elements
      .filter((element) => element.kind === 'column-definition')
      .map((one) => `${foldIdentifier(one.name)} ${one.type === null ? '' : formatType(binder.type(one.type))}`.trimEnd());
    const actual = relation.columns.map((column) => `${column.name} ${formatType(column.type)}`);
    if (wanted.length > 0 && wanted.join() !== actual.join())
      throw failed(`the columns of "${relation.name}" are not those expected`, `It has (${actual.join(', ')}).`);
    const known = relation.options === null ? [] : knownOptions(relation.options, context.engine.registries);
    for (const option of options) {
      const key = definitionOf(known, option, `"${relation.name}"`).name;
      const value = relation.options?.get(key.endsWith('*') ? option.key : key) ?? null;
      if (value?.toLowerCase() !== option.value.text.toLowerCase())
        throw failed(`option "${option.key}" of "${relation.name}" is ${value === null ? 'not given' : `"${value}"`}, not "${option.value.text}"`);
    }
    return { kind: 'command', tag: `ASSERT ${what.toUpperCase()}` };
  },
};

/** What an assertion reads, in FROM. */
function fromItem(node: AssertedRelation, context: StatementContext): string {
  if (node.kind === 'query') return `(${printStatement(node)}) AS asserted`;
  return node.kind === 'function-call' ? printExpression(node) : quoteRelation(requireRelation(node, context));
}

/**
 * The expected rows in types they can be compared in: `VALUES ('2024-01-01')` for a timestamp. Nothing is rounded or cut on the way, so 2.4 is not 2. Errors:
 * 42804 for another number of columns.
 */
function converted(expected: Query, types: readonly SqlType[], context: StatementContext): string {
  const text = printStatement(expected);
  const fields = fieldTypes(text, context);
  if (fields.length !== types.length) {
    const message = `the expected rows have ${fields.length} columns, and what they are compared with has ${types.length}`;
    throw new SqlError({ code: SqlState.datatypeMismatch, message, position: expected.span.start });
  }
  const names = types.map((_, index) => `c${index}`);
  const compared = names.map((name, index) => {
    const type = comparedType(fields[index]!, types[index]!);
    return type === null ? name : `CAST(${name} AS ${formatType(type)}) AS ${name}`;
  });
  return `(SELECT ${compared.join(', ')} FROM (${text}) AS expected (${names.join(', ')}))`;
}

/** What expected values of a type become; null: they stay as they are, and set operations find the common type. */
function comparedType(expected: SqlType, actual: SqlType): SqlType | null {
  const isText = ['text', 'varchar', 'char'].includes(expected.kind);
  if (!isText && !['array', 'row', 'map'].includes(actual.kind)) return null;
  // The plain char is one of a single character.
  return actual.kind === 'char' ? actual : plainType(actual);
}

function fieldTypes(query: string, context: StatementContext): readonly SqlType[] {
  return binderOf(context)
    .query(parseStatement(query) as Query)
    .plan.fields.map(({ type }) => type);
}

/** Rows as text, in the session's transaction and at its epoch. */
async function rowsOfQuery(text: string, context: StatementContext): Promise<readonly string[]> {
  const statement: Statement = parseStatement(text);
  const result = await executeStatement({ ...context, parsed: { ...context.parsed, statement } });
  if (result.kind !== 'rows') throw new Error('assertion failed: a query has rows');
  const shown = (value: Datum | null, index: number): string => (value === null ? 'NULL' : formatDatum(result.fields[index]!.type, value));
  const rows: string[] = [];
  for await (const batch of result.batches) {
    for (const row of rowsOf(batch)) {
      const [sign, ...cells] = row.map(shown);
      rows.push(`${sign} ${cells.join(', ')}`);
    }
  }
  return rows.sort();
}

/** Errors: P0004 with the rows, where there are some. */
function passed(tag: string, rows: readonly string[], about: { readonly message: string; readonly position: number }): CommandResult {
  if (rows.length === 0) return { kind: 'command', tag };
  const more = rows.length > SHOWN_ROWS_MAX ? ['…'] : [];
  throw failure({ ...about, detail: [...rows.slice(0, SHOWN_ROWS_MAX), ...more].join('\n') });
}

function failure({
  message,
  detail,
  position,
}: {
  readonly message: string;
  readonly detail: string | undefined;
  readonly position: number;
}): SqlError {
  return new SqlError({ code: SqlState.assertFailure, message: `assertion failed: ${message}`, detail, position });
}

function onlyInTests(what: string, position: number): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `${what} is not supported`,
    hint: 'It asks what came since the last look, which only a test knows: put it into a .sql file, which fsql test runs. SUBSCRIBE shows changes, PRINT the records of a topic.',
    position,
  });
}
