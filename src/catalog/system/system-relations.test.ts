import { describe, expect, it } from 'vitest';
import { type Datum, int4Type, numericOf, textType, timestampType } from '../../types/index.ts';
import { Catalog } from '../catalog.ts';
import { testColumn, testRelation, testView } from '../test-relation.ts';
import { CatalogInspection, numberFunctions, type SystemContext, type SystemRelation, systemRelations } from './index.ts';

const functions = [
  {
    name: 'lower',
    kind: 'function',
    argumentTypes: [textType],
    resultType: textType,
    volatility: 'immutable',
    strict: true,
    variadic: false,
    returnsSet: false,
    description: 'lower case',
  },
] as const;
const numbered = numberFunctions(functions);
const all = systemRelations({
  functions: () => numbered,
  jobs: () => [{ job_id: 'j1', name: 'v', kind: 'view', state: 'RUNNING', rows_in: 5n }],
});

const table = testRelation(16400, 't', {
  columns: [
    testColumn('id', { type: int4Type, nullable: false }),
    testColumn('price', { type: numericOf(10, 2), defaultExpression: '0.00' }),
    testColumn('at', { type: timestampType }),
    testColumn('cents', { type: int4Type, source: { kind: 'computed', expression: 'price * 100' } }),
    testColumn('part', { type: int4Type, source: { kind: 'metadata', key: 'partition', virtual: true } }),
  ],
  comment: 'orders',
  options: new Map([
    ['connector', 'kafka'],
    ['properties.sasl.password', 'hunter2'],
  ]),
});
const catalog = Catalog.open(
  { append: async () => undefined, entries: () => [] },
  all.map((system) => system.relation),
);
await catalog.commit([
  { kind: 'put-relation', relation: table },
  { kind: 'put-relation', relation: testView(16401, 'v', [16400]) },
]);

const context: SystemContext = {
  catalog: catalog.snapshot,
  database: 'fsql',
  user: 'fsql',
  searchPath: ['public'],
  settings: () => [
    {
      name: 'statement_timeout',
      setting: '0',
      unit: 'ms',
      category: 'Client',
      description: 'limit',
      context: 'user',
      type: 'integer',
      minimum: '0',
      maximum: null,
      choices: null,
      defaultValue: '0',
      resetValue: '0',
      source: 'default',
    },
  ],
};

function rows(name: string): Record<string, Datum | null>[] {
  const system = all.find((candidate) => `${candidate.relation.schema}.${candidate.relation.name}` === name)!;
  const names = system.relation.columns.map((column) => column.name);
  return [...system.rows(context)].map((row) => Object.fromEntries(row.map((value, index) => [names[index]!, value])));
}

const of = (name: string, column: string, value: Datum): Record<string, Datum | null>[] => rows(name).filter((row) => row[column] === value);

describe('system relations', () => {
  it('give every row the types of its columns', () => {
    const wrong = all.flatMap((system) => [...system.rows(context)].flatMap((row) => wrongValues(system, row)));
    expect(wrong).toEqual([]);
  });

  it('have unique oids and names', () => {
    expect(new Set(all.map((system) => system.relation.oid)).size).toBe(all.length);
    expect(new Set(all.map((system) => `${system.relation.schema}.${system.relation.name}`)).size).toBe(all.length);
    const oids = rows('pg_catalog.pg_class').map((row) => row['oid']);
    expect(new Set(oids).size).toBe(oids.length);
  });

  it('show a table with its key, defaults, generated columns and covered secrets', () => {
    expect(of('pg_catalog.pg_class', 'relname', 't')).toMatchObject([
      {
        oid: 16400,
        relkind: 'r',
        relhasindex: true,
        relnatts: 5,
        relowner: 10,
        reloptions: { elements: ['connector=kafka', 'properties.sasl.password=****'] },
      },
    ]);
    expect(of('pg_catalog.pg_attribute', 'attrelid', 16400)).toMatchObject([
      { attname: 'id', attnum: 1, atttypid: 23, attnotnull: true, atthasdef: false },
      { attname: 'price', atttypid: 1700, atttypmod: 655366, atthasdef: true, attgenerated: '' },
      { attname: 'at', atttypid: 1114, atttypmod: -1 },
      { attname: 'cents', atthasdef: true, attgenerated: 'v' },
      { attname: 'part', atthasdef: true, attgenerated: 'v' },
    ]);
    expect(of('pg_catalog.pg_attrdef', 'adrelid', 16400).map((row) => row['adbin'])).toEqual(['0.00', 'price * 100', "METADATA FROM 'partition'"]);
    expect(of('pg_catalog.pg_index', 'indrelid', 16400)).toMatchObject([{ indisprimary: true, indkey: { elements: [1] } }]);
    expect(of('pg_catalog.pg_constraint', 'conrelid', 16400)).toMatchObject([{ conname: 't_pkey', contype: 'p' }]);
    expect(of('pg_catalog.pg_description', 'objoid', 16400)).toMatchObject([{ description: 'orders' }]);
  });

  it('show a materialised view as one', () => {
    expect(of('pg_catalog.pg_class', 'relname', 'v')).toMatchObject([{ relkind: 'm' }]);
    expect(rows('pg_catalog.pg_matviews')).toMatchObject([{ matviewname: 'v', definition: 'SELECT id, v FROM t' }]);
    expect(of('information_schema.tables', 'table_name', 'v')).toMatchObject([{ table_type: 'VIEW' }]);
  });

  it('join types and their arrays both ways', () => {
    const byOid = new Map(rows('pg_catalog.pg_type').map((row) => [row['oid'], row]));
    for (const type of byOid.values()) {
      if (type['typarray'] !== 0) expect(byOid.get(type['typarray']!)).toMatchObject({ typelem: type['oid'], typcategory: 'A' });
    }
    expect(byOid.get(23)).toMatchObject({ typname: 'int4', typlen: 4, typarray: 1007 });
  });

  it('show providers, settings and functions', () => {
    expect(rows('fsql_catalog.jobs')).toMatchObject([{ job_id: 'j1', state: 'RUNNING', rows_in: 5n, error: null }]);
    expect(rows('pg_catalog.pg_settings')).toMatchObject([{ name: 'statement_timeout', unit: 'ms' }]);
    expect(rows('pg_catalog.pg_proc')).toMatchObject([
      { proname: 'lower', prorettype: 25, provolatile: 'i' },
      // Every array type names them.
      ...['array_in', 'array_out', 'array_recv', 'array_send'].map((proname) => ({ proname })),
    ]);
    expect(rows('pg_catalog.pg_stat_activity')).toEqual([]);
  });

  it('describe columns in information_schema', () => {
    expect(of('information_schema.columns', 'table_name', 't').slice(0, 2)).toMatchObject([
      { column_name: 'id', ordinal_position: 1, is_nullable: 'NO', data_type: 'integer', udt_name: 'int4', numeric_precision: 32 },
      { column_name: 'price', data_type: 'numeric', numeric_precision: 10, numeric_scale: 2, column_default: '0.00' },
    ]);
  });
});

