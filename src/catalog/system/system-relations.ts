import { assert } from '../../base/index.ts';
import type { Relation } from '../relation.ts';
import { type FsqlCatalogProviders, fsqlCatalogDefinitions } from './fsql-catalog.ts';
import * as standard from './information-schema.ts';
import * as cluster from './pg-cluster.ts';
import { allFunctions, type CatalogFunction, functionDescriptions, pgAggregate, pgProc } from './pg-functions.ts';
import * as relations from './pg-relations.ts';
import { pgType } from './pg-types.ts';
import * as views from './pg-views.ts';
import { POSTGRES_COLUMNS } from './postgres-columns.generated.ts';
import { defineSystemRelation, lazyRelation, type SystemContext, type SystemRelation, type SystemRow } from './system-relation.ts';

/** Live data from outside the catalog. Everything may be missing: the relation is empty then. */
export interface SystemProviders extends FsqlCatalogProviders {
  /** By oid: see numberFunctions. */
  readonly functions?: () => ReadonlyMap<number, CatalogFunction>;
  /** Rows of pg_stat_activity by its column names. */
  readonly activity?: () => Iterable<SystemRow>;
  /** Rows of pg_locks by its column names. */
  readonly locks?: () => Iterable<SystemRow>;
}

/**
 * Every relation of pg_catalog and information_schema that PostgreSQL 18 has, with its columns and types, and fsql_catalog. The ones fsql
 * has nothing for are empty, so that a tool that joins them gets an answer and not an error.
 */
export function systemRelations(providers: SystemProviders): SystemRelation[] {
  const rows = rowSources(providers);
  const postgres = postgresRelations().map((relation) => {
    const fullName = `${relation.schema}.${relation.name}`;
    const source = rows.get(fullName);
    rows.delete(fullName);
    return defineSystemRelation(relation, { rows: source ?? (() => []), fromCatalogOnly: !liveRelations.has(fullName) });
  });
  assert(rows.size === 0, `rows for relations that do not exist: ${[...rows.keys()].join(', ')}`);
  const own = fsqlCatalogDefinitions(providers).map((definition) => defineSystemRelation(lazyRelation(definition), definition));
  return [...postgres, ...own];
}

let described: readonly Relation[] | null = null;

/** PostgreSQL's relations without their rows: the same for every engine of the process. */
function postgresRelations(): readonly Relation[] {
  described ??= POSTGRES_COLUMNS.trim()
    .split('\n')
    .map((line) => {
      const [fullName, oid, relkind] = line.split(' ', 3) as [string, string, string];
      const [schema, name] = fullName.split('.') as [string, string];
      const columns = line.slice(`${fullName} ${oid} ${relkind} `.length);
      return lazyRelation({ oid: Number(oid), schema, name, columns: `${columns} ${extraColumns[fullName] ?? ''}` });
    });
  return described;
}

/** Columns that PostgreSQL 18 renamed and older psql versions still ask for. */
const extraColumns: Readonly<Record<string, string>> = {
  'pg_catalog.pg_database': 'daticulocale:text',
  'pg_catalog.pg_collation': 'colliculocale:text',
};

const liveRelations = new Set(['pg_catalog.pg_settings', 'pg_catalog.pg_stat_activity', 'pg_catalog.pg_locks']);

type RowSource = (context: SystemContext) => Iterable<SystemRow>;

function rowSources(providers: SystemProviders): Map<string, RowSource> {
  const functions = ({ catalog }: SystemContext): ReadonlyMap<number, CatalogFunction> => allFunctions(providers.functions?.() ?? new Map(), catalog);
  return new Map<string, RowSource>([
    ['pg_catalog.pg_aggregate', (context) => pgAggregate(functions(context))],
    ['pg_catalog.pg_am', cluster.pgAm],
    ['pg_catalog.pg_attrdef', relations.pgAttrdef],
    ['pg_catalog.pg_attribute', relations.pgAttribute],
    ['pg_catalog.pg_authid', cluster.pgAuthid],
    ['pg_catalog.pg_class', relations.pgClass],
    ['pg_catalog.pg_collation', cluster.pgCollation],
    ['pg_catalog.pg_constraint', relations.pgConstraint],
    ['pg_catalog.pg_database', cluster.pgDatabase],
    ['pg_catalog.pg_depend', relations.pgDepend],
    [
      'pg_catalog.pg_description',
      function* (context) {
        yield* relations.pgDescription(context);
        yield* functionDescriptions(functions(context));
      },
    ],
    ['pg_catalog.pg_index', relations.pgIndex],
    ['pg_catalog.pg_indexes', views.pgIndexes],
    ['pg_catalog.pg_language', cluster.pgLanguage],
    ['pg_catalog.pg_locks', () => providers.locks?.() ?? []],
    ['pg_catalog.pg_matviews', views.pgMatviews],
    ['pg_catalog.pg_namespace', cluster.pgNamespace],
    ['pg_catalog.pg_proc', (context) => pgProc(functions(context), context.catalog)],
    ['pg_catalog.pg_rewrite', relations.pgRewrite],
    ['pg_catalog.pg_roles', cluster.pgRoles],
    ['pg_catalog.pg_settings', cluster.pgSettings],
    ['pg_catalog.pg_stat_activity', () => providers.activity?.() ?? []],
    ['pg_catalog.pg_stat_user_tables', views.pgStatUserTables],
    ['pg_catalog.pg_tables', views.pgTables],
    ['pg_catalog.pg_tablespace', cluster.pgTablespace],
    ['pg_catalog.pg_type', pgType],
    ['pg_catalog.pg_user', cluster.pgUser],
    ['pg_catalog.pg_views', views.pgViews],
    ['information_schema.columns', standard.columns],
    ['information_schema.check_constraints', standard.checkConstraints],
    ['information_schema.constraint_column_usage', standard.constraintColumnUsage],
    ['information_schema.information_schema_catalog_name', standard.informationSchemaCatalogName],
    ['information_schema.key_column_usage', standard.keyColumnUsage],
    ['information_schema.schemata', standard.schemata],
    ['information_schema.table_constraints', standard.tableConstraints],
    ['information_schema.tables', standard.tables],
    ['information_schema.views', standard.views],
  ]);
}
