import { primaryKeyName, type Relation, type RelationColumn, typeWithIdentity } from '../../catalog/index.ts';
import { type ColumnDefinition, type CreateTable, parseStatement, quoteIdentifier, type TableElement } from '../../sql/index.ts';
import { formatType } from '../../types/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { createRelationDraft } from './create-relation.ts';
import type { RelationDraft } from './relation-draft.ts';

/**
 * A stored table as it would be with other elements between its parentheses: what ALTER TABLE changes is the definition, which is then read like a new
 * one, by the same rules and with the same errors.
 */
export async function redefined(
  relation: Relation,
  change: (elements: readonly TableElement[]) => readonly TableElement[],
  context: StatementContext,
): Promise<RelationDraft> {
  const written = parseStatement(relation.statement) as CreateTable;
  const elements = change([...definedElements(relation), ...written.elements.filter((element) => element.kind === 'watermark')]);
  const statement: CreateTable = { ...written, elements, like: null, query: null, orReplace: false, ifNotExists: false };
  const { schema, name } = relation;
  const draft = await createRelationDraft(
    statement,
    { schema, name },
    { engine: context.engine, binder: binderOf(context), snapshot: context.definer.snapshot },
  );
  const columns = draft.columns.map((column) => withKnownCounter(column, relation));
  return { ...draft, columns, comment: relation.comment };
}

/** A column that was there counts on. */
function withKnownCounter(column: RelationColumn, relation: Relation): RelationColumn {
  const known = relation.columns.find((one) => one.name === column.name)?.identity;
  return known === undefined || column.identity === undefined ? column : { ...column, identity: { ...column.identity, sequence: known.sequence } };
}

/** Columns and constraints, each constraint by its name, so that it keeps it. */
function definedElements(relation: Relation): readonly TableElement[] {
  const names = (columns: readonly number[]): string => `(${columns.map((index) => quoteIdentifier(relation.columns[index]!.name)).join(', ')})`;
  const { primaryKey, constraints = [] } = relation;
  const primaryName = relation.primaryKeyName === undefined ? '' : `CONSTRAINT ${quoteIdentifier(primaryKeyName(relation))} `;
  const parts = [
    ...relation.columns.map(columnText),
    ...(primaryKey === null ? [] : [`${primaryName}PRIMARY KEY ${names(primaryKey)}`]),
    ...constraints.map((rule) => {
      const body =
        rule.kind === 'check' ? `CHECK (${rule.expression})` : `UNIQUE ${rule.nullsDistinct ? '' : 'NULLS NOT DISTINCT '}${names(rule.columns)}`;
      return `CONSTRAINT ${quoteIdentifier(rule.name)} ${body}`;
    }),
  ];
  return (parseStatement(`CREATE TABLE t (${parts.join(', ')})`) as CreateTable).elements;
}

function columnText(column: RelationColumn): string {
  const { externalName, type, nullable, source, defaultExpression } = column;
  const name = quoteIdentifier(externalName);
  if (source.kind === 'computed') return `${name} ${formatType(type)} GENERATED ALWAYS AS (${source.expression}) STORED`;
  return `${name} ${typeWithIdentity(column)}${nullable ? '' : ' NOT NULL'}${defaultExpression === null ? '' : ` DEFAULT ${defaultExpression}`}`;
}

/** The definition of one column with its constraints changed. */
export function withColumn(
  elements: readonly TableElement[],
  index: number,
  change: (definition: ColumnDefinition) => ColumnDefinition,
): readonly TableElement[] {
  return elements.map((element, position) => (position === index && element.kind === 'column-definition' ? change(element) : element));
}
