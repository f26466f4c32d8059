import { SqlError, SqlState } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { plainType } from '../../plan/index.ts';
import {
  type AssertedRelation,
  parseStatement,
  printExpression,
  printStatement,
  type Query,
  quoteRelation,
  type Statement,
} from '../../sql/index.ts';
import { type Datum, formatDatum, formatType, type SqlType } from '../../types/index.ts';
import type { CommandResult, RowsResult } from '../contract.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { executeStatement } from './dispatch.ts';

/** Of the rows that differ, so many are shown. */
export const SHOWN_ROWS_MAX = 10;

/** What an assertion reads, in FROM. */
export function fromItem(node: AssertedRelation, context: StatementContext): string {
  if (node.kind === 'query') return `(${printStatement(node)}) AS asserted`;
  return node.kind === 'function-call' ? printExpression(node) : quoteRelation(requireRelation(node, context));
}

/**
 * The expected rows in types they can be compared in: `VALUES ('2024-01-01')` for a timestamp. Nothing is rounded or cut on the way, so 2.4 is not 2. Errors:
 * 42804 for another number of columns.
 */
export function converted(expected: Query, types: readonly SqlType[], context: StatementContext): string {
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

/** A query for the rows of one query and not of the other, `-` in front of those that are missing. */
export function differing(wanted: string, actual: string): string {
  const missing = `SELECT '-' AS sign, * FROM (${wanted} EXCEPT ALL (${actual})) AS missing`;
  return `${missing} UNION ALL SELECT '+', * FROM ((${actual}) EXCEPT ALL ${wanted}) AS unexpected LIMIT ${SHOWN_ROWS_MAX + 1}`;
}

export function fieldTypes(query: string, context: StatementContext): readonly SqlType[] {
  return binderOf(context)
    .query(parseStatement(query) as Query)
    .plan.fields.map(({ type }) => type);
}

/** Rows as text, in the session's transaction and at its epoch. */
export async function rowsOfQuery(text: string, context: StatementContext): Promise<readonly string[]> {
  const { fields, batches } = await resultOfQuery(text, context);
  const shown = (value: Datum | null, index: number): string => (value === null ? 'NULL' : formatDatum(fields[index]!.type, value));
  const rows: string[] = [];
  for await (const batch of batches) {
    for (const row of rowsOf(batch)) {
      const [sign, ...cells] = row.map(shown);
      rows.push(`${sign} ${cells.join(', ')}`);
    }
  }
  return rows.sort();
}

export async function resultOfQuery(text: string, context: StatementContext): Promise<RowsResult> {
  const statement: Statement = parseStatement(text);
  const result = await executeStatement({ ...context, parsed: { ...context.parsed, statement } });
  if (result.kind !== 'rows') throw new Error('assertion failed: a query has rows');
  return result;
}

/** Errors: P0004 with the rows, where there are some. */
export function passed(tag: string, rows: readonly string[], about: { readonly message: string; readonly position: number }): CommandResult {
  if (rows.length === 0) return { kind: 'command', tag };
  const more = rows.length > SHOWN_ROWS_MAX ? ['…'] : [];
  throw failure({ ...about, detail: [...rows.slice(0, SHOWN_ROWS_MAX), ...more].join('\n') });
}

export function failure({
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
