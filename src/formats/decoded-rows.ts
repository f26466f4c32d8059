import { ascendingRows, type Column, gatherColumn } from '../batch/index.ts';
import type { DecodedBatch, EncodedMessages } from '../spi/index.ts';

/** The messages that become rows: neither null nor left out. Row r is data[starts[r], ends[r]) and came from message messageOf[r]. */
export interface MessageRows {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  readonly messageOf: Int32Array;
  /** Smallest range of the data that holds all rows. */
  readonly first: number;
  readonly last: number;
  /** Bytes of all rows together. */
  readonly bytes: number;
}

export function messageRows(messages: EncodedMessages): MessageRows {
  const { data, starts, ends, count, skip } = messages;
  let first = 0x7fff_ffff;
  let last = 0;
  let bytes = 0;
  for (let message = 0; message < count; message++) {
    const start = starts[message]!;
    const end = ends[message]!;
    if (start < 0 || skip?.[message] === 1) return selectedRows(messages);
    if (start < first) first = start;
    if (end > last) last = end;
    bytes += end - start;
  }
  return { data, starts, ends, count, messageOf: ascendingRows(count), first, last, bytes };
}

function selectedRows(messages: EncodedMessages): MessageRows {
  const starts = new Int32Array(messages.count);
  const ends = new Int32Array(messages.count);
  const messageOf = new Int32Array(messages.count);
  let count = 0;
  let first = 0x7fff_ffff;
  let last = 0;
  let bytes = 0;
  for (let message = 0; message < messages.count; message++) {
    const start = messages.starts[message]!;
    if (start < 0 || messages.skip?.[message] === 1) continue;
    const end = messages.ends[message]!;
    if (start < first) first = start;
    if (end > last) last = end;
    bytes += end - start;
    starts[count] = start;
    ends[count] = end;
    messageOf[count++] = message;
  }
  return { data: messages.data, starts, ends, count, messageOf, first, last, bytes };
}

/** Leaves out the rows in `failures` (ascending rows); a null reason leaves a row out silently. */
export function withoutFailures(
  rows: MessageRows,
  columns: readonly Column[],
  failures: readonly { readonly row: number; readonly reason: string | null }[],
): DecodedBatch {
  if (failures.length === 0) return { rowCount: rows.count, messageOf: rows.messageOf.subarray(0, rows.count), columns, failures: [] };
  const kept = new Int32Array(rows.count - failures.length);
  let next = 0;
  let count = 0;
  for (let row = 0; row < rows.count; row++) {
    if (failures[next]?.row === row) next++;
    else kept[count++] = row;
  }
  const messageOf = kept.map((row) => rows.messageOf[row]!);
  const reported: { message: number; reason: string }[] = [];
  for (const { row, reason } of failures) if (reason !== null) reported.push({ message: rows.messageOf[row]!, reason });
  return { rowCount: count, messageOf, columns: columns.map((column) => gatherColumn(column, kept, count)), failures: reported };
}
