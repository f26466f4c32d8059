import { OWNER_NAME } from './fixed-oid.ts';
import { indexDefinition } from './object-definition.ts';
import { primaryKeyName, relationKindCode } from './relation-kind.ts';
import type { SystemContext, SystemRow } from './system-relation.ts';

/** PostgreSQL's convenience views over its own tables: pg_tables, pg_views, pg_matviews, pg_indexes, pg_stat_user_tables. */

export function* pgTables(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relationKindCode(relation) !== 'r') continue;
    yield {
      schemaname: relation.schema,
      tablename: relation.name,
      tableowner: OWNER_NAME,
      hasindexes: relation.primaryKey !== null,
      hasrules: false,
      hastriggers: false,
      rowsecurity: false,
    };
  }
}

export function* pgViews(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relationKindCode(relation) !== 'v') continue;
    yield { schemaname: relation.schema, viewname: relation.name, viewowner: OWNER_NAME, definition: relation.query };
  }
}

export function* pgMatviews(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.kind !== 'materialized view') continue;
    yield {
      schemaname: relation.schema,
      matviewname: relation.name,
      matviewowner: OWNER_NAME,
      hasindexes: relation.primaryKey !== null,
      ispopulated: true,
      definition: relation.query,
    };
  }
}

export function* pgIndexes(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.primaryKey === null) continue;
    const indexdef = indexDefinition(relation, null);
    yield { schemaname: relation.schema, tablename: relation.name, indexname: primaryKeyName(relation), indexdef };
  }
}

export function* pgStatUserTables(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.kind === 'system' || relationKindCode(relation) === 'v') continue;
    yield { relid: relation.oid, schemaname: relation.schema, relname: relation.name };
  }
}
