import { assert } from '../../base/index.ts';
import type { Datum } from '../../types/index.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';
import type { Relation, RelationColumn } from '../relation.ts';
import { parseColumns } from './column-text.ts';

/** What the rows of a system relation may depend on, for one statement of one session. */
export interface SystemContext {
  readonly catalog: CatalogSnapshot;
  readonly database: string;
  readonly user: string;
  readonly searchPath: readonly string[];
  /** Every setting with this session's values. */
  settings(): Iterable<SettingDescription>;
}

/** A row of pg_settings and fsql_catalog.settings. */
export interface SettingDescription {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  readonly category: string;
  readonly description: string;
  /** `user` can be SET, `internal` cannot. */
  readonly context: 'user' | 'internal' | 'postmaster';
  readonly type: 'bool' | 'integer' | 'real' | 'string' | 'enum';
  readonly minimum: string | null;
  readonly maximum: string | null;
  readonly choices: readonly string[] | null;
  readonly defaultValue: string;
  /** What RESET goes back to. */
  readonly resetValue: string;
  readonly source: 'default' | 'session' | 'client' | 'configuration file';
}

/** A row by column name. What is missing is NULL, or the type's zero where the column is NOT NULL. */
export type SystemRow = Readonly<Record<string, Datum | null>>;

/** A relation whose rows are made when it is read. */
export interface SystemRelation {
  readonly relation: Relation;
  /** Rows in the order of the relation's columns. */
  rows(context: SystemContext): Iterable<readonly (Datum | null)[]>;
}

export interface SystemRelationNames {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** See parseColumns. */
  readonly columns: string;
}

export interface SystemRelationRows {
  rows(context: SystemContext): Iterable<SystemRow>;
  /** Rows follow from the catalog and the database's name alone, so they are kept until the catalog changes. */
  readonly fromCatalogOnly: boolean;
}

export type SystemRelationDefinition = SystemRelationNames & SystemRelationRows;

export function defineSystemRelation(relation: Relation, definition: SystemRelationRows): SystemRelation {
  /** psql and drivers read the same few relations in a row, some of them with thousands of rows. */
  let kept: { readonly catalog: CatalogSnapshot; readonly database: string; readonly rows: readonly DatumRow[] } | null = null;
  return {
    relation,
    rows: (context) => {
      if (!definition.fromCatalogOnly) return orderedRows(definition, relation, context);
      if (kept?.catalog !== context.catalog || kept.database !== context.database) {
        const rows = [...orderedRows(definition, relation, context)];
        kept = { catalog: context.catalog, database: context.database, rows };
      }
      return kept.rows;
    },
  };
}

type DatumRow = readonly (Datum | null)[];

function* orderedRows(definition: SystemRelationRows, relation: Relation, context: SystemContext): Iterable<DatumRow> {
  const { columns } = relation;
  const names = columns.map((column) => column.name);
  const known = new Set(names);
  const missing = columns.map((column) => (column.nullable ? null : zeroOf(column)));
  for (const row of definition.rows(context)) {
    for (const name in row) if (!known.has(name)) assert(false, `${relation.name} has no column "${name}"`);
    yield names.map((name, index) => row[name] ?? missing[index]!);
  }
}

/** Two hundred relations of which a session touches a few: their columns are read from text when first wanted. */
export function lazyRelation(definition: SystemRelationNames): Relation {
  let columns: readonly RelationColumn[] | null = null;
  return {
    oid: definition.oid,
    schema: definition.schema,
    name: definition.name,
    kind: 'system',
    get columns() {
      columns ??= parseColumns(definition.columns);
      return columns;
    },
    primaryKey: null,
    uniqueKeys: [],
    watermark: null,
    options: null,
    appendOnly: false,
    query: null,
    statement: '',
    dependsOn: [],
    comment: null,
  };
}

function zeroOf(column: RelationColumn): Datum {
  switch (column.type.kind) {
    case 'bool':
      return false;
    case 'int8':
    case 'timestamp':
    case 'timestamptz':
      return 0n;
    case 'array':
      return { elements: [] };
    case 'text':
    case 'varchar':
    case 'name':
    case 'internal_char':
      return '';
    default:
      return 0;
  }
}
