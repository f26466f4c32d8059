import { SqlError, SqlState } from '../../base/index.ts';
import { foldIdentifier, printExpression, quoteIdentifier, quoteRelation } from '../../sql/index.ts';
import { formatType } from '../../types/index.ts';
import { columnNamed } from '../ddl/build-columns.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { definitionOf, knownOptions } from '../ddl/resolve-options.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementHandler } from '../statement-context.ts';
import { assertChanges, assertOutput } from './assert-looks.ts';
import { converted, differing, failure, fieldTypes, fromItem, passed, rowsOfQuery, SHOWN_ROWS_MAX } from './asserted-rows.ts';

/** ASSERT ROWS relation = (query): the same rows, in any order, as often. CHANGES and OUTPUT: what came since the session's last look. Errors: P0004. */
export const assertContents: StatementHandler<'assert-contents'> = {
  kind: 'assert-contents',
  async execute(statement, context) {
    if (statement.what === 'changes') return assertChanges(statement, context);
    if (statement.what === 'output') return assertOutput(statement, context);
    const actual = `SELECT * FROM ${fromItem(statement.relation, context)}`;
    const wanted = converted(statement.expected, fieldTypes(actual, context), context);
    return passed('ASSERT ROWS', await rowsOfQuery(differing(wanted, actual), context), {
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
