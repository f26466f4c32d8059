import { SqlError, SqlState } from '../../base/index.ts';
import { BytesColumn, type Column, columnFromDatums, FixedColumn, readDatum } from '../../batch/index.ts';
import type { SourceChunk } from '../../spi/index.ts';
import { type ArrayDatum, type MapType, makeMap, type RowDatum, type SqlType, storageKind } from '../../types/index.ts';

/** A metadata column of a chunk: what the connector supplies, or the position and timestamp every chunk has. */
export function metadataColumn(chunk: SourceChunk, key: string, type: SqlType): Column {
  const supplied = chunk.metadata.get(key);
  if (supplied !== undefined) return type.kind === 'map' ? pairsAsMap(supplied, type, chunk.rowCount) : withType(supplied, type, key);
  if (key === 'offset') return integers(chunk.positions, 1, type);
  if (key === 'timestamp' && chunk.timestampsMs !== null) return integers(chunk.timestampsMs, storageMicros(type), type);
  throw new SqlError({ code: SqlState.internalError, message: `the connector supplies no metadata "${key}"`, class: 'internal' });
}

/** Times are microseconds, a plain integer keeps the milliseconds. */
function storageMicros(type: SqlType): number {
  return type.kind === 'timestamp' || type.kind === 'timestamptz' ? 1000 : 1;
}

function integers(values: Float64Array, factor: number, type: SqlType): Column {
  const column = new FixedColumn(type, new Float64Array(values.length), null);
  const words = column.i32;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]! * factor;
    const high = Math.floor(value / 4294967296);
    words[2 * row] = value - high * 4294967296;
    words[2 * row + 1] = high;
  }
  return column;
}

/** The declared type may differ in width only: both are 8-byte slots, or both bytes. */
function withType(column: Column, type: SqlType, key: string): Column {
  if (column.storage !== storageKind(type)) {
    throw new SqlError({ code: SqlState.datatypeMismatch, message: `metadata "${key}" has type ${column.type.kind}, not ${type.kind}` });
  }
  if (column.storage !== 'bytes') return new FixedColumn(type, column.f64, column.valid);
  return new BytesColumn(type, column);
}

/** Of pairs with one key the last counts, as in Flink. */
function pairsAsMap(column: Column, type: MapType, rowCount: number): Column {
  const maps = Array.from({ length: rowCount }, (_, row) => {
    const pairs = (readDatum(column, row) as ArrayDatum).elements as readonly RowDatum[];
    return makeMap(
      type,
      pairs.map(({ fields: [key, value] }) => [key ?? null, value ?? null]),
    );
  });
  return columnFromDatums(type, maps);
}
