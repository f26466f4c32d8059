import { shownStatement } from '../shown-statement.ts';
import type { SystemContext, SystemRelationDefinition, SystemRow } from './system-relation.ts';

/** Live rows of the relations in schema fsql_catalog, by relation name; a missing one is an empty relation. */
export type FsqlCatalogProviders = { readonly [Name in FsqlLiveRelation]?: () => Iterable<SystemRow> };

export type FsqlLiveRelation = keyof typeof LIVE_COLUMNS;

/** Columns of fsql_catalog (docs/reference/system-relations.md). Ratios are 0 to 1, watermarks event time, the rest of the times wall clock. */
const LIVE_COLUMNS = {
  jobs:
    'job_id:text! name:text! kind:text! state:text! parallelism:integer! max_parallelism:integer! restarts:integer! ' +
    'created_at:timestamp_with_time_zone! started_at:timestamp_with_time_zone finished_at:timestamp_with_time_zone ' +
    'rows_in:bigint! rows_out:bigint! bytes_in:bigint! error:text epoch_pace_ms:double_precision slot_sharing_group:text! wanted_parallelism:integer!',
  job_vertices:
    'job_id:text! vertex_id:text! chain:text! operators:text[]! parallelism:integer! state:text rows_in:bigint rows_out:bigint ' +
    'bytes_in:bigint bytes_out:bigint busy_ratio:double_precision idle_ratio:double_precision backpressured_ratio:double_precision watermark:timestamp',
  subtasks:
    'job_id:text! vertex_id:text! subtask:integer! attempt:integer slot:text state:text rows_in:bigint rows_out:bigint bytes_in:bigint ' +
    'bytes_out:bigint busy_ratio:double_precision idle_ratio:double_precision backpressured_ratio:double_precision watermark:timestamp',
  task_managers:
    'id:text! address:text slots:integer! free:integer! memory_budget_bytes:bigint memory_used_bytes:bigint ' +
    'last_heartbeat:timestamp_with_time_zone',
  slots: 'id:text! task_manager:text! state:text! jobs:text[] memory_budget_bytes:bigint memory_used_bytes:bigint slot_sharing_group:text',
  epochs:
    'id:bigint! state:text! trigger:text started_at:timestamp_with_time_zone duration_ms:double_precision bytes:bigint rows:bigint failure:text',
  checkpoints:
    'id:bigint! state:text! trigger:text started_at:timestamp_with_time_zone duration_ms:double_precision bytes:bigint rows:bigint failure:text',
  savepoints:
    'id:bigint! path:text state:text! trigger:text started_at:timestamp_with_time_zone duration_ms:double_precision bytes:bigint rows:bigint failure:text',
  source_partitions:
    'relation:text! partition:text! offset:bigint! end_offset:bigint lag:bigint watermark:timestamp idle:boolean! ' +
    'last_row_at:timestamp_with_time_zone problem:text oldest_offset:bigint oldest_at:timestamp_with_time_zone',
  sink_progress: 'sink:text! committed_epoch:bigint rows:bigint pending_rows:bigint last_error:text delivery:text pending_bytes:bigint marker:text',
  operator_state: 'job_id:text! operator:text! table_name:text! keys:bigint bytes:bigint bounded:text spilled_bytes:bigint',
  restored_state: 'job_id:text! relation:text kind:text operator:text! operator_id:text! state:text! rows:bigint bytes:bigint built_from:text[]',
  backfills:
    'schema_name:text! name:text! kind:text! background:boolean! phase:text! waits_for:text input:text rows_read:bigint rows_total:bigint ' +
    'offsets_read:bigint offsets_total:bigint offsets_resumed:bigint offsets_kept:bigint percent:double_precision epoch:bigint started_at:timestamp_with_time_zone! error:text job_id:text',
} as const;

/** fsql's own numbers below PostgreSQL's first user oid, above everything initdb makes. */
const FIRST_OID = 15_100;

export function fsqlCatalogDefinitions(providers: FsqlCatalogProviders): SystemRelationDefinition[] {
  const live = (Object.keys(LIVE_COLUMNS) as FsqlLiveRelation[]).map((name, index) => ({
    oid: FIRST_OID + index,
    schema: 'fsql_catalog',
    name,
    columns: LIVE_COLUMNS[name],
    rows: () => providers[name]?.() ?? [],
    fromCatalogOnly: false,
  }));
  return [
    ...live,
    {
      oid: FIRST_OID + 50,
      schema: 'fsql_catalog',
      name: 'relations',
      columns:
        'oid:oid! schema_name:name! name:name! kind:text! columns:integer! primary_key:name[] append_only:boolean! connector:text ' +
        'statement:text! comment:text',
      rows: relations,
      fromCatalogOnly: true,
    },
    {
      oid: FIRST_OID + 51,
      schema: 'fsql_catalog',
      name: 'settings',
      columns: 'name:text! setting:text unit:text category:text description:text! context:text! default_value:text',
      rows: settings,
      fromCatalogOnly: false,
    },
  ];
}

function* relations(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.kind === 'system') continue;
    const key = relation.primaryKey?.map((position) => relation.columns[position]!.name) ?? null;
    yield {
      oid: relation.oid,
      schema_name: relation.schema,
      name: relation.name,
      kind: relation.kind,
      columns: relation.columns.length,
      primary_key: key === null ? null : { elements: key },
      append_only: relation.appendOnly,
      connector: relation.options?.get('connector') ?? null,
      statement: shownStatement(relation),
      comment: relation.comment,
    };
  }
}

function* settings(context: SystemContext): Iterable<SystemRow> {
  for (const setting of context.settings()) {
    yield {
      name: setting.name,
      setting: setting.setting,
      unit: setting.unit,
      category: setting.category,
      description: setting.description,
      context: setting.context,
      default_value: setting.defaultValue,
    };
  }
}
