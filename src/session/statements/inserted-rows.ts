import { isWrittenTime, type Relation, type RelationColumn } from '../../catalog/index.ts';
import { foldIdentifier, type Identifier, parseStatement, printStatement, type Query, quoteIdentifier } from '../../sql/index.ts';
import { formatType, isIntegerType } from '../../types/index.ts';
import { writtenColumns } from '../ddl/written-columns.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';

/** A query for a relation, and the columns it has values for, in its order; none: for the first ones. */
export interface RowsForRelation {
  readonly query: Query;
  readonly columns: readonly Identifier[];
}

/** The query with its columns under the names that `nameOf` gives the target's written columns, and of their types; columns without a value get their default. */
export function insertedRows(
  { query, columns }: RowsForRelation,
  { relation, nameOf }: { readonly relation: Relation; readonly nameOf: (column: RelationColumn) => string },
  context: StatementContext,
): Query {
  const written = writtenColumns(relation).map((index) => relation.columns[index]!);
  const { emit } = query;
  const names = columns.length === 0 ? written.map((column) => column.name) : columns.map(foldIdentifier);
  const inner: Query = { ...query, emit: null };
  const fields = binderOf(context).query(inner).plan.fields;
  const values = written.map((column) => {
    const position = names.indexOf(column.name);
    const field = position < 0 ? undefined : fields[position];
    const alias = quoteIdentifier(nameOf(column));
    if (field === undefined) return `CAST(${column.defaultExpression ?? 'NULL'} AS ${formatType(column.type)}) AS ${alias}`;
    const value = `"inserted"."column${position}"`;
    if (isWrittenTime(column) && isIntegerType(field.type)) return `to_timestamp_ltz(CAST(${value} AS BIGINT), 3) AS ${alias}`;
    const same = formatType(field.type) === formatType(column.type);
    return `${same ? value : `CAST(${value} AS ${formatType(column.type)})`} AS ${alias}`;
  });
  const aliases = fields.map((_, index) => `"column${index}"`).join(', ');
  const from = fields.length === 0 ? '' : ` FROM (${printStatement(inner)}) AS "inserted" (${aliases})`;
  return { ...(parseStatement(`SELECT ${values.join(', ')}${from}`) as Query), emit };
}
