import type { RowField, SqlType } from './sql-type.ts';

/** Digits of a time type declared without precision, as in PostgreSQL. */
export const DEFAULT_TIME_PRECISION = 6;

export const boolType: SqlType = { kind: 'bool' };
export const int2Type: SqlType = { kind: 'int2' };
export const int4Type: SqlType = { kind: 'int4' };
export const int8Type: SqlType = { kind: 'int8' };
export const float4Type: SqlType = { kind: 'float4' };
export const float8Type: SqlType = { kind: 'float8' };
export const textType: SqlType = { kind: 'text' };
export const byteaType: SqlType = { kind: 'bytea' };
export const dateType: SqlType = { kind: 'date' };
export const intervalType: SqlType = { kind: 'interval' };
export const uuidType: SqlType = { kind: 'uuid' };
export const jsonbType: SqlType = { kind: 'jsonb' };
export const unknownType: SqlType = { kind: 'unknown' };
export const nameType: SqlType = { kind: 'name' };
export const oidType: SqlType = { kind: 'oid' };
export const regtypeType: SqlType = { kind: 'regtype' };
export const regprocType: SqlType = { kind: 'regproc' };
export const internalCharType: SqlType = { kind: 'internal_char' };
/** NUMERIC without precision: every value keeps its own scale. */
export const numericType: SqlType = { kind: 'numeric', precision: null, scale: null };
export const varcharType: SqlType = { kind: 'varchar', length: null };
export const charType: SqlType = { kind: 'char', length: null };
export const timeType: SqlType = { kind: 'time', precision: DEFAULT_TIME_PRECISION };
export const timestampType: SqlType = { kind: 'timestamp', precision: DEFAULT_TIME_PRECISION };
export const timestamptzType: SqlType = { kind: 'timestamptz', precision: DEFAULT_TIME_PRECISION };

export function numericOf(precision: number, scale = 0): SqlType {
  return { kind: 'numeric', precision, scale };
}

export function arrayOf(element: SqlType): SqlType {
  return { kind: 'array', element };
}

export function mapOf(key: SqlType, value: SqlType): SqlType {
  return { kind: 'map', key, value };
}

export function rowOf(fields: readonly RowField[]): SqlType {
  return { kind: 'row', fields };
}

/** The type of a kind without modifiers; arrays and maps are of `unknown` and rows empty. */
export function typeOfKind(kind: SqlType['kind']): SqlType {
  switch (kind) {
    case 'numeric':
      return numericType;
    case 'varchar':
      return varcharType;
    case 'char':
      return charType;
    case 'time':
      return timeType;
    case 'timestamp':
      return timestampType;
    case 'timestamptz':
      return timestamptzType;
    case 'array':
      return arrayOf(unknownType);
    case 'row':
      return rowOf([]);
    case 'map':
      return mapOf(unknownType, unknownType);
    default:
      return { kind };
  }
}

/** SMALLINT, INTEGER, BIGINT. */
export function isIntegerType({ kind }: SqlType): boolean {
  return kind === 'int2' || kind === 'int4' || kind === 'int8';
}
