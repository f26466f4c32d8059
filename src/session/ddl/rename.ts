import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation, RelationConstraint } from '../../catalog/index.ts';
import {
  foldIdentifier,
  type Identifier,
  parseExpression,
  parseStatement,
  printExpression,
  printStatement,
  type QualifiedName,
  type Statement,
} from '../../sql/index.ts';
import { type IdentifierPlace, mapIdentifiers } from '../dialect/index.ts';
import { columnNamed } from './build-columns.ts';

/** The relation under another name, its own statement included. */
export function renamedTo(relation: Relation, { schema, name }: { readonly schema: string; readonly name: string }): Relation {
  const statement = parseStatement(relation.statement);
  return { ...relation, schema, name, statement: 'name' in statement ? printStatement(withName(statement, { schema, name })) : relation.statement };
}

function withName(statement: Statement, { schema, name }: { readonly schema: string; readonly name: string }): Statement {
  const { span } = statement;
  const parts = [schema, name].map((text): Identifier => ({ kind: 'identifier', text, quoted: true, span }));
  const qualified: QualifiedName = { kind: 'qualified-name', parts, span };
  return { ...statement, name: qualified } as Statement;
}

/**
 * The relation with one column under another name. Errors: 42703, 42701, 0A000 where the name is more than a name: the key in the messages of a
 * connector, or part of an expression of the table.
 */
export function withColumnRenamed(relation: Relation, from: Identifier, to: Identifier): Relation {
  const position = columnOf(relation, from);
  const name = foldIdentifier(to);
  if (relation.columns.some((column) => column.name === name)) {
    throw new SqlError({
      code: SqlState.duplicateColumn,
      message: `column "${name}" of relation "${relation.name}" already exists`,
      position: to.span.start,
    });
  }
  const statement = parseStatement(relation.statement);
  const columns = relation.columns.map((column, index) => (index === position ? { ...column, name, externalName: to.text } : column));
  const named = (column: { readonly externalName: string; readonly name: string }): Identifier => {
    return { kind: 'identifier', text: column.name, quoted: true, span: to.span };
  };
  if (statement.kind === 'create-view' || statement.kind === 'create-materialized-view') {
    return { ...relation, columns, statement: printStatement({ ...statement, columns: columns.map(named) }) };
  }
  const isPlain = relation.options === null && relation.watermark === null && relation.columns.every((column) => column.source.kind === 'physical');
  if ((statement.kind !== 'create-table' && statement.kind !== 'create-stream') || !isPlain) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `columns of ${relation.kind} "${relation.name}" cannot be renamed`,
      detail: relation.options === null ? 'Its watermark or computed columns name them.' : 'Their names are those of the fields outside.',
      hint: 'A view over it can give them other names.',
      position: from.span.start,
    });
  }
  const old = relation.columns[position]!.name;
  const renamed = (identifier: Identifier): Identifier => (foldIdentifier(identifier) === old ? named(columns[position]!) : identifier);
  const elements = statement.elements.map((element) =>
    mapIdentifiers(element, (identifier, place) => (isConstraintName(place) ? identifier : renamed(identifier))),
  );
  const constraints = relation.constraints?.map((rule): RelationConstraint => {
    if (rule.kind !== 'check') return rule;
    return { ...rule, expression: printExpression(mapIdentifiers(parseExpression(rule.expression), renamed)) };
  });
  return { ...relation, columns, ...(constraints !== undefined && { constraints }), statement: printStatement({ ...statement, elements }) };
}

/** The names in a table's elements are those of columns, but for those of constraints. */
function isConstraintName({ kind, property }: IdentifierPlace): boolean {
  return property === 'name' && kind !== 'column-definition' && kind !== 'column-reference';
}

/** PostgreSQL names the relation, too, here. */
function columnOf(relation: Relation, column: Identifier): number {
  try {
    return columnNamed(foldIdentifier(column), relation.columns, column.span.start);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.with({ message: `column "${foldIdentifier(column)}" of relation "${relation.name}" does not exist` });
  }
}
