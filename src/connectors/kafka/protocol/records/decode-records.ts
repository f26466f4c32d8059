import type { RecordColumns } from './record-columns.ts';
import { readVarint, readVarlong, setVarintPosition, varintPosition } from './varint.ts';

/** The records of one batch that are still to be decoded. `decodeRecords` moves `position` and `remaining`. */
export interface RecordRun {
  data: Uint8Array;
  position: number;
  /** End of the records in `data`. */
  limit: number;
  remaining: number;
  baseOffset: number;
  baseTimestamp: number;
  /** Replaces every record's own timestamp when the topic uses log append time, otherwise undefined. */
  appendTimestamp: number | undefined;
  /** Records before this offset were not asked for and are left out. */
  offsetMin: number;
  /** Decoding stops before the first record at or after this offset. */
  offsetEnd: number;
}

/**
 * Appends records of the run to the columns until either is used up or the end offset is met; false when the bytes make no sense.
 * The slot of a record that is left out is simply written again by the next one.
 */
export function decodeRecords(run: RecordRun, out: RecordColumns): boolean {
  const { data, limit, baseOffset, baseTimestamp, appendTimestamp, offsetMin, offsetEnd } = run;
  const { capacity, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart } = out;
  let row = out.rowCount;
  let remaining = run.remaining;
  let position = run.position;
  let sound = true;
  while (remaining > 0 && row < capacity) {
    setVarintPosition(position);
    const length = readVarint(data);
    const recordEnd = varintPosition() + length;
    if (length < 0 || recordEnd > limit) {
      sound = false;
      break;
    }
    // One byte of unused attributes stands before the timestamp.
    setVarintPosition(varintPosition() + 1);
    const timestampDelta = readVarlong(data);
    const recordOffset = baseOffset + readVarint(data);
    if (recordOffset >= offsetEnd) break;
    offset[row] = recordOffset;
    timestamp[row] = appendTimestamp === undefined ? baseTimestamp + timestampDelta : appendTimestamp;
    const keyLength = readVarint(data);
    const keyPosition = varintPosition();
    keyStart[row] = keyLength < 0 ? -1 : keyPosition;
    keyEnd[row] = keyLength < 0 ? -1 : keyPosition + keyLength;
    if (keyLength > 0) setVarintPosition(keyPosition + keyLength);
    const valueLength = readVarint(data);
    const valuePosition = varintPosition();
    const headersPosition = valueLength > 0 ? valuePosition + valueLength : valuePosition;
    valueStart[row] = valueLength < 0 ? -1 : valuePosition;
    valueEnd[row] = valueLength < 0 ? -1 : headersPosition;
    headersStart[row] = headersPosition;
    if (headersPosition >= recordEnd) {
      sound = false;
      break;
    }
    if (recordOffset >= offsetMin) row++;
    position = recordEnd;
    remaining--;
  }
  out.rowCount = row;
  run.remaining = remaining;
  run.position = position;
  return sound;
}
