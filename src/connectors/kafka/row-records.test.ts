import { expect, test } from 'vitest';
import type { Clock } from '../../base/index.ts';
import { batchFromRows } from '../../batch/index.ts';
import type { SinkContext } from '../../spi/index.ts';
import { byteaType, int4Type, type SqlType, textType } from '../../types/index.ts';
import { readHeaders } from './protocol/index.ts';
import { type PartitionBatch, RowRecords } from './row-records.ts';
import { jsonSinkContext, recordsOf } from './testing/index.ts';

const clock: Clock = {
  nowMicros: () => 7_000n,
  monotonicMs: () => 0,
  after: () => ({ cancel: () => undefined }),
  every: () => ({ cancel: () => undefined }),
};

function context(given: Pick<Parameters<typeof jsonSinkContext>[0], 'key' | 'appends' | 'options'>): SinkContext {
  return jsonSinkContext({
    ...given,
    columns: [
      { name: 'k', type: textType },
      { name: 'v', type: int4Type },
      { name: 'at', type: { kind: 'timestamp', precision: 3 } },
    ],
    clock,
  });
}

/** Key, value and timestamp of each record. */
function textsOf(batch: PartitionBatch): string[] {
  const text = (bytes: Uint8Array | null): string => (bytes === null ? '-' : new TextDecoder().decode(bytes));
  return recordsOf(batch, (columns, row) => `${text(columns.key(row))} ${text(columns.value(row))} ${columns.timestamp[row]}`);
}

function written(given: Parameters<typeof context>[0], weights: readonly number[]): string[] {
  const sent: string[] = [];
  const records = new RowRecords(context(given), 'none');
  const rows = [
    ['a', 1, 2_000_500n],
    ['a', 2, null],
  ] as const;
  const batch = batchFromRows([textType, int4Type, { kind: 'timestamp', precision: 3 }], rows);
  records.append({ ...batch, weights: Int32Array.from(weights) }, 1, (one) => sent.push(...textsOf(one)));
  records.flush((one) => sent.push(...textsOf(one)));
  return sent;
}

test('the timestamp column is the time of a record and no part of its value; without one, and for NULL, it is the time of writing', () => {
  const value = (v: number): string => `{"k":"a","v":${v}}`;
  expect(written({ key: null, options: [['sink.timestamp-column', 'at']] }, [1, 1])).toEqual([`- ${value(1)} 2000`, `- ${value(2)} 7`]);
  expect(written({ key: null }, [1, 1]).map((record) => record.split(' ').at(-1))).toEqual(['7', '7']);
});

test('with an upsert key a row is one record, where rows are only added as many as there are rows', () => {
  const options = [['sink.timestamp-column', 'at'] as const];
  expect(written({ key: [0], options }, [2, -1])).toEqual(['{"k":"a"} {"k":"a","v":1} 2000', '{"k":"a"} - 7']);
  expect(written({ key: [0], appends: true, options }, [2, 1])).toHaveLength(3);
});

test('the headers column is the headers of a record and no part of its value', () => {
  const type: SqlType = { kind: 'map', key: textType, value: byteaType };
  const columns = [
    { name: 'v', type: int4Type },
    { name: 'h', type },
  ];
  const records = new RowRecords(jsonSinkContext({ columns, key: null, clock, options: [['sink.headers-column', 'h']] }), 'none');
  const rows = [
    [1, { keys: ['a', 'b'], values: [Uint8Array.of(1, 2), null] }],
    [2, null],
  ] as const;
  const sent: unknown[] = [];
  records.append(batchFromRows([int4Type, type], rows), 1, () => undefined);
  records.flush((one) =>
    sent.push(
      ...recordsOf(one, (read, row) => [new TextDecoder().decode(read.value(row)!), readHeaders(read, row).map(({ key, value }) => [key, value])]),
    ),
  );
  expect(sent).toEqual([
    [
      '{"v":1}',
      [
        ['a', Uint8Array.of(1, 2)],
        ['b', null],
      ],
    ],
    ['{"v":2}', []],
  ]);
});

test('a column, the subtask or turns say the partition where the options do; otherwise it is the key', () => {
  const columns = [
    { name: 'v', type: int4Type },
    { name: 'p', type: int4Type },
  ];
  const rows = [
    [1, 5],
    [2, -1],
    [3, null],
    [4, 2],
  ] as const;
  const partitions = (options: readonly (readonly [string, string])[], subtaskIndex = 0): string[] => {
    const records = new RowRecords({ ...jsonSinkContext({ columns, key: null, clock, options }), subtaskIndex }, 'none');
    const sent: string[] = [];
    records.append(batchFromRows([int4Type, int4Type], rows), 3, () => undefined);
    records.flush((one) => sent.push(...recordsOf(one, (read, row) => `${one.partition} ${new TextDecoder().decode(read.value(row)!)}`)));
    return sent.sort();
  };
  expect(partitions([['sink.partition-column', 'p']])).toEqual(['0 {"v":3}', '2 {"v":1}', '2 {"v":2}', '2 {"v":4}']);
  expect(partitions([['sink.partitioner', 'fixed']], 4).map((record) => record[0])).toEqual(['1', '1', '1', '1']);
  expect(partitions([['sink.partitioner', 'round-robin']]).map((record) => record[0])).toEqual(['0', '0', '1', '2']);
  expect(partitions([['sink.partitioner', 'default']]).map((record) => record[0])).toEqual(['0', '0', '0', '0']);
});
