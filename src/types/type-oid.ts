import type { SqlType, TypeKind } from './sql-type.ts';
import { arrayOf, DEFAULT_TIME_PRECISION, typeOfKind } from './type-constants.ts';
import { innermostElement } from './type-name.ts';

/** Oid of the type, oid of its array type, and pg_type.typlen (-1: variable), as in PostgreSQL's pg_type.dat. */
const PG_TYPES: Record<Exclude<TypeKind, 'array'>, readonly [oid: number, arrayOid: number, length: number]> = {
  bool: [16, 1000, 1],
  bytea: [17, 1001, -1],
  internal_char: [18, 1002, 1],
  name: [19, 1003, 64],
  int8: [20, 1016, 8],
  int2: [21, 1005, 2],
  int4: [23, 1007, 4],
  regproc: [24, 1008, 4],
  text: [25, 1009, -1],
  oid: [26, 1028, 4],
  float4: [700, 1021, 4],
  float8: [701, 1022, 8],
  unknown: [705, 0, -2],
  char: [1042, 1014, -1],
  varchar: [1043, 1015, -1],
  date: [1082, 1182, 4],
  time: [1083, 1183, 8],
  timestamp: [1114, 1115, 8],
  timestamptz: [1184, 1185, 8],
  interval: [1186, 1187, 16],
  numeric: [1700, 1231, -1],
  regclass: [2205, 2210, 4],
  regtype: [2206, 2211, 4],
  row: [2249, 2287, -1],
  void: [2278, 0, 4],
  uuid: [2950, 2951, 16],
  jsonb: [3802, 3807, -1],
  regnamespace: [4089, 4090, 4],
  // PostgreSQL has no maps: numbers it gives to nothing, which clients read as text.
  map: [16_001, 16_002, -1],
};

const kindByOid = new Map<number, { kind: Exclude<TypeKind, 'array'>; array: boolean }>();
for (const [kind, [oid, arrayOid]] of Object.entries(PG_TYPES) as [Exclude<TypeKind, 'array'>, readonly [number, number, number]][]) {
  kindByOid.set(oid, { kind, array: false });
  if (arrayOid !== 0) kindByOid.set(arrayOid, { kind, array: true });
}

/** pg_type.oid of the type. */
export function typeOid(type: SqlType): number {
  if (type.kind === 'array') return arrayTypeOid(innermostElement(type));
  return PG_TYPES[type.kind][0];
}

/** Oid of the array type over `element`. */
export function arrayTypeOid(element: SqlType): number {
  const innermost = innermostElement(element);
  return innermost.kind === 'array' ? 0 : PG_TYPES[innermost.kind][1];
}

/** pg_type.typlen: bytes of a fixed-length value, -1 for variable length. */
export function typeLength(type: SqlType): number {
  return type.kind === 'array' ? -1 : PG_TYPES[type.kind][2];
}

/** The type of an oid and typmod (-1: no modifier), or null where fsql has no such type. */
export function typeByOid(oid: number, typmod = -1): SqlType | null {
  const entry = kindByOid.get(oid);
  if (entry === undefined) return null;
  const type = withTypmod(entry.kind, typmod);
  return entry.array ? arrayOf(type) : type;
}

/** pg_attribute.atttypmod: -1 without modifier, otherwise PostgreSQL's encoding (lengths and numerics are offset by 4). */
export function encodeTypmod(type: SqlType): number {
  switch (type.kind) {
    case 'numeric':
      return type.precision === null ? -1 : ((type.precision << 16) | ((type.scale ?? 0) & 0x7ff)) + 4;
    case 'varchar':
    case 'char':
      return type.length === null ? -1 : type.length + 4;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return type.precision === DEFAULT_TIME_PRECISION ? -1 : type.precision;
    case 'array':
      return encodeTypmod(innermostElement(type));
    default:
      return -1;
  }
}

function withTypmod(kind: Exclude<TypeKind, 'array'>, typmod: number): SqlType {
  if (typmod < 0) return typeOfKind(kind);
  switch (kind) {
    case 'numeric': {
      const packed = typmod - 4;
      // The scale is an 11-bit signed field since PostgreSQL 15.
      return { kind, precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
    }
    case 'varchar':
    case 'char':
      return { kind, length: typmod - 4 };
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { kind, precision: typmod };
    default:
      return typeOfKind(kind);
  }
}
