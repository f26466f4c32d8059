import type { SqlType } from '../../types/index.ts';

/** pg_type.typcategory, by letter: Boolean, Numeric, String, Date/time, Timespan, Array, Composite, User, unknown X, internal Z. */
export type TypeCategory = 'B' | 'N' | 'S' | 'D' | 'T' | 'A' | 'C' | 'U' | 'X' | 'Z';

const categories: Readonly<Record<SqlType['kind'], TypeCategory>> = {
  bool: 'B',
  int2: 'N',
  int4: 'N',
  int8: 'N',
  float4: 'N',
  float8: 'N',
  numeric: 'N',
  oid: 'N',
  regclass: 'N',
  regtype: 'N',
  regproc: 'N',
  regnamespace: 'N',
  text: 'S',
  varchar: 'S',
  char: 'S',
  name: 'S',
  date: 'D',
  time: 'D',
  timestamp: 'D',
  timestamptz: 'D',
  interval: 'T',
  array: 'A',
  row: 'C',
  map: 'U',
  bytea: 'U',
  uuid: 'U',
  jsonb: 'U',
  unknown: 'X',
  internal_char: 'Z',
  void: 'Z',
};

const preferredKinds: ReadonlySet<SqlType['kind']> = new Set(['bool', 'float8', 'oid', 'text', 'timestamptz', 'interval']);

export function typeCategory(type: SqlType): TypeCategory {
  return categories[type.kind];
}

/** pg_type.typispreferred: the type of its category that overload resolution leans to. */
export function isPreferred(type: SqlType): boolean {
  return preferredKinds.has(type.kind);
}

/** Equal but for lengths and precisions, the sense in which types are equal to overload resolution. */
export function sameKind(left: SqlType, right: SqlType): boolean {
  if (left.kind === 'array' && right.kind === 'array') return sameKind(left.element, right.element);
  if (left.kind === 'row' && right.kind === 'row') {
    return left.fields.length === right.fields.length && left.fields.every((field, index) => sameKind(field.type, right.fields[index]!.type));
  }
  if (left.kind === 'map' && right.kind === 'map') return sameKind(left.key, right.key) && sameKind(left.value, right.value);
  return left.kind === right.kind;
}
