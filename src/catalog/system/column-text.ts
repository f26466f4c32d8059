import { assert } from '../../base/index.ts';
import {
  arrayOf,
  boolType,
  byteaType,
  float4Type,
  float8Type,
  int2Type,
  int4Type,
  int8Type,
  internalCharType,
  intervalType,
  nameType,
  numericType,
  oidType,
  regprocType,
  regtypeType,
  type SqlType,
  textType,
  timestampType,
  timestamptzType,
  varcharType,
} from '../../types/index.ts';
import { physicalColumn, type RelationColumn } from '../relation.ts';

/**
 * Columns from their short text: `name:type` each, `!` for NOT NULL, words separated by blanks (`oid:oid! relname:name!`). Types are
 * PostgreSQL's names with `_` for blanks; types fsql does not have are read as the nearest one it has.
 */
export function parseColumns(text: string): RelationColumn[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const match = /^([^:]+):([^!]+)(!?)$/.exec(word);
      assert(match !== null, `column text "${word}"`);
      const [, name, typeName, notNull] = match;
      return { ...physicalColumn(name!, systemType(typeName!)), nullable: notNull === '' };
    });
}

function systemType(name: string): SqlType {
  if (name.endsWith('[]')) return arrayOf(systemType(name.slice(0, -2)));
  const type = types.get(name);
  assert(type !== undefined, `system column type "${name}"`);
  return type;
}

const types: ReadonlyMap<string, SqlType> = new Map([
  ['aclitem', textType],
  ['anyarray', textType],
  ['bigint', int8Type],
  ['boolean', boolType],
  ['bytea', byteaType],
  ['char', internalCharType],
  ['double_precision', float8Type],
  ['inet', textType],
  ['information_schema.cardinal_number', int4Type],
  ['information_schema.character_data', varcharType],
  ['information_schema.sql_identifier', nameType],
  ['information_schema.time_stamp', timestamptzType],
  ['information_schema.yes_or_no', varcharType],
  ['int2vector', arrayOf(int2Type)],
  ['integer', int4Type],
  ['interval', intervalType],
  ['name', nameType],
  ['numeric', numericType],
  ['oid', oidType],
  ['oidvector', arrayOf(oidType)],
  ['pg_dependencies', byteaType],
  ['pg_lsn', textType],
  ['pg_mcv_list', byteaType],
  ['pg_ndistinct', byteaType],
  ['pg_node_tree', textType],
  ['pg_statistic', textType],
  ['real', float4Type],
  ['regproc', regprocType],
  ['regtype', regtypeType],
  ['smallint', int2Type],
  ['text', textType],
  ['timestamp', timestampType],
  ['timestamp_with_time_zone', timestamptzType],
  ['xid', oidType],
]);
