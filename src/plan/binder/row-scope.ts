import { SqlError, SqlState } from '../../base/index.ts';
import { type ColumnExpression, type Expression, mapExpression } from '../../expr/index.ts';
import type { ArrivalName } from '../../jobgraph/index.ts';
import type { Span } from '../../sql/index.ts';
import type { Field, LogicalPlan } from '../logical/index.ts';

/** A column as SQL sees it; its expression is over the row (a merged USING column may be a COALESCE). */
export interface ScopeColumn {
  readonly name: string;
  readonly expression: Expression;
}

/** A table of FROM under its alias. */
export interface ScopeRelation {
  readonly alias: string;
  /** The table's own name, which an alias hides. */
  readonly name: string;
  /** The schema it may be qualified with; null for aliases, subqueries and functions. */
  readonly schema: string | null;
  readonly columns: readonly ScopeColumn[];
  /** A function that returns one plain column: the alias means the column's value. */
  readonly scalar: boolean;
  /** Positions in `columns` of a primary key, which decides all other columns; null without one. */
  readonly primaryKey: readonly number[] | null;
  /** An outer join may have rows without one of it. */
  readonly nullable?: true;
  /** What ksqlDB calls ROWTIME, ROWPARTITION and ROWOFFSET: declared columns, or implied ones, which no star shows. */
  readonly arrival?: Arrival;
}

export type Arrival = Partial<Readonly<Record<ArrivalName, ScopeColumn>>>;

/** What FROM, or a part of it, yields. */
export interface BoundFrom {
  readonly plan: LogicalPlan;
  readonly row: RowScope;
}

/** The names of a row: `relations` for qualified names, `columns` for plain ones and for the star, in the star's order. */
export interface RowScope {
  readonly relations: readonly ScopeRelation[];
  readonly columns: readonly ScopeColumn[];
  /** Number of columns of the row itself. */
  readonly width: number;
}

export const emptyRow: RowScope = { relations: [], columns: [], width: 0 };

/** The scope columns of a node's output. */
export function fieldColumns(fields: readonly Field[], names?: readonly string[]): ScopeColumn[] {
  return fields.map((field, index) => {
    const name = names?.[index] ?? field.name;
    return { name, expression: columnOf(index, { name, type: field.type }) };
  });
}

/** A column of a node's output as an expression of the node above. */
export function columnOf(index: number, field: Field): ColumnExpression {
  return { kind: 'column', index, name: field.name, type: field.type };
}

/** The scope of one relation, whose plan may be wider than what is seen of it. */
export function relationRow(relation: ScopeRelation, width: number): RowScope {
  return { relations: [relation], columns: relation.columns, width };
}

/** The names of a joined row: left, then right moved by the left's width. Errors: 42712 for an alias used twice. */
export function joinRows(left: RowScope, right: RowScope, span: Span): RowScope {
  for (const relation of right.relations) {
    const twin = left.relations.find((other) => other.alias === relation.alias && sameSchema(other.schema, relation.schema));
    if (twin !== undefined) {
      throw new SqlError({
        code: SqlState.duplicateAlias,
        message: `table name "${relation.alias}" specified more than once`,
        position: span.start,
      });
    }
  }
  const moved = shiftRow(right, left.width);
  return {
    relations: [...left.relations, ...moved.relations],
    columns: [...left.columns, ...moved.columns],
    width: left.width + right.width,
  };
}

/** Two tables of one name from different schemas may stand side by side; an alias has no schema and may not repeat. */
function sameSchema(left: string | null, right: string | null): boolean {
  return left === null || right === null || left === right;
}

/** The same names for a row that begins `by` columns later. */
export function shiftRow(row: RowScope, by: number): RowScope {
  if (by === 0) return row;
  const cache = new Map<ScopeColumn, ScopeColumn>();
  const shift = (column: ScopeColumn): ScopeColumn => {
    const known = cache.get(column);
    if (known !== undefined) return known;
    const shifted = { ...column, expression: shiftColumns(column.expression, by) };
    cache.set(column, shifted);
    return shifted;
  };
  return {
    relations: row.relations.map(({ arrival, ...relation }) => ({
      ...relation,
      columns: relation.columns.map(shift),
      ...(arrival !== undefined && { arrival: mapArrival(arrival, shift) }),
    })),
    columns: row.columns.map(shift),
    width: row.width,
  };
}

function mapArrival(arrival: Arrival, change: (column: ScopeColumn) => ScopeColumn): Arrival {
  return Object.fromEntries(Object.entries(arrival).map(([name, column]) => [name, change(column)]));
}

function shiftColumns(expression: Expression, by: number): Expression {
  return mapExpression(expression, (node) => (node.kind === 'column' ? { ...node, index: node.index + by } : node));
}
