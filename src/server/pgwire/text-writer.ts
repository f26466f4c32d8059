import { type BytesColumn, type Column, type FixedColumn, readDatum } from '../../batch/index.ts';
import { type DatumFormatOptions, formatDatum, formatFloat8 } from '../../types/index.ts';
import { dayIsPlain, microsArePlain, writeDate, writeInteger, writeShortDecimal, writeTimeOfDay, writeTimestamp } from './digit-writer.ts';
import type { OutputStyle } from './session-contract.ts';
import type { WireBuffer } from './wire-buffer.ts';

/** Writes the value of a row that is not NULL, without its length. */
export type ValueWriter = (out: WireBuffer, row: number) => void;

const TWO_32 = 4294967296;

/** The writer of a column in PostgreSQL's text format. The frequent types go from the column to the bytes without a value between. */
export function textWriter(column: Column, style: OutputStyle): ValueWriter {
  return column.storage === 'bytes' ? bytesTextWriter(column, style) : (fixedTextWriter(column, style) ?? datumTextWriter(column, style));
}

function fixedTextWriter(column: FixedColumn, style: OutputStyle): ValueWriter | null {
  const { i32 } = column;
  switch (column.type.kind) {
    case 'bool':
      return (out, row) => out.byte(i32[2 * row] === 0 ? 0x66 : 0x74);
    case 'int2':
    case 'int4':
      return (out, row) => {
        out.reserve(20);
        writeInteger(out, i32[2 * row]!);
      };
    case 'int8':
      return int8TextWriter(column, datumTextWriter(column, style));
    case 'float8':
      return float8TextWriter(column, style);
    case 'date':
      return dateTextWriter(column, datumTextWriter(column, style));
    case 'time':
      return (out, row) => {
        out.reserve(32);
        // 24:00:00 is a legal time and comes out right, too.
        writeTimeOfDay(out, i32[2 * row + 1]! * TWO_32 + (i32[2 * row]! >>> 0));
      };
    case 'timestamp':
      return timestampTextWriter(column, '', datumTextWriter(column, style));
    case 'timestamptz':
      return isUtc(style.timeZone) ? timestampTextWriter(column, '+00', datumTextWriter(column, style)) : null;
    default:
      return null;
  }
}

function int8TextWriter(column: FixedColumn, general: ValueWriter): ValueWriter {
  const { i32 } = column;
  return (out, row) => {
    const value = i32[2 * row + 1]! * TWO_32 + (i32[2 * row]! >>> 0);
    if (value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER) return general(out, row);
    out.reserve(20);
    writeInteger(out, value);
  };
}

function float8TextWriter({ f64 }: FixedColumn, { extraFloatDigits }: OutputStyle): ValueWriter {
  return (out, row) => {
    const value = f64[row]!;
    out.reserve(32);
    if (extraFloatDigits > 0 && writeShortDecimal(out, value)) return;
    out.text(formatFloat8(value, extraFloatDigits));
  };
}

function dateTextWriter(column: FixedColumn, general: ValueWriter): ValueWriter {
  const { i32 } = column;
  return (out, row) => {
    const days = i32[2 * row]!;
    if (!dayIsPlain(days)) return general(out, row);
    out.reserve(32);
    writeDate(out, days);
  };
}

function timestampTextWriter(column: FixedColumn, suffix: '' | '+00', general: ValueWriter): ValueWriter {
  const { i32 } = column;
  return (out, row) => {
    const micros = i32[2 * row + 1]! * TWO_32 + (i32[2 * row]! >>> 0);
    if (!microsArePlain(micros)) return general(out, row);
    out.reserve(40);
    writeTimestamp(out, micros);
    if (suffix !== '') out.text(suffix);
  };
}

function isUtc(timeZone: string): boolean {
  return timeZone === 'UTC' || timeZone === 'Etc/UTC' || timeZone === 'GMT';
}

function bytesTextWriter(column: BytesColumn, style: OutputStyle): ValueWriter {
  switch (column.type.kind) {
    case 'text':
    case 'varchar':
    case 'char':
    case 'name':
    case 'internal_char':
    case 'unknown':
    case 'jsonb':
      return rawWriter(column);
    default:
      return datumTextWriter(column, style);
  }
}

/** The bytes as they lie in the column. */
export function rawWriter(column: BytesColumn): ValueWriter {
  const { data, starts, ends } = column;
  return (out, row) => {
    const start = starts[row]!;
    const end = ends[row]!;
    out.reserve(end - start);
    const { bytes } = out;
    let at = out.position;
    // A call of `set` costs more than copying a short text byte by byte.
    if (end - start > 48) bytes.set(data.subarray(start, end), at);
    else for (let from = start; from < end; from++) bytes[at++] = data[from]!;
    out.position += end - start;
  };
}

function datumTextWriter(column: Column, style: OutputStyle): ValueWriter {
  const options: DatumFormatOptions = {
    timeZone: style.timeZone,
    extraFloatDigits: style.extraFloatDigits,
    objectName: style.registeredName,
  };
  return (out, row) => out.text(formatDatum(column.type, readDatum(column, row)!, options));
}
