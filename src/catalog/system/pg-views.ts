import { OWNER_NAME } from './fixed-oid.ts';
import { relationKindCode } from './relation-kind.ts';
import { indexDefinition, indexesOf } from './shown-index.ts';
import type { SystemContext, SystemRow } from './system-relation.ts';

/** PostgreSQL's convenience views over its own tables: pg_tables, pg_views, pg_matviews, pg_indexes, pg_stat_user_tables. */

export function* pgTables(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relationKindCode(relation) !== 'r') continue;
    yield {
      schemaname: relation.schema,
      tablename: relation.name,
      tableowner: OWNER_NAME,
      hasindexes: indexesOf(relation).length > 0,
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
      hasindexes: indexesOf(relation).length > 0,
      ispopulated: true,
      definition: relation.query,
    };
  }
}

export function* pgIndexes(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const index of indexesOf(relation)) {
      const indexdef = indexDefinition(relation, index, null);
      yield { schemaname: relation.schema, tablename: relation.name, indexname: index.name, indexdef };
    }
  }
}

export function* pgStatUserTables(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.kind === 'system' || relationKindCode(relation) === 'v') continue;
    yield { relid: relation.oid, schemaname: relation.schema, relname: relation.name };
  }
}
