import { Batch } from './batch.ts';
import { BytesColumn, type Column, FixedColumn } from './column.ts';
import { RangeCopier, rangesLength } from './copy-bytes.ts';

/** Rows `selection[0..count)` of a column. Text is not copied: the result refers to the same data. */
export function gatherColumn(column: Column, selection: Int32Array, count: number): Column {
  const valid = gatherValid(column.valid, selection, count);
  if (column.storage === 'bytes') {
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    gatherRanges(column, { selection, count }, starts, ends);
    return new BytesColumn(column.type, { data: column.data, starts, ends, valid });
  }
  const slots = new Float64Array(count);
  gatherSlots(column.i32, selection, new Int32Array(slots.buffer));
  return new FixedColumn(column.type, slots, valid);
}

export function gatherBatch(batch: Batch, selection: Int32Array, count: number): Batch {
  const columns = batch.columns.map((column) => gatherColumn(column, selection, count));
  return new Batch(count, columns, batch.weights === null ? null : gatherInt32(batch.weights, selection, count));
}

/** Rows [start, end) without copying. */
function sliceColumn(column: Column, start: number, end: number): Column {
  const valid = column.valid === null ? null : column.valid.subarray(start, end);
  if (column.storage !== 'bytes') return new FixedColumn(column.type, column.f64.subarray(start, end), valid);
  return new BytesColumn(column.type, {
    data: column.data,
    starts: column.starts.subarray(start, end),
    ends: column.ends.subarray(start, end),
    valid,
  });
}

/** Rows [start, end) without copying. */
export function sliceBatch(batch: Batch, start: number, end: number): Batch {
  if (start === 0 && end === batch.rowCount) return batch;
  const columns = batch.columns.map((column) => sliceColumn(column, start, end));
  return new Batch(end - start, columns, batch.weights === null ? null : batch.weights.subarray(start, end));
}

/** The columns at `indices`, in that order; rows and weights stay. */
export function projectBatch(batch: Batch, indices: readonly number[]): Batch {
  return new Batch(
    batch.rowCount,
    indices.map((index) => batch.columns[index]!),
    batch.weights,
  );
}

/** All rows of batches of equal types, in order. At least one batch is needed, since an empty list has no types. */
export function concatBatches(batches: readonly Batch[]): Batch {
  const first = batches[0]!;
  if (batches.length === 1) return first;
  let rowCount = 0;
  for (const batch of batches) rowCount += batch.rowCount;
  const columns = first.columns.map((_, index) =>
    concatColumns(
      batches.map((batch) => batch.columns[index]!),
      batches.map((batch) => batch.rowCount),
    ),
  );
  return new Batch(rowCount, columns, concatWeights(batches, rowCount));
}

/** Rows [0, rowCounts[i]) of each column, one after the other. Text is copied, so the result is compact. */
function concatColumns(columns: readonly Column[], rowCounts: readonly number[]): Column {
  const total = rowCounts.reduce((sum, count) => sum + count, 0);
  const valid = concatValid(columns, rowCounts, total);
  if (columns[0]!.storage === 'bytes') return concatBytesColumns(columns as readonly BytesColumn[], rowCounts, valid);
  const slots = new Float64Array(total);
  let at = 0;
  for (let index = 0; index < columns.length; index++) {
    slots.set((columns[index] as FixedColumn).f64.subarray(0, rowCounts[index]!), at);
    at += rowCounts[index]!;
  }
  return new FixedColumn(columns[0]!.type, slots, valid);
}

/** True of a buffer at least three quarters of which hold rows that are kept. */
type IsTight = (buffer: ArrayBufferLike) => boolean;

/**
 * The column in buffers of its own: a view into a message buffer would otherwise keep the whole buffer alive for as long as
 * the row is in state. A column whose buffers are tight already comes back as it is.
 */
function compactColumn(column: Column, rowCount: number, isTight: IsTight): Column {
  const valid = column.valid === null || isTight(column.valid.buffer) ? column.valid : column.valid.slice(0, rowCount);
  if (column.storage !== 'bytes') {
    if (isTight(column.f64.buffer) && valid === column.valid) return column;
    return new FixedColumn(column.type, column.f64.slice(0, rowCount), valid);
  }
  if (isTight(column.data.buffer) && isTight(column.starts.buffer) && isTight(column.ends.buffer) && valid === column.valid) return column;
  return copyBytesColumn(column, rowCount, valid);
}

/** The column with a copy of the bytes its rows have, and of nothing else. */
export function copyBytesColumn(column: BytesColumn, rowCount: number, valid: Uint8Array | null = column.valid): BytesColumn {
  const data = new Uint8Array(rangesLength(column.starts, column.ends, rowCount));
  const offsets = new Int32Array(rowCount + 1);
  new RangeCopier(column.data, data).copyAll({ starts: column.starts, ends: column.ends, rowCount }, 0, offsets);
  return new BytesColumn(column.type, { data, starts: offsets.subarray(0, rowCount), ends: offsets.subarray(1), valid });
}

