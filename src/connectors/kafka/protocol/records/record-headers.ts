import type { RecordColumns } from './record-columns.ts';
import { readVarint, setVarintPosition, varintPosition } from './varint.ts';

/** One header of a record. Keys may repeat; the order is the producer's. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const decoder = new TextDecoder();

/** Decodes the headers of one row; called only when somebody asks for them. */
export function readHeaders(columns: RecordColumns, row: number): RecordHeader[] {
  const { data } = columns;
  setVarintPosition(columns.headersStart[row]!);
  const count = readVarint(data);
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count && varintPosition() < data.length; index++) {
    const key = readBytes(data) ?? new Uint8Array(0);
    headers.push({ key: decoder.decode(key), value: readBytes(data) });
  }
  return headers;
}

function readBytes(data: Uint8Array): Uint8Array | null {
  const length = readVarint(data);
  if (length < 0) return null;
  const start = varintPosition();
  setVarintPosition(start + length);
  return data.subarray(start, start + length);
}
