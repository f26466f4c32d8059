import { type BytesColumn, type Column, type FixedColumn, readDatum } from '../../batch/index.ts';
import { encodeBinary } from '../../types/index.ts';
import { rawWriter, type ValueWriter } from './text-writer.ts';

/** Days and microseconds from 1970-01-01 to PostgreSQL's epoch, 2000-01-01. */
const EPOCH_DAYS = 10957;
const EPOCH_MICROS = 946_684_800_000_000n;
/** `infinity` and `-infinity` are the extreme values in both countings. */
const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
const INT64_MIN = -0x8000_0000_0000_0000n;
const INT32_MAX = 0x7fff_ffff;
const INT32_MIN = -0x8000_0000;

/** The writer of a column in PostgreSQL's binary format (the type's send function). */
export function binaryWriter(column: Column): ValueWriter {
  if (column.storage === 'bytes') return bytesBinaryWriter(column);
  return fixedBinaryWriter(column) ?? datumBinaryWriter(column);
}

function fixedBinaryWriter(column: FixedColumn): ValueWriter | null {
  const { i32, i64, f64 } = column;
  switch (column.type.kind) {
    case 'bool':
      return (out, row) => out.byte(i32[2 * row] === 0 ? 0 : 1);
    case 'int2':
      return (out, row) => out.int16(i32[2 * row]!);
    case 'int4':
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
      return (out, row) => out.int32(i32[2 * row]!);
    case 'int8':
    case 'time':
      return (out, row) => {
        out.int32(i32[2 * row + 1]!);
        out.int32(i32[2 * row]!);
      };
    case 'float4':
      return (out, row) => {
        out.reserve(4);
        out.view.setFloat32(out.position, f64[row]!);
        out.position += 4;
      };
    case 'float8':
      return (out, row) => {
        out.reserve(8);
        out.view.setFloat64(out.position, f64[row]!);
        out.position += 8;
      };
    case 'date':
      return (out, row) => {
        const days = i32[2 * row]!;
        out.int32(days === INT32_MAX || days === INT32_MIN ? days : days - EPOCH_DAYS);
      };
    case 'timestamp':
    case 'timestamptz':
      return (out, row) => {
        const micros = i64[row]!;
        out.reserve(8);
        out.view.setBigInt64(out.position, micros === INT64_MAX || micros === INT64_MIN ? micros : micros - EPOCH_MICROS);
        out.position += 8;
      };
    default:
      return null;
  }
}

function bytesBinaryWriter(column: BytesColumn): ValueWriter {
  switch (column.type.kind) {
    case 'text':
    case 'varchar':
    case 'char':
    case 'name':
    case 'internal_char':
    case 'unknown':
    case 'bytea':
    case 'uuid':
      return rawWriter(column);
    case 'jsonb': {
      const write = rawWriter(column);
      return (out, row) => {
        out.byte(1);
        write(out, row);
      };
    }
    default:
      return datumBinaryWriter(column);
  }
}

function datumBinaryWriter(column: Column): ValueWriter {
  return (out, row) => out.raw(encodeBinary(column.type, readDatum(column, row)!));
}
