/** A field of a ROW type; the name keeps the spelling it has in SQL after folding. */
export interface RowField {
  readonly name: string;
  readonly type: SqlType;
}

/**
 * A SQL type, plain data. `precision` of time types counts fractional digits (0 to 6). A NUMERIC without precision is
 * unconstrained and keeps each value's own display scale, as PostgreSQL's does. `unknown` is the type of an untyped
 * literal until the binder resolves it. `name`, `oid`, `regclass`, `regtype`, `regproc`, `regnamespace`, `internal_char` and
 * `void` exist for PostgreSQL's catalogs.
 */
export type SqlType =
  | { readonly kind: SimpleTypeKind }
  | { readonly kind: 'numeric'; readonly precision: number | null; readonly scale: number | null }
  | { readonly kind: 'varchar' | 'char'; readonly length: number | null }
  | { readonly kind: 'time' | 'timestamp' | 'timestamptz'; readonly precision: number }
  | { readonly kind: 'array'; readonly element: SqlType }
  | { readonly kind: 'row'; readonly fields: readonly RowField[] }
  | { readonly kind: 'map'; readonly key: SqlType; readonly value: SqlType };

export type SimpleTypeKind =
  | 'bool'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'float4'
  | 'float8'
  | 'text'
  | 'bytea'
  | 'date'
  | 'interval'
  | 'uuid'
  | 'jsonb'
  | 'unknown'
  | 'name'
  | 'oid'
  | 'regclass'
  | 'regtype'
  | 'regproc'
  | 'regnamespace'
  | 'internal_char'
  | 'void';

export type TypeKind = SqlType['kind'];

/**
 * How a column of a type lies in memory: `int` = 8-byte slots read as int64 (or, for types that fit, the low 32 bits),
 * `float` = 8-byte slots read as double, `bytes` = start and end into a data buffer. There is no fourth family.
 */
export type StorageKind = 'int' | 'float' | 'bytes';

export function storageKind(type: SqlType): StorageKind {
  switch (type.kind) {
    case 'bool':
    case 'int2':
    case 'int4':
    case 'int8':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
      return 'int';
    case 'float4':
    case 'float8':
      return 'float';
    default:
      return 'bytes';
  }
}

/** True where every value of the type fits the low 32 bits of its slot, so that kernels may read Int32 at 2 * row. */
export function fitsInt32(type: SqlType): boolean {
  return type.kind === 'bool' || type.kind === 'int2' || type.kind === 'int4' || type.kind === 'date';
}

/** Structural equality, type modifiers included. */
export function sameType(left: SqlType, right: SqlType): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
