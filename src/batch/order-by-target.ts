import { Batch } from './batch.ts';
import { BytesColumn, type Column, FixedColumn } from './column.ts';
import { RangeCopier, rangesLength } from './copy-bytes.ts';

/**
 * The rows in order of their targets, in their old order within one: target t has rows [offsets[t], offsets[t + 1]). Each column is read from front to
 * back and written in `targetCount` places, which for many rows and few targets stays in the cache, where gathering a target's rows would not. Weights are dropped.
 * Pauses after each column.
 */
export function* orderByTarget(
  batch: Batch,
  targets: Int32Array,
  targetCount: number,
): Generator<void, { readonly batch: Batch; readonly offsets: Int32Array }> {
  const { rowCount } = batch;
  const offsets = new Int32Array(targetCount + 1);
  for (let row = 0; row < rowCount; row++) offsets[targets[row]! + 1]!++;
  for (let target = 0; target < targetCount; target++) offsets[target + 1]! += offsets[target]!;
  const next = offsets.slice();
  const places = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) places[row] = next[targets[row]!]!++;
  const columns: Column[] = [];
  for (const column of batch.columns) {
    yield;
    columns.push(scatterColumn(column, places));
  }
  return { batch: new Batch(rowCount, columns), offsets };
}

/** Row r goes to `places[r]`. */
function scatterColumn(column: Column, places: Int32Array): Column {
  const valid = column.valid === null ? null : scatterBytes(column.valid, places);
  if (column.storage === 'bytes') return scatterRanges(column, places, valid);
  const slots = new Float64Array(places.length);
  const from = column.i32;
  const to = new Int32Array(slots.buffer);
  for (let row = 0; row < places.length; row++) {
    const place = 2 * places[row]!;
    to[place] = from[2 * row]!;
    to[place + 1] = from[2 * row + 1]!;
  }
  return new FixedColumn(column.type, slots, valid);
}

function scatterBytes(from: Uint8Array, places: Int32Array): Uint8Array {
  const to = new Uint8Array(places.length);
  for (let row = 0; row < places.length; row++) to[places[row]!] = from[row]!;
  return to;
}

/** The text moves along, so that a target's is in one piece. */
function scatterRanges(column: BytesColumn, places: Int32Array, valid: Uint8Array | null): BytesColumn {
  const { starts, ends } = column;
  const rowCount = places.length;
  const offsets = new Int32Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) offsets[places[row]! + 1] = ends[row]! - starts[row]!;
  for (let place = 0; place < rowCount; place++) offsets[place + 1]! += offsets[place]!;
  const data = new Uint8Array(rangesLength(starts, ends, rowCount));
  const copier = new RangeCopier(column.data, data);
  for (let row = 0; row < rowCount; row++) copier.copy(starts[row]!, ends[row]!, offsets[places[row]!]!);
  return new BytesColumn(column.type, { data, starts: offsets.subarray(0, rowCount), ends: offsets.subarray(1), valid });
}
