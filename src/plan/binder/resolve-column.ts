import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, mapExpression } from '../../expr/index.ts';
import { type ArrivalName, impliedColumns } from '../../jobgraph/index.ts';
import { type ColumnReference, foldIdentifier, type Identifier, type Span, type StarExpression } from '../../sql/index.ts';
import { boolType } from '../../types/index.ts';
import type { ExpressionScope } from './bind-state.ts';
import { nearestHint, syntaxError, typeText } from './binder-error.ts';
import type { RowScope, ScopeColumn, ScopeRelation } from './row-scope.ts';

/** A row in sight and how far out it lies. */
interface VisibleRow {
  readonly row: RowScope;
  readonly depth: number;
  readonly hidden: boolean;
}

/**
 * `a`, `t.a`, `schema.t.a`, `t.a.field`: the table that matches the longest leading part wins, innermost query first, also that of an outer query
 * over a column of the inner one; then a column whose fields the rest names; a lone table name is its whole row. Errors: 42703, 42702, 42P01.
 */
export function bindColumnReference(node: ColumnReference, scope: ExpressionScope): Expression {
  const names = node.name.map(foldIdentifier);
  const rows = visibleRows(scope);
  const inSight = rows.filter(({ hidden }) => !hidden);
  const owner = names.length > 1 ? inSight.find(({ row }) => findRelation(names, row) !== null) : undefined;
  const qualified = owner === undefined ? null : lookUpQualified(names, owner, node);
  if (qualified !== null) return qualified;
  for (const visible of inSight) {
    const found = lookUp(names, visible, node);
    if (found !== null) return found;
  }
  const arrival = names.length === 1 ? arrivalColumn(names[0]!, scope) : null;
  if (arrival !== null) return { ...arrival, span: node.span };
  throw unknownColumn(node, names, rows);
}

function visibleRows(scope: ExpressionScope): VisibleRow[] {
  const rows: VisibleRow[] = [{ row: scope.row, depth: 0, hidden: false }];
  let depth = 1;
  for (let outer = scope.outer; outer !== null; outer = outer.next) rows.push({ row: outer.scope.row, depth: depth++, hidden: outer.hidden });
  return rows;
}

function lookUp(names: readonly string[], visible: VisibleRow, node: ColumnReference): Expression | null {
  const [first, ...fields] = names as [string, ...string[]];
  const single = onlyColumn(visible.row.columns, first, node.span);
  const relation = findRelation(names, visible.row);
  // A column without fields gives way to the table of its name, whose columns the message knows.
  if (single !== null && (relation === null || fields.length === 0 || single.expression.type.kind === 'row'))
    return followFields(atDepth(single.expression, visible.depth, node.span), fields, node.name.slice(1), node.span);
  if (relation === null) return null;
  if (names.length > relation.used) throw unknownColumnOf(relation.relation, names[relation.used]!, node);
  return atDepth(wholeRow(relation.relation), visible.depth, node.span);
}

/** `table.column`, `schema.table.column`, with fields behind; null when the leading names are no table with such a column. */
function lookUpQualified(names: readonly string[], visible: VisibleRow, node: ColumnReference): Expression | null {
  const relation = findRelation(names, visible.row);
  if (relation === null || relation.used >= names.length) return null;
  const name = names[relation.used]!;
  const { columns, arrival } = relation.relation;
  const column = onlyColumn(columns, name, node.span) ?? (isArrivalName(name) ? arrival?.[name] : undefined) ?? null;
  if (column === null) return null;
  const rest = relation.used + 1;
  return followFields(atDepth(column.expression, visible.depth, node.span), names.slice(rest), node.name.slice(rest), node.span);
}

function onlyColumn(columns: readonly ScopeColumn[], name: string, span: Span): ScopeColumn | null {
  let found: ScopeColumn | null = null;
  for (const column of columns) {
    if (column.name !== name) continue;
    if (found !== null) throw ambiguous(name, span);
    found = column;
  }
  return found;
}

function ambiguous(name: string, span: Span): SqlError {
  return new SqlError({ code: SqlState.ambiguousColumn, message: `column reference "${name}" is ambiguous`, position: span.start });
}

/** The relation the leading names mean, and how many of them it took. */
function findRelation(names: readonly string[], row: RowScope): { relation: ScopeRelation; used: number } | null {
  const [first, second] = names as [string, string | undefined];
  if (second !== undefined) {
    const qualified = row.relations.find((relation) => relation.schema === first && relation.alias === second);
    if (qualified !== undefined) return { relation: qualified, used: 2 };
  }
  const plain = row.relations.find((relation) => relation.alias === first);
  return plain === undefined ? null : { relation: plain, used: 1 };
}

