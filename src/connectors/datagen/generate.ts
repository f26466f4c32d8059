import { type Column, ColumnBuilder } from '../../batch/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import { type Datum, encodeUtf8, type SqlType, storageKind } from '../../types/index.ts';
import type { FieldGenerator } from './options.ts';

/** What makes rows: position n of a split always gives the same row, so that a replay repeats it. */
export interface GeneratorShape {
  readonly columns: readonly EdgeColumn[];
  readonly fields: readonly FieldGenerator[];
  readonly seed: number;
  /** Event time of position 0 and the distance between two rows. */
  readonly startMicros: number;
  readonly stepMicros: number;
}

interface Cell {
  readonly type: SqlType;
  readonly field: FieldGenerator;
  readonly position: number;
  readonly noise: number;
}

const ARRAY_LENGTH = 3;

/** Columns of rows [from, from + count). */
export function generateColumns(shape: GeneratorShape, from: number, count: number): Column[] {
  return shape.columns.map((column, index) => generateColumn(shape, index, { type: column.type, from, count }));
}

function generateColumn(
  shape: GeneratorShape,
  index: number,
  range: { readonly type: SqlType; readonly from: number; readonly count: number },
): Column {
  const builder = new ColumnBuilder(range.type);
  const field = shape.fields[index]!;
  for (let row = 0; row < range.count; row++) {
    const position = range.from + row;
    const noise = mix(shape.seed + Math.imul(index + 1, 0x9e3779b1), position);
    if (field.nullRate > 0 && mix(noise, 7) / 4294967296 < field.nullRate) builder.appendNull();
    else appendValue(builder, shape, { type: range.type, field, position, noise });
  }
  return builder.finish();
}

function appendValue(builder: ColumnBuilder, shape: GeneratorShape, cell: Cell): void {
  const { type, field, position, noise } = cell;
  const uniform = noise / 4294967296;
  switch (type.kind) {
    case 'timestamp':
    case 'timestamptz':
      builder.appendSafeInteger(shape.startMicros + Math.floor(position * shape.stepMicros));
      return;
    case 'bool':
      builder.appendInt32(noise & 1);
      return;
    case 'float4':
    case 'float8':
      builder.appendFloat((field.min ?? 0) + uniform * ((field.max ?? 1) - (field.min ?? 0)));
      return;
    case 'text':
    case 'varchar':
      builder.appendText(textValue(cell));
      return;
    default:
      if (storageKind(type) === 'int') builder.appendSafeInteger(integerValue(cell, uniform));
      else builder.append(datumOf(shape, cell));
  }
}

/** Of any type: what holds others has generated ones, each with a noise of its own. */
function datumOf(shape: GeneratorShape, cell: Cell): Datum {
  const { type, field, position, noise } = cell;
  const uniform = noise / 4294967296;
  const part = (of: SqlType, index: number): Datum => datumOf(shape, { type: of, field, position, noise: mix(noise, index + 1) });
  switch (type.kind) {
    case 'array':
      return { elements: Array.from({ length: ARRAY_LENGTH }, (_, index) => part(type.element, index)) };
    case 'row':
      return { fields: type.fields.map((of, index) => part(of.type, index)) };
    case 'map':
      return { keys: [part(type.key, 0)], values: [part(type.value, 1)] };
    case 'timestamp':
    case 'timestamptz':
      return BigInt(shape.startMicros + Math.floor(position * shape.stepMicros));
    case 'bool':
      return (noise & 1) === 1;
    case 'float4':
    case 'float8':
      return (field.min ?? 0) + uniform * ((field.max ?? 1) - (field.min ?? 0));
    case 'numeric': {
      const scale = type.scale ?? 0;
      const low = (field.min ?? 0) * 10 ** scale;
      const high = (field.max ?? 1000) * 10 ** scale;
      return { mantissa: BigInt(Math.floor(low + uniform * (high - low + 1))), scale };
    }
    case 'int2':
    case 'int4':
    case 'date':
      return integerValue(cell, uniform);
    case 'int8':
    case 'time':
      return BigInt(integerValue(cell, uniform));
    case 'interval':
      return { months: 0, days: 0, micros: BigInt(integerValue(cell, uniform)) };
    case 'bytea':
      return encodeUtf8(textValue(cell));
    case 'uuid':
      return uuidOf(noise);
    case 'jsonb':
      return JSON.stringify(textValue(cell));
    default:
      return textValue(cell);
  }
}

function uuidOf(noise: number): string {
  const digits = [0, 1, 2, 3].map((word) => mix(noise, word).toString(16).padStart(8, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function integerValue(cell: { readonly type: SqlType; readonly field: FieldGenerator; readonly position: number }, uniform: number): number {
  const { field } = cell;
  if (field.kind === 'sequence') return field.start + cell.position;
  const min = field.min ?? 0;
  const max = field.max ?? (cell.type.kind === 'int2' ? 32767 : 2147483647);
  return Math.floor(min + uniform * (max - min + 1));
}

function textValue(cell: { readonly field: FieldGenerator; readonly position: number; readonly noise: number }): string {
  const { field } = cell;
  if (field.kind === 'sequence') return String(field.start + cell.position);
  if (field.choices !== null) return field.choices[cell.noise % field.choices.length]!;
  let text = '';
  let noise = cell.noise;
  for (let i = 0; i < field.length; i++) {
    noise = mix(noise, i);
    text += (noise % 16).toString(16);
  }
  return text;
}

/** Two 32-bit numbers to one well mixed one (murmur3's finaliser). */
function mix(seed: number, value: number): number {
  let hash = (seed ^ Math.imul(value | 0, 0xcc9e2d51) ^ Math.imul(Math.floor(value / 4294967296), 0x1b873593)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