/** Every column compact: needed before rows are kept in state. Columns may share a buffer, as those of a frame from another slot do. */
export function compactBatch(batch: Batch): Batch {
  const used = usedBytes(batch);
  const isTight: IsTight = (buffer) => buffer.byteLength <= 64 || buffer.byteLength * 3 <= used.get(buffer)! * 4;
  return new Batch(
    batch.rowCount,
    batch.columns.map((column) => compactColumn(column, batch.rowCount, isTight)),
    batch.weights,
  );
}

/** Bytes of each buffer that the batch's rows use. */
function usedBytes(batch: Batch): Map<ArrayBufferLike, number> {
  const used = new Map<ArrayBufferLike, number>();
  const add = (buffer: ArrayBufferLike, bytes: number): void => {
    used.set(buffer, (used.get(buffer) ?? 0) + bytes);
  };
  for (const column of new Set(batch.columns)) {
    if (column.valid !== null) add(column.valid.buffer, batch.rowCount);
    if (column.storage !== 'bytes') add(column.f64.buffer, batch.rowCount * 8);
    else {
      add(column.data.buffer, rangesLength(column.starts, column.ends, batch.rowCount));
      add(column.starts.buffer, batch.rowCount * 4);
      // Starts and ends of dense text are two views of the same offsets.
      add(column.ends.buffer, column.ends.buffer === column.starts.buffer ? 4 : batch.rowCount * 4);
    }
  }
  return used;
}

export function gatherInt32(values: Int32Array, selection: Int32Array, count: number): Int32Array {
  const result = new Int32Array(count);
  for (let index = 0; index < count; index++) result[index] = values[selection[index]!]!;
  return result;
}

function gatherSlots(from: Int32Array, selection: Int32Array, to: Int32Array): void {
  const count = to.length >> 1;
  for (let index = 0; index < count; index++) {
    const row = 2 * selection[index]!;
    to[2 * index] = from[row]!;
    to[2 * index + 1] = from[row + 1]!;
  }
}

function gatherRanges(column: BytesColumn, rows: { selection: Int32Array; count: number }, starts: Int32Array, ends: Int32Array): void {
  const { selection, count } = rows;
  const fromStarts = column.starts;
  const fromEnds = column.ends;
  for (let index = 0; index < count; index++) {
    const row = selection[index]!;
    starts[index] = fromStarts[row]!;
    ends[index] = fromEnds[row]!;
  }
}

function gatherValid(valid: Uint8Array | null, selection: Int32Array, count: number): Uint8Array | null {
  if (valid === null) return null;
  const result = new Uint8Array(count);
  let present = 0;
  for (let index = 0; index < count; index++) {
    const bit = valid[selection[index]!]!;
    result[index] = bit;
    present += bit;
  }
  return present === count ? null : result;
}

function concatValid(columns: readonly Column[], rowCounts: readonly number[], total: number): Uint8Array | null {
  if (columns.every((column) => column.valid === null)) return null;
  const result = new Uint8Array(total).fill(1);
  let at = 0;
  for (let index = 0; index < columns.length; index++) {
    const valid = columns[index]!.valid;
    if (valid !== null) result.set(valid.subarray(0, rowCounts[index]!), at);
    at += rowCounts[index]!;
  }
  return result;
}

function concatBytesColumns(columns: readonly BytesColumn[], rowCounts: readonly number[], valid: Uint8Array | null): BytesColumn {
  let rows = 0;
  let bytes = 0;
  for (let index = 0; index < columns.length; index++) {
    bytes += rangesLength(columns[index]!.starts, columns[index]!.ends, rowCounts[index]!);
    rows += rowCounts[index]!;
  }
  const data = new Uint8Array(bytes);
  const offsets = new Int32Array(rows + 1);
  let row = 0;
  let position = 0;
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]!;
    const rowCount = rowCounts[index]!;
    const part = offsets.subarray(row, row + rowCount + 1);
    new RangeCopier(column.data, data).copyAll({ starts: column.starts, ends: column.ends, rowCount }, position, part);
    for (let at = 0; at <= rowCount; at++) part[at]! += position;
    row += rowCount;
    position = offsets[row]!;
  }
  return new BytesColumn(columns[0]!.type, { data, starts: offsets.subarray(0, rows), ends: offsets.subarray(1), valid });
}

function concatWeights(batches: readonly Batch[], rowCount: number): Int32Array | null {
  if (batches.every((batch) => batch.weights === null)) return null;
  const weights = new Int32Array(rowCount).fill(1);
  let at = 0;
  for (const batch of batches) {
    if (batch.weights !== null) weights.set(batch.weights.subarray(0, batch.rowCount), at);
    at += batch.rowCount;
  }
  return weights;
}
