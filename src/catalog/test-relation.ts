import { int4Type, type SqlType, textType } from '../types/index.ts';
import type { Relation, RelationColumn } from './relation.ts';

/** A column for tests: nullable text unless said otherwise. */
export function testColumn(name: string, change: Partial<RelationColumn> = {}): RelationColumn {
  const type: SqlType = textType;
  return { name, externalName: name, type, nullable: true, source: { kind: 'physical' }, defaultExpression: null, ...change };
}

/** A stored table `public.<name> (id int not null primary key, v text)` for tests, with changes. */
export function testRelation(oid: number, name: string, change: Partial<Relation> = {}): Relation {
  return {
    oid,
    schema: 'public',
    name,
    kind: 'table',
    columns: [testColumn('id', { type: int4Type, nullable: false }), testColumn('v')],
    primaryKey: [0],
    uniqueKeys: [[0]],
    watermark: null,
    options: null,
    appendOnly: false,
    query: null,
    statement: `CREATE TABLE ${name} (id INT PRIMARY KEY, v TEXT)`,
    dependsOn: [],
    comment: null,
    ...change,
  };
}

/** A materialised view for tests that reads the relations of the given oids. */
export function testView(oid: number, name: string, dependsOn: readonly number[]): Relation {
  const query = 'SELECT id, v FROM t';
  return testRelation(oid, name, { kind: 'materialized view', primaryKey: null, uniqueKeys: [], query, dependsOn, statement: '' });
}