/** The relation a qualifier of a star means; null when it is not in this row. */
export function findQualifiedRelation(names: readonly string[], row: RowScope): ScopeRelation | null {
  const found = findRelation(names, row);
  return found !== null && found.used === names.length ? found.relation : null;
}

/** The whole row of a table as a value; the one value of a scalar function's alias. Where an outer join has found no row of the table it is NULL. */
function wholeRow(relation: ScopeRelation): Expression {
  const { columns, primaryKey } = relation;
  if (relation.scalar && columns.length === 1) return columns[0]!.expression;
  const row: Expression = {
    kind: 'construct',
    type: { kind: 'row', fields: columns.map((column) => ({ name: column.name, type: column.expression.type })) },
    args: columns.map((column) => column.expression),
    whole: true,
  };
  if (relation.nullable !== true || columns.length === 0) return row;
  // Without a key that is never NULL, a row of nothing but NULLs counts as none.
  const deciding = primaryKey === null || primaryKey.length === 0 ? columns : [columns[primaryKey[0]!]!];
  const present = deciding.map(({ expression }): Expression => ({ kind: 'is-null', input: expression, negated: true, type: boolType }));
  return { kind: 'case', branches: [{ condition: anyOf(present), result: row }], otherwise: null, type: row.type };
}

function anyOf(args: readonly Expression[]): Expression {
  return args.length === 1 ? args[0]! : { kind: 'logical', operator: 'or', args, type: boolType };
}

/** `t.*` where one value is wanted is the row of t (PostgreSQL, "Using Composite Types in Queries"). Errors: 42601 for a star of everything, 42P01. */
export function bindWholeRow(node: StarExpression, scope: ExpressionScope): Expression {
  const names = node.qualifier.map(foldIdentifier);
  if (names.length === 0 || node.except.length > 0) throw syntaxError('row expansion via "*" is not supported here', node.span);
  for (const visible of visibleRows(scope)) {
    const relation = visible.hidden ? null : findQualifiedRelation(names, visible.row);
    if (relation !== null) return atDepth(wholeRow(relation), visible.depth, node.span);
  }
  throw unknownTable(node, names, scope);
}

export function unknownTable(node: StarExpression, names: readonly string[], scope: ExpressionScope): SqlError {
  const aliases = scope.row.relations.map((known) => known.alias);
  return new SqlError({
    code: SqlState.undefinedTable,
    message: `missing FROM-clause entry for table "${names.join('.')}"`,
    hint: nearestHint('the table alias', names.at(-1)!, aliases),
    position: node.span.start,
  });
}

/** The expression of a column of the row `depth` queries outside. */
function atDepth(expression: Expression, depth: number, span: Span): Expression {
  const placed = mapExpression(expression, (node) => {
    if (node.kind !== 'column') return node;
    if (depth === 0) return { ...node, span };
    return { kind: 'outer-column', depth, index: node.index, name: node.name, type: node.type, span };
  });
  return { ...placed, span };
}

/** `.field` of a row value, step by step. Errors: 42703 for a missing field, 42809 on a value that is no row. */
export function followFields(expression: Expression, fields: readonly string[], identifiers: readonly Identifier[], span: Span): Expression {
  let value = expression;
  for (const [position, name] of fields.entries()) {
    const at = identifiers[position]?.span ?? span;
    if (value.type.kind !== 'row') {
      throw new SqlError({
        code: SqlState.wrongObjectType,
        message: `column notation .${name} applied to type ${typeText(value.type)}, which is not a composite type`,
        position: at.start,
      });
    }
    const row = value.type.fields;
    const index = row.findIndex((field) => field.name === name);
    if (index < 0) {
      throw new SqlError({
        code: SqlState.undefinedColumn,
        message: `could not identify column "${name}" in record data type`,
        hint: nearestHint(
          'the field',
          name,
          row.map((field) => field.name),
        ),
        position: at.start,
      });
    }
    value = { kind: 'field', input: value, index, type: row[index]!.type, span };
  }
  return value;
}

