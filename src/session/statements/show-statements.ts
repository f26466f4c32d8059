import { type CatalogSnapshot, type Relation, type RelationKind, referencedSecret, relationKeys } from '../../catalog/index.ts';
import { foldIdentifier, type QualifiedName, type ShowableObjects, type ShowPattern } from '../../sql/index.ts';
import { type Datum, formatDatum, formatType } from '../../types/index.ts';
import { CONNECTION, findConnection, usersOf } from '../connections.ts';
import type { RowsResult } from '../contract.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { subscriptions } from '../declared-subscriptions.ts';
import { backfillRows, functionRows, namedJobs } from '../engine/index.ts';
import { namedValues } from '../named-values.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { rowsResult, textFields } from '../text-result.ts';
import { systemContext } from './query.ts';
import { shownDefinition } from './shown-definition.ts';

interface Listing {
  readonly names: readonly string[];
  rows(context: StatementContext): readonly (readonly (Datum | null)[])[];
}

const BACKFILL_COLUMNS = [
  'name',
  'kind',
  'phase',
  'waits_for',
  'input',
  'rows_read',
  'rows_total',
  'offsets_read',
  'offsets_total',
  'offsets_resumed',
  'offsets_kept',
  'percent',
  'error',
];

function shownText(value: Datum | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** What each SHOW lists; the first column is the one LIKE tests. */
const listings: Record<ShowableObjects, Listing> = {
  streams: relationListing(['stream'], ['name', 'schema', 'connector', 'format']),
  sources: relationListing(['stream'], ['name', 'schema', 'connector', 'format']),
  tables: relationListing(['table'], ['name', 'schema'], {
    flink: ['table', 'stream', 'view', 'materialized view'],
    ksqldb: ['table', 'materialized view'],
  }),
  views: relationListing(['view'], ['name', 'schema']),
  'materialized views': relationListing(['materialized view'], ['name', 'schema']),
  indexes: {
    names: ['name', 'schema', 'relation', 'columns', 'include', 'unique'],
    rows: ({ definer }) => [...definer.snapshot.relations()].flatMap(indexRows),
  },
  sinks: relationListing(['sink'], ['name', 'schema', 'connector', 'format']),
  queries: jobListing(),
  backfills: {
    names: BACKFILL_COLUMNS,
    rows: ({ engine }) => [...backfillRows(engine)].map((row) => BACKFILL_COLUMNS.map((name) => shownText(row[name]))),
  },
  jobs: jobListing(),
  topics: {
    names: ['name', 'relations'],
    rows: ({ definer }) => topicRows([...definer.snapshot.relations()]),
  },
  functions: {
    names: ['name', 'signature', 'description'],
    rows: ({ engine, definer }) => functionRows(engine.registries, definer.snapshot),
  },
  secrets: { names: ['name'], rows: ({ definer }) => namedValues('secret', definer.snapshot).map(([name]) => [name]) },
  connections: {
    names: ['name', 'type', 'servers', 'relations'],
    rows: ({ definer }) => namedValues(CONNECTION, definer.snapshot).map(([name]) => connectionRow(name, definer.snapshot)),
  },
  types: { names: ['name', 'statement'], rows: ({ definer }) => namedValues('type', definer.snapshot).map(([name, statement]) => [name, statement]) },
  subscriptions: {
    names: ['name', 'relation', 'retention'],
    rows: ({ engine }) => subscriptions(engine.snapshot).map(({ name, relation, retention }) => [name, relation.name, retention]),
  },
  schemas: { names: ['name'], rows: ({ definer }) => [...definer.snapshot.schemas()].map((schema) => [schema.name]) },
  databases: { names: ['name'], rows: ({ session }) => [[session.database]] },
  catalogs: { names: ['name'], rows: ({ session }) => [[session.database]] },
  checkpoints: systemListing('fsql_catalog', 'checkpoints', ['id', 'state', 'trigger', 'started_at', 'duration_ms', 'bytes', 'rows', 'failure']),
  savepoints: systemListing('fsql_catalog', 'savepoints', [
    'id',
    'path',
    'state',
    'trigger',
    'started_at',
    'duration_ms',
    'bytes',
    'rows',
    'failure',
  ]),
  cluster: systemListing('fsql_catalog', 'task_managers', [
    'id',
    'address',
    'slots',
    'free',
    'memory_budget_bytes',
    'memory_used_bytes',
    'last_heartbeat',
  ]),
  processlist: systemListing('pg_catalog', 'pg_stat_activity', [
    'pid',
    'usename',
    'application_name',
    'client_addr',
    'state',
    'query_start',
    'query',
  ]),
  connectors: { names: ['name', 'description'], rows: ({ engine }) => engine.registries.connectors.all().map((one) => [one.name, one.description]) },
  cursors: { names: ['name'], rows: ({ session }) => [...session.portals.keys()].filter((name) => name !== '').map((name) => [name]) },
};

/** Columns of a system relation, which one can select from, too. */
function systemListing(schema: string, name: string, names: readonly string[]): Listing {
  return {
    names,
    rows: (context) => {
      const { engine, definer } = context;
      const relation = definer.snapshot.relation(schema, name)!;
      const places = names.map((column) => relation.columns.findIndex((one) => one.name === column));
      const { timeZone } = binderOf(context).context.evaluation;
      return [...engine.system.rows(relation, systemContext(context))].map((row) =>
        places.map((place) => {
          const value = row[place] ?? null;
          return value === null ? null : formatDatum(relation.columns[place]!.type, value, { timeZone });
        }),
      );
    },
  };
}

function connectionRow(name: string, snapshot: CatalogSnapshot): (string | null)[] {
  const { type, options } = findConnection(name, snapshot)!;
  const servers = options.get('properties.bootstrap.servers') ?? options.get('properties.bootstrap.server') ?? null;
  const users = usersOf(name, snapshot).map((relation) => relation.name);
  // Where the addresses are a secret, they are not shown.
  return [name, type, servers === null || referencedSecret(servers) !== null ? null : servers, users.join(', ')];
}

function indexRows(relation: Relation): (string | null)[][] {
  const names = (columns: readonly number[]): string => columns.map((column) => relation.columns[column]!.name).join(', ');
  const { schema, name: on } = relation;
  return [
    ...relationKeys(relation).map(({ name, columns }) => [name, schema, on, names(columns), null, 'yes']),
    ...(relation.indexes ?? []).map(({ name, columns, included }) => [name, schema, on, names(columns), names(included) || null, 'no']),
  ];
}

function jobListing(): Listing {
  return {
    names: ['name', 'job_id', 'kind', 'state', 'parallelism', 'rows_in', 'rows_out', 'error', 'slot_sharing_group', 'wanted_parallelism'],
    rows: ({ engine }) =>
      namedJobs(engine).map((job) => [
        job.name,
        job.jobId,
        job.kind,
        job.state,
        String(job.parallelism),
        String(job.rowsIn),
        String(job.rowsOut),
        job.error?.message ?? null,
        job.slotSharingGroup,
        String(job.wantedParallelism),
      ]),
  };
}

/** The topics that relations name, each with who names it. */
function topicRows(relations: readonly Relation[]): readonly (readonly string[])[] {
  const readers = new Map<string, string[]>();
  for (const relation of relations) {
    const topic = relation.options?.get('topic');
    if (topic !== undefined) readers.set(topic, [...(readers.get(topic) ?? []), relation.name]);
  }
  return [...readers].map(([topic, names]) => [topic, names.join(', ')]);
}

/** `inDialect`: the kinds where a dialect means others by the word. */
function relationListing(
  kinds: readonly RelationKind[],
  names: readonly string[],
  inDialect: Readonly<Record<string, readonly RelationKind[]>> = {},
): Listing {
  const facts: Readonly<Record<string, (relation: Relation) => string | null>> = {
    name: (relation) => relation.name,
    schema: (relation) => relation.schema,
    connector: (relation) => relation.options?.get('connector') ?? 'embedded',
    format: (relation) => relation.options?.get('format') ?? null,
  };
  return {
    names,
    rows: ({ engine, session }) => {
      const dialect = session.settings.get('sql_dialect');
      const meant = Object.hasOwn(inDialect, dialect) ? inDialect[dialect]! : kinds;
      const found = [...engine.snapshot.relations()].filter((relation) => meant.includes(relation.kind));
      return found.map((relation) => names.map((name) => facts[name]!(relation)));
    },
  };
}

/** SHOW STREAMS, SHOW JOBS, … [FROM schema] [LIKE pattern]. */
export const showObjects: StatementHandler<'show-objects'> = {
  kind: 'show-objects',
  describe: (statement) => ({ parameterTypes: [], fields: textFields(...listings[statement.objects].names) }),
  async execute(statement, context) {
    const listing = listings[statement.objects];
    const schema = statement.from === null ? null : foldIdentifier(statement.from.parts.at(-1)!);
    // Of indexes one asks by their relation, too.
    const places = [listing.names.indexOf('schema'), listing.names.indexOf('relation')].filter((column) => column >= 0);
    const lies = (row: readonly unknown[]): boolean => schema === null || places.some((column) => row[column] === schema);
    const rows = listing.rows(context).filter((row) => matches(String(row[0]), statement.like) && lies(row));
    return rowsResult(textFields(...listing.names), rows, 'SHOW');
  },
};

/** LIKE with % and _, for SHOW. */
function matches(name: string, pattern: ShowPattern | null): boolean {
  if (pattern === null) return true;
  const source = pattern.pattern
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, pattern.operator === 'ilike' ? 'is' : 's').test(name) !== pattern.negated;
}

