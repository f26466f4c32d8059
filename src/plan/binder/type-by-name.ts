import { arrayOf, type SqlType, typeOfKind } from '../../types/index.ts';

/**
 * Type names in lower case: PostgreSQL's, the spellings of the SQL standard, and those of Flink, ksqlDB and RisingWave that mean the same.
 */
const names: Readonly<Record<string, SqlType>> = {
  bool: typeOfKind('bool'),
  boolean: typeOfKind('bool'),
  tinyint: typeOfKind('int2'),
  smallint: typeOfKind('int2'),
  int2: typeOfKind('int2'),
  int: typeOfKind('int4'),
  integer: typeOfKind('int4'),
  int4: typeOfKind('int4'),
  bigint: typeOfKind('int8'),
  int8: typeOfKind('int8'),
  real: typeOfKind('float4'),
  float4: typeOfKind('float4'),
  float: typeOfKind('float8'),
  float8: typeOfKind('float8'),
  double: typeOfKind('float8'),
  'double precision': typeOfKind('float8'),
  numeric: typeOfKind('numeric'),
  decimal: typeOfKind('numeric'),
  dec: typeOfKind('numeric'),
  text: typeOfKind('text'),
  string: typeOfKind('text'),
  varchar: typeOfKind('varchar'),
  'character varying': typeOfKind('varchar'),
  char: { kind: 'char', length: 1 },
  character: { kind: 'char', length: 1 },
  bpchar: typeOfKind('char'),
  name: typeOfKind('name'),
  bytea: typeOfKind('bytea'),
  bytes: typeOfKind('bytea'),
  binary: typeOfKind('bytea'),
  varbinary: typeOfKind('bytea'),
  date: typeOfKind('date'),
  time: typeOfKind('time'),
  'time without time zone': typeOfKind('time'),
  timestamp: typeOfKind('timestamp'),
  'timestamp without time zone': typeOfKind('timestamp'),
  timestamptz: typeOfKind('timestamptz'),
  'timestamp with time zone': typeOfKind('timestamptz'),
  timestamp_ltz: typeOfKind('timestamptz'),
  interval: typeOfKind('interval'),
  uuid: typeOfKind('uuid'),
  json: typeOfKind('jsonb'),
  jsonb: typeOfKind('jsonb'),
  oid: typeOfKind('oid'),
  regclass: typeOfKind('regclass'),
  regtype: typeOfKind('regtype'),
  regproc: typeOfKind('regproc'),
  regprocedure: typeOfKind('regproc'),
  regnamespace: typeOfKind('regnamespace'),
  int2vector: arrayOf(typeOfKind('int2')),
  oidvector: arrayOf(typeOfKind('oid')),
  record: typeOfKind('row'),
  void: typeOfKind('void'),
};

/** The type of a folded name without schema; `quoted` tells `"char"`, the one-byte type, from CHAR. Also `int4[]`. Null: no such type. */
export function typeByName(name: string, quoted = false): SqlType | null {
  if (name.endsWith('[]')) {
    const element = typeByName(name.slice(0, -2).trim());
    return element === null ? null : arrayOf(element);
  }
  if (name === 'char' && quoted) return typeOfKind('internal_char');
  const folded = quoted ? name : name.toLowerCase();
  return Object.hasOwn(names, folded) ? names[folded]! : null;
}

/** Every known name, for hints. */
export function typeNames(): readonly string[] {
  return Object.keys(names);
}
