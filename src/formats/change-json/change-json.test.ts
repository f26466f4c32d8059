import { describe, expect, it } from 'vitest';
import { Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { DecodedBatch, FormatDefinition } from '../../spi/index.ts';
import { int8Type, textType } from '../../types/index.ts';
import { canalJson, debeziumJson, maxwellJson } from './index.ts';

const FIELDS = [
  { path: ['id'], type: int8Type, nullable: false, wanted: true, key: true },
  { path: ['v'], type: textType, nullable: true, wanted: true },
];
const COLUMNS = [
  { name: 'id', type: int8Type },
  { name: 'v', type: textType },
];

function decode(format: FormatDefinition, messages: readonly (string | null)[]): DecodedBatch {
  const parts = messages.map((message) => new TextEncoder().encode(message ?? ''));
  const ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, index) => {
    at += part.length;
    ends[index] = at;
  });
  const starts = ends.map((end, index) => (messages[index] === null ? -1 : end - parts[index]!.length));
  return format.createDecoder(FIELDS, new Map()).decode({ count: parts.length, data: Buffer.concat(parts), starts, ends });
}

/** `message:+row` and `message:-row`. */
function changesOf({ rowCount, messageOf, columns, taken }: DecodedBatch): string[] {
  const lines = rowsOf(new Batch(rowCount, columns)).map((row, index) => `${messageOf[index]}:+${row.join()}`);
  const gone = taken == null ? [] : rowsOf(new Batch(taken.rowCount, taken.columns)).map((row, index) => `${taken.messageOf[index]}:-${row.join()}`);
  return [...gone, ...lines].sort();
}

describe.each([canalJson, debeziumJson, maxwellJson])('$name', (format) => {
  it('reads what it writes; of a row that has gone the key', () => {
    const batch = batchFromRows(
      [int8Type, textType],
      [
        [1n, 'a"\n'],
        [2n, null],
        [1n, 'b'],
      ],
      [1, -1, 1],
    );
    const { data, starts, ends } = format.createEncoder(COLUMNS, new Map()).encode(batch);
    const texts = [...starts].map((start, row) => new TextDecoder().decode(data.subarray(start, ends[row])));
    expect(changesOf(decode(format, texts))).toEqual(['0:+1,a"\n', '1:-2,', '2:+1,b']);
  });

  it('gives a reason once for a message that is no event, and leaves out one without a value', () => {
    const decoded = decode(format, ['{', null, '7', '{"x":1}']);
    expect(decoded.rowCount).toBe(0);
    expect(decoded.failures.map(({ message }) => message)).toEqual([0, 2, 3]);
  });
});

it('an update to another key takes the old one away, wherever the old key is told', () => {
  expect(changesOf(decode(debeziumJson, ['{"op":"u","before":{"id":1},"after":{"id":2,"v":"x"}}']))).toEqual(['0:+2,x', '0:-1,']);
  expect(changesOf(decode(debeziumJson, ['{"op":"u","before":{"id":2},"after":{"id":2,"v":"x"}}']))).toEqual(['0:+2,x']);
  expect(changesOf(decode(maxwellJson, ['{"type":"update","data":{"id":2,"v":"x"},"old":{"id":1}}']))).toEqual(['0:+2,x', '0:-1,']);
  expect(changesOf(decode(canalJson, ['{"type":"UPDATE","data":[{"id":"2","v":"x"}],"old":[{"v":"y"}]}']))).toEqual(['0:+2,x']);
});

it('an event is taken whole or not at all', () => {
  const decoded = decode(canalJson, ['{"type":"INSERT","data":[{"id":"1"},{"id":"x"},{"id":"y"}]}', '{"type":"DELETE","data":[{"id":"3"}]}']);
  expect(changesOf(decoded)).toEqual(['1:-3,']);
  expect(decoded.failures).toHaveLength(1);
});