describe('CatalogInspection', () => {
  const inspection = new CatalogInspection({ catalog: catalog.snapshot, searchPath: ['public'], functions: () => numbered });
  const elsewhere = new CatalogInspection({ catalog: catalog.snapshot, searchPath: [] });

  it('prints definitions', () => {
    const [index] = of('pg_catalog.pg_index', 'indrelid', 16400);
    expect(inspection.indexDefinition(index!['indexrelid'] as number, 0)).toBe('CREATE UNIQUE INDEX t_pkey ON public.t USING btree (id)');
    expect(inspection.indexDefinition(index!['indexrelid'] as number, 1)).toBe('id');
    expect(inspection.viewDefinition(16401)).toBe('SELECT id, v FROM t;');
    const [constraint] = of('pg_catalog.pg_constraint', 'conrelid', 16400);
    expect(inspection.constraintDefinition(constraint!['oid'] as number)).toBe('PRIMARY KEY (id)');
  });

  it('describes functions and roles', () => {
    const oid = [...numbered.keys()][0]!;
    expect([inspection.functionResult(oid), inspection.functionArguments(oid), inspection.functionResult(1)]).toEqual(['text', 'text', null]);
    expect(inspection.registeredName('regproc', oid)).toBe('lower');
    expect(inspection.roleName(10)).toBe('fsql');
    expect(inspection.objectDescription(16400, 'pg_class')).toBe('orders');
  });

  it('hides fsql_catalog from lists unless the path names it', () => {
    const jobs = inspection.relationOid('jobs');
    const onPath = new CatalogInspection({ catalog: catalog.snapshot, searchPath: ['fsql_catalog'] });
    expect([inspection.relationIsVisible(jobs), onPath.relationIsVisible(jobs)]).toEqual([false, true]);
  });

  it('knows what the search path finds', () => {
    expect(inspection.relationIsVisible(16400)).toBe(true);
    expect(elsewhere.relationIsVisible(16400)).toBe(false);
    expect(inspection.relationIsVisible(1259)).toBe(true);
    expect(inspection.relationIsVisible(424242)).toBeNull();
    expect(inspection.registeredName('regclass', 16400)).toBe('t');
    expect(elsewhere.registeredName('regclass', 16400)).toBe('public.t');
    expect(inspection.registeredName('regtype', 1114)).toBe('timestamp without time zone');
    expect(inspection.currentSchemas(true)).toEqual(['pg_catalog', 'public', 'fsql_catalog']);
  });

  it('finds relations by text', () => {
    expect(inspection.relationOid('T')).toBe(16400);
    expect(inspection.relationOid('public."t"')).toBe(16400);
    expect(inspection.relationOid('pg_class')).toBe(1259);
    expect(inspection.findRelation('"T"')).toBeNull();
    expect(() => inspection.relationOid('x.y')).toThrowError(expect.objectContaining({ code: '42P01', message: 'relation "x.y" does not exist' }));
  });
});

function wrongValues(system: SystemRelation, row: readonly (Datum | null)[]): string[] {
  return system.relation.columns.flatMap((column, index) => {
    const value = row[index];
    const right = value === null ? column.nullable : typeof value === expectedType(column.type.kind);
    return right ? [] : [`${system.relation.name}.${column.name}: ${String(value)}`];
  });
}

function expectedType(kind: string): string {
  if (kind === 'bool') return 'boolean';
  if (kind === 'int8' || kind.startsWith('timestamp')) return 'bigint';
  if (kind === 'array' || kind === 'bytea') return 'object';
  return ['text', 'varchar', 'name', 'internal_char'].includes(kind) ? 'string' : 'number';
}