const columnNames = ['name', 'type', 'nullable', 'kind', 'key'];

export const showColumns: StatementHandler<'show-columns'> = {
  kind: 'show-columns',
  describe: () => ({ parameterTypes: [], fields: textFields(...columnNames) }),
  execute: async (statement, context) => columnsResult(statement.relation, statement.like, context),
};

/** DESCRIBE name: its columns. */
export const describeRelation: StatementHandler<'describe'> = {
  kind: 'describe',
  describe: () => ({ parameterTypes: [], fields: textFields(...columnNames) }),
  execute: async (statement, context) => columnsResult(statement.name, null, context),
};

function columnsResult(name: QualifiedName, like: ShowPattern | null, context: StatementContext): RowsResult {
  const relation = requireRelation(name, context);
  const rows = relation.columns.map((column, index) => [
    column.name,
    formatType(column.type),
    column.nullable ? 'yes' : 'no',
    columnKind(relation, index),
    relation.primaryKey?.includes(index) ? 'PRIMARY KEY' : null,
  ]);
  return rowsResult(
    textFields(...columnNames),
    rows.filter((row) => matches(row[0]!, like)),
    'SHOW',
  );
}

function columnKind(relation: Relation, index: number): string | null {
  const { source } = relation.columns[index]!;
  const parts = [
    source.kind === 'metadata' ? `METADATA FROM '${source.key}'` : source.kind === 'computed' ? `AS ${source.expression}` : null,
    relation.watermark?.column === index ? `WATERMARK - ${relation.watermark.delayMicros} us` : null,
  ];
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? null : said.join(', ');
}

const createFields = textFields('name', 'statement');

/** SHOW CREATE …: the canonical statement. */
export const showCreate: StatementHandler<'show-create'> = {
  kind: 'show-create',
  describe: () => ({ parameterTypes: [], fields: createFields }),
  async execute(statement, context) {
    const relation = requireRelation(statement.name, context);
    return rowsResult(createFields, [[relation.name, shownDefinition(relation, context)]], 'SHOW');
  },
};
