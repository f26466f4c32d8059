import { type Datum, encodeTypmod, type SqlType, typeLength, typeOid } from '../../types/index.ts';
import { shownDefault } from '../column-identity.ts';
import type { Relation, RelationColumn } from '../relation.ts';
import { isTemporarySchema } from '../search-path.ts';
import { defaultOid, ruleOid } from './derived-oid.ts';
import { CATALOG_COLLATION_OID, OWNER_OID } from './fixed-oid.ts';
import { generationExpression, relationKindCode, shownOptions } from './relation-kind.ts';
import { constraintsOf } from './shown-constraint.ts';
import { indexesOf, type ShownIndex } from './shown-index.ts';
import type { SystemContext, SystemRow } from './system-relation.ts';

/** pg_class, pg_attribute, pg_attrdef, pg_index, pg_constraint, pg_rewrite and pg_depend: the relations as PostgreSQL describes them. */

const HEAP_METHOD_OID = 2;
const BTREE_METHOD_OID = 403;
const PG_CLASS_OID = 1259;

export function* pgClass(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    const kind = relationKindCode(relation);
    const options = shownOptions(relation);
    const indexes = indexesOf(relation);
    yield {
      ...classDefaults,
      oid: relation.oid,
      relname: relation.name,
      relnamespace: schemaOid(context, relation.schema),
      relam: kind === 'v' ? 0 : HEAP_METHOD_OID,
      relfilenode: kind === 'v' ? 0 : relation.oid,
      relhasindex: indexes.length > 0,
      relpersistence: isTemporarySchema(relation.schema) ? 't' : 'p',
      relkind: kind,
      relnatts: relation.columns.length,
      relchecks: constraintsOf(relation).filter(({ type }) => type === 'c').length,
      relhasrules: kind !== 'r',
      reloptions: options.length === 0 ? null : { elements: options },
    };
    for (const index of indexes) yield indexClassRow(context, relation, index);
  }
}

const classDefaults: SystemRow = {
  relowner: OWNER_OID,
  reltuples: -1,
  relpersistence: 'p',
  relispopulated: true,
  relreplident: 'd',
};

function indexClassRow(context: SystemContext, relation: Relation, index: ShownIndex): SystemRow {
  return {
    ...classDefaults,
    oid: index.indexOid,
    relname: index.name,
    relnamespace: schemaOid(context, relation.schema),
    relam: BTREE_METHOD_OID,
    relfilenode: index.indexOid,
    relkind: 'i',
    relnatts: index.columns.length + index.included.length,
    relreplident: 'n',
  };
}

function schemaOid(context: SystemContext, name: string): number {
  return context.catalog.schema(name)?.oid ?? 0;
}

export function* pgAttribute(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const [index, column] of relation.columns.entries()) {
      const generated = generationExpression(column) !== null;
      yield {
        ...attributeRow(column.type),
        attrelid: relation.oid,
        attname: column.name,
        attnum: index + 1,
        attnotnull: !column.nullable,
        atthasdef: generated || shownDefault(relation, column) !== null,
        attidentity: identityCode(column),
        attgenerated: generated ? (isStored(relation) ? 's' : 'v') : '',
      };
    }
    for (const { indexOid, columns, included } of indexesOf(relation)) {
      for (const [index, position] of [...columns, ...included].entries()) {
        const column = relation.columns[position]!;
        yield { ...attributeRow(column.type), attrelid: indexOid, attname: column.name, attnum: index + 1 };
      }
    }
  }
}

function identityCode({ identity }: RelationColumn): string {
  if (identity === undefined || identity.kind === 'serial') return '';
  return identity.kind === 'always' ? 'a' : 'd';
}

/** A stored table keeps what it computes; a stream computes it from each message. */
function isStored({ kind, options }: Relation): boolean {
  return kind === 'table' && options === null;
}

function attributeRow(type: SqlType): SystemRow {
  const length = typeLength(type);
  return {
    atttypid: typeOid(type),
    attlen: length,
    atttypmod: encodeTypmod(type),
    attndims: type.kind === 'array' ? 1 : 0,
    attbyval: length > 0 && length <= 8,
    attalign: alignment(length),
    attstorage: length > 0 ? 'p' : 'x',
    attcompression: '',
    attidentity: '',
    attislocal: true,
    attcollation: isCollatable(type) ? CATALOG_COLLATION_OID : 0,
  };
}

export function alignment(length: number): string {
  if (length === 1) return 'c';
  if (length === 2) return 's';
  return length === 8 || length === 16 ? 'd' : 'i';
}

function isCollatable(type: SqlType): boolean {
  return type.kind === 'text' || type.kind === 'varchar' || type.kind === 'char';
}

export function* pgAttrdef(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.kind === 'system') continue;
    for (const [index, column] of relation.columns.entries()) {
      const expression = generationExpression(column) ?? shownDefault(relation, column);
      if (expression === null) continue;
      yield { oid: defaultOid(relation.oid, index + 1), adrelid: relation.oid, adnum: index + 1, adbin: expression };
    }
  }
}

export function* pgIndex(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const { isPrimary, isUnique, indexOid, columns, included, nullsDistinct } of indexesOf(relation)) {
      const { length } = columns;
      yield {
        indexrelid: indexOid,
        indrelid: relation.oid,
        indnatts: length + included.length,
        indnkeyatts: length,
        indisunique: isUnique,
        indnullsnotdistinct: !nullsDistinct,
        indisprimary: isPrimary,
        indimmediate: true,
        indisvalid: true,
        indisready: true,
        indislive: true,
        indkey: columnNumbers([...columns, ...included]),
        indcollation: repeated(0, length),
        indclass: repeated(0, length),
        indoption: repeated(0, length),
      };
    }
  }
}

export function* pgConstraint(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const { type, name, oid, indexOid, columns } of constraintsOf(relation)) {
      yield {
        oid,
        conname: name,
        connamespace: schemaOid(context, relation.schema),
        contype: type,
        conenforced: true,
        convalidated: true,
        conrelid: relation.oid,
        conindid: indexOid ?? 0,
        confupdtype: ' ',
        confdeltype: ' ',
        confmatchtype: ' ',
        conislocal: true,
        connoinherit: type !== 'c',
        conkey: columnNumbers(columns),
      };
    }
  }
}

export function* pgRewrite(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.query === null || relationKindCode(relation) === 'r') continue;
    yield {
      oid: ruleOid(relation.oid),
      rulename: '_RETURN',
      ev_class: relation.oid,
      ev_type: '1',
      ev_enabled: 'O',
      is_instead: true,
      ev_qual: '',
      ev_action: relation.query,
    };
  }
}

export function* pgDepend(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const oid of relation.dependsOn) {
      yield { classid: PG_CLASS_OID, objid: relation.oid, refclassid: PG_CLASS_OID, refobjid: oid, deptype: 'n' };
    }
  }
}

export function* pgDescription(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relation.comment !== null) yield { objoid: relation.oid, classoid: PG_CLASS_OID, objsubid: 0, description: relation.comment };
  }
  for (const schema of context.catalog.schemas()) {
    if (schema.comment !== null) yield { objoid: schema.oid, classoid: 2615, objsubid: 0, description: schema.comment };
  }
}

function columnNumbers(positions: readonly number[]): Datum {
  return { elements: positions.map((position) => position + 1) };
}

function repeated(value: number, count: number): Datum {
  return { elements: new Array<number>(count).fill(value) };
}
