import type { SqlType } from './sql-type.ts';
import { DEFAULT_TIME_PRECISION } from './type-constants.ts';

const SIMPLE_NAMES: Partial<Record<SqlType['kind'], string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  internal_char: '"char"',
};

/** The type's name as PostgreSQL's format_type prints it: `timestamp(3) without time zone`, `numeric(10,2)`, `text[]`. */
export function formatType(type: SqlType): string {
  switch (type.kind) {
    case 'numeric':
      return type.precision === null ? 'numeric' : `numeric(${type.precision},${type.scale ?? 0})`;
    case 'varchar':
      return type.length === null ? 'character varying' : `character varying(${type.length})`;
    case 'char':
      return type.length === null ? 'bpchar' : `character(${type.length})`;
    case 'time':
      return `time${precisionSuffix(type.precision)} without time zone`;
    case 'timestamp':
      return `timestamp${precisionSuffix(type.precision)} without time zone`;
    case 'timestamptz':
      return `timestamp${precisionSuffix(type.precision)} with time zone`;
    case 'array':
      return `${formatType(innermostElement(type))}[]`;
    case 'row':
      return 'record';
    case 'map':
      // A number of a type tells nothing of what is inside.
      return type.key.kind === 'unknown' ? 'map' : `map(${formatType(type.key)}, ${formatType(type.value)})`;
    default:
      return SIMPLE_NAMES[type.kind] ?? type.kind;
  }
}

/** The name without modifiers, as error messages show it (`value too long for type character varying(3)` uses formatType). */
export function formatTypeKind(type: SqlType): string {
  switch (type.kind) {
    case 'numeric':
      return 'numeric';
    case 'varchar':
      return 'character varying';
    case 'char':
      return 'character';
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return formatType({ kind: type.kind, precision: DEFAULT_TIME_PRECISION });
    case 'array':
      return `${formatTypeKind(innermostElement(type))}[]`;
    case 'map':
      return `map(${formatTypeKind(type.key)}, ${formatTypeKind(type.value)})`;
    default:
      return formatType(type);
  }
}

/** PostgreSQL has one array type whatever the number of dimensions; ours nest. */
export function innermostElement(type: SqlType): SqlType {
  return type.kind === 'array' ? innermostElement(type.element) : type;
}

function precisionSuffix(precision: number): string {
  return precision === DEFAULT_TIME_PRECISION ? '' : `(${precision})`;
}