function unknownColumn(node: ColumnReference, names: readonly string[], rows: readonly VisibleRow[]): SqlError {
  if (names.length > 1) return unknownQualifier(node, names, rows);
  const name = names[0]!;
  refusePseudoColumn(name, node.span, rows[0]!.row);
  const hidden = rows.find((visible) => visible.hidden && visible.row.columns.some((column) => column.name === name));
  const known = rows.filter((visible) => !visible.hidden).flatMap((visible) => qualifiedNames(visible.row));
  return new SqlError({
    code: SqlState.undefinedColumn,
    message: `column "${name}" does not exist`,
    detail: hidden && `There is a column named "${name}" in a table of this query, but it cannot be referenced from this part of the query.`,
    hint: hidden ? 'To reference that column, you must mark this subquery with LATERAL.' : nearestColumn(name, known),
    position: node.span.start,
  });
}

/** ROWTIME, ROWPARTITION or ROWOFFSET of the one relation of FROM that has a column for it. */
export function arrivalColumn(name: string, scope: ExpressionScope): Expression | null {
  if (!isArrivalName(name)) return null;
  const having = scope.row.relations.filter(({ arrival }) => arrival?.[name] !== undefined);
  const [relation] = having;
  return having.length === 1 ? relation!.arrival![name]!.expression : null;
}

function isArrivalName(name: string): name is ArrivalName {
  return impliedColumns.some((column) => column.name === name);
}

/** Errors: 42702 where several relations have it, 0A000 where none has. */
function refusePseudoColumn(name: string, span: Span, row: RowScope): void {
  const implied = impliedColumns.find((column) => column.name === name);
  if (implied === undefined) return;
  if (row.relations.some(({ arrival }) => arrival?.[implied.name] !== undefined)) throw ambiguous(name, span);
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `the pseudo column ${name.toUpperCase()} is not supported`,
    hint: `A stream over a topic has it; elsewhere declare a column with METADATA FROM '${implied.key}', or one that rows bring along.`,
    position: span.start,
  });
}

function unknownColumnOf(relation: ScopeRelation, name: string, node: ColumnReference): SqlError {
  const known = relation.columns.map((column) => ({ column: column.name, qualified: `${relation.alias}.${column.name}` }));
  return new SqlError({
    code: SqlState.undefinedColumn,
    message: `column ${relation.alias}.${name} does not exist`,
    hint: nearestColumn(name, known),
    position: node.span.start,
  });
}

function unknownQualifier(node: ColumnReference, names: readonly string[], rows: readonly VisibleRow[]): SqlError {
  const table = names.length > 2 ? names.slice(0, -1).join('.') : names[0]!;
  const last = names.at(-2)!;
  const hidden = rows.some((visible) => visible.hidden && visible.row.relations.some((relation) => relation.alias === last));
  if (hidden) {
    return new SqlError({
      code: SqlState.undefinedTable,
      message: `invalid reference to FROM-clause entry for table "${last}"`,
      detail: `There is an entry for table "${last}", but it cannot be referenced from this part of the query.`,
      hint: 'To reference that table, you must mark this subquery with LATERAL.',
      position: node.span.start,
    });
  }
  const relations = rows.flatMap((visible) => visible.row.relations);
  const renamed = relations.find((relation) => relation.name === last && relation.alias !== last);
  if (renamed !== undefined) {
    return new SqlError({
      code: SqlState.undefinedTable,
      message: `invalid reference to FROM-clause entry for table "${last}"`,
      hint: `Perhaps you meant to reference the table alias "${renamed.alias}".`,
      position: node.span.start,
    });
  }
  const aliases = relations.map((relation) => relation.alias);
  return new SqlError({
    code: SqlState.undefinedTable,
    message: `missing FROM-clause entry for table "${table}"`,
    hint: nearestHint('the table alias', last, aliases),
    position: node.span.start,
  });
}

/** Every column of a row with the name to suggest for it. */
function qualifiedNames(row: RowScope): { column: string; qualified: string }[] {
  return row.relations.flatMap((relation) =>
    relation.columns.map((column) => ({ column: column.name, qualified: `${relation.alias}.${column.name}` })),
  );
}

function nearestColumn(name: string, known: readonly { column: string; qualified: string }[]): string | undefined {
  const hint = nearestHint('to reference the column', name, new Set(known.map((entry) => entry.column)));
  if (hint === undefined) return undefined;
  const best = known.find((entry) => hint.endsWith(`"${entry.column}".`));
  return best === undefined ? hint : `Perhaps you meant to reference the column "${best.qualified}".`;
}
