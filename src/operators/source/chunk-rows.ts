import { gatherColumn } from '../../batch/index.ts';
import type { EncodedMessages, SourceChunk } from '../../spi/index.ts';

/** Rows [from, to) of a chunk; what it stands on is shared. */
export function sliceChunk(chunk: SourceChunk, from: number, to: number): SourceChunk {
  if (from === 0 && to === chunk.rowCount) return chunk;
  const rows = new Int32Array(to - from);
  for (let row = from; row < to; row++) rows[row - from] = row;
  return gatherChunk(chunk, rows);
}

/** Some rows of a chunk, ascending. */
export function gatherChunk(chunk: SourceChunk, rows: Int32Array): SourceChunk {
  const count = rows.length;
  const gather = (column: Parameters<typeof gatherColumn>[0]) => gatherColumn(column, rows, count);
  return {
    split: chunk.split,
    nextPosition: chunk.nextPosition,
    rowCount: count,
    positions: gatherFloat64(chunk.positions, rows),
    messages: chunk.messages && gatherMessages(chunk.messages, rows),
    keys: chunk.keys && gatherMessages(chunk.keys, rows),
    columns: chunk.columns?.map(gather) ?? null,
    weights: chunk.weights && rows.map((row) => chunk.weights![row]!),
    timestampsMs: chunk.timestampsMs && gatherFloat64(chunk.timestampsMs, rows),
    metadata: {
      get: (key) => {
        const column = chunk.metadata.get(key);
        return column && gather(column);
      },
    },
  };
}

function gatherMessages(messages: EncodedMessages, rows: Int32Array): EncodedMessages {
  const starts = rows.map((row) => messages.starts[row]!);
  const ends = rows.map((row) => messages.ends[row]!);
  const skip = messages.skip === undefined ? undefined : Uint8Array.from(rows, (row) => messages.skip![row]!);
  return { ...messages, count: rows.length, starts, ends, skip };
}

function gatherFloat64(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
