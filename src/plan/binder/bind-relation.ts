import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation, RelationColumn } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { ImpliedColumn } from '../../jobgraph/index.ts';
import { foldIdentifier, type QualifiedName, type Query, type TableAlias } from '../../sql/index.ts';
import { type LogicalPlan, type ScanPlan, shiftOuterColumns } from '../logical/index.ts';
import { hasVolatile } from '../optimizer/index.ts';
import { arrivalOf, impliedOf } from './arrival-columns.ts';
import { type BindContext, type BindState, outerDepth, type QueryEnvironment } from './bind-state.ts';
import { nearestHint, notSupported } from './binder-error.ts';
import { type BoundFrom, columnOf } from './row-scope.ts';
import { aliasPlan, renameFields } from './table-alias.ts';

/** A name in FROM: a common table, or a relation of the catalog. Errors: 42P01 with the nearest name, 42809 for what cannot be read. */
export function bindRelationName(name: QualifiedName, alias: TableAlias | null, environment: QueryEnvironment): BoundFrom {
  const parts = name.parts.map(foldIdentifier);
  const table = parts.at(-1)!;
  const common = parts.length === 1 ? findCommonTable(table, name, environment) : null;
  if (common !== null) return aliasPlan({ plan: common, name: table, schema: null, alias });
  const relation = findRelation(name, environment);
  if (environment.state.viewStack.length === 0) environment.state.context.named?.({ relation, name, asString: false, alias });
  if (relation.kind === 'view') return aliasPlan({ plan: inlineView(relation, name, environment), name: table, schema: relation.schema, alias });
  const plan = withProcessingTime(scanOf(relation, impliedOf(relation, environment)));
  const { schema, primaryKey, columns } = relation;
  return aliasPlan({ plan, name: table, schema, alias, primaryKey, arrival: arrivalOf(relation, plan), visible: columns.length });
}

function findCommonTable(table: string, name: QualifiedName, environment: QueryEnvironment): LogicalPlan | null {
  for (let common = environment.commonTables; common !== null; common = common.next) {
    if (common.name !== table) continue;
    if (typeof common.plan === 'string')
      throw new SqlError({ code: common.code ?? SqlState.invalidRecursion, message: common.plan, position: name.span.start });
    refuseSecondRead(common.plan, name, environment.state);
    return shiftOuterColumns(common.plan, outerDepth(environment.outer) - common.depth);
  }
  return null;
}

/** Each reference is worked out by itself: what is another each time would differ between them. */
function refuseSecondRead(plan: LogicalPlan, { span }: QualifiedName, { readTables, context }: BindState): void {
  if (readTables.has(plan) && hasVolatile(plan, context.functions.lookup)) {
    const hint = 'Write its rows into a table first, with CREATE TABLE … AS.';
    throw notSupported('a WITH query that calls a volatile function cannot be read several times', span, hint);
  }
  readTables.add(plan);
}

/** The relation of a name as written. Errors: 42P01, 3F000. */
export function findRelation(name: QualifiedName, environment: QueryEnvironment): Relation {
  const { catalog } = environment.state.context;
  const parts = name.parts.map(foldIdentifier);
  requireOwnDatabase(parts, environment, name.span.start);
  const schema = parts.at(-2) ?? null;
  const relation = catalog.relation(schema, parts.at(-1)!);
  if (relation !== null) {
    if (environment.state.viewStack.length === 0) environment.state.reads.add(relation.oid);
    return relation;
  }
  const known = function* (): Iterable<string> {
    for (const other of catalog.relations()) if (schema === null || other.schema === schema) yield other.name;
    for (let common = environment.commonTables; common !== null; common = common.next) yield common.name;
  };
  throw new SqlError({
    code: SqlState.undefinedTable,
    message: `relation "${parts.join('.')}" does not exist`,
    hint: elsewhere(parts, environment) ?? nearestHint('the relation', parts.at(-1)!, known()),
    position: name.span.start,
  });
}

function requireOwnDatabase(parts: readonly string[], environment: QueryEnvironment, position: number): void {
  const database = environment.state.context.evaluation.session?.database;
  if (parts.length < 3 || database === undefined || parts.at(-3) === database) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `cross-database references are not implemented: "${parts.join('.')}"`,
    position,
  });
}

/** The same name in a schema the search path does not go through. */
function elsewhere(parts: readonly string[], environment: QueryEnvironment): string | undefined {
  if (parts.length > 1) return undefined;
  for (const other of environment.state.context.catalog.relations()) {
    if (other.name === parts[0]) return `Perhaps you meant the relation "${other.schema}.${other.name}".`;
  }
  return undefined;
}

/** All columns of a relation, in order, and behind them those nobody declared. */
function scanOf(relation: Relation, implied: readonly ImpliedColumn[]): ScanPlan {
  if (relation.kind === 'sink') {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${relation.name}" is a sink`,
      detail: 'A sink can only be written.',
      hint: 'Read the relations its query reads.',
    });
  }
  return {
    kind: 'scan',
    relation,
    variant: 'rows',
    paths: [...relation.columns.map((_, index) => [index]), ...implied.map(({ position }) => [position])],
    fields: [...relation.columns, ...implied].map(({ name, type }) => ({ name, type })),
  };
}

/**
 * Columns that hold processing time are computed where the relation is read: the time of an epoch is known at its end only, when rows of a source have
 * long been sent.
 */
function withProcessingTime(scan: ScanPlan): LogicalPlan {
  const isPresent = (column: RelationColumn): boolean => column.source.kind === 'computed' && /^proctime\(\)$/i.test(column.source.expression);
  const { columns } = scan.relation;
  if (!columns.some(isPresent)) return scan;
  const expressions = scan.fields.map((field, index): Expression => {
    const { type } = field;
    if (columns[index] === undefined || !isPresent(columns[index])) return columnOf(index, field);
    return { kind: 'call', signature: 'proctime() -> timestamptz', args: [], type };
  });
  return { kind: 'project', input: scan, expressions, fields: scan.fields };
}

/** The view's query in the view's place, under the names the view gives its columns. */
function inlineView(relation: Relation, name: QualifiedName, environment: QueryEnvironment): LogicalPlan {
  const { state } = environment;
  if (relation.query === null || state.viewStack.includes(relation.oid)) {
    throw new SqlError({
      code: SqlState.invalidObjectDefinition,
      message: `infinite recursion detected in view "${relation.name}"`,
      position: name.span.start,
    });
  }
  const query = parsedQuery(relation, relation.query, state.context);
  const { catalog, functions } = state.context;
  const context = { ...state.context, catalog: catalog.stored(relation), functions: functions.only(relation.dependsOn) };
  const inner = { ...state, context, viewStack: [...state.viewStack, relation.oid] };
  const plan = bindViewQuery(() => state.binders.query(query, { state: inner, outer: null, commonTables: null }), name);
  return renameFields(
    plan,
    relation.columns.map((column) => column.name),
  );
}

/** By view: a syntax tree is never changed, and a view is another object when its text is another one. */
const parsedQueries = new WeakMap<Relation, Query>();

function parsedQuery(view: Relation, text: string, { parseQuery }: Pick<BindContext, 'parseQuery'>): Query {
  let query = parsedQueries.get(view);
  if (query === undefined) {
    query = parseQuery(text);
    parsedQueries.set(view, query);
  }
  return query;
}

/** Positions inside a view's text mean nothing in the statement that reads it. */
function bindViewQuery(work: () => LogicalPlan, name: QualifiedName): LogicalPlan {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqlError) throw error.with({ position: name.span.start });
    throw error;
  }
}
