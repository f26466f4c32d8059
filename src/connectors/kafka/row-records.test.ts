import { expect, test } from 'vitest';
import { type Clock, silentLogger } from '../../base/index.ts';
import { batchFromRows } from '../../batch/index.ts';
import { formats } from '../../formats/index.ts';
import { type FormatDefinition, Registry, type SinkContext } from '../../spi/index.ts';
import { int4Type, textType } from '../../types/index.ts';
import { RecordBatchReader, RecordColumns } from './protocol/index.ts';
import { stampBatch } from './protocol/records/index.ts';
import { type PartitionBatch, RowRecords } from './row-records.ts';

const clock: Clock = {
  nowMicros: () => 7_000n,
  monotonicMs: () => 0,
  after: () => ({ cancel: () => undefined }),
  every: () => ({ cancel: () => undefined }),
};

function context(given: Pick<SinkContext, 'key' | 'appends'> & { readonly options?: readonly (readonly [string, string])[] }): SinkContext {
  return {
    ...given,
    sink: 'out',
    job: 'job',
    options: new Map([['format', 'json'], ...(given.options ?? [])]),
    columns: [
      { name: 'k', type: textType },
      { name: 'v', type: int4Type },
      { name: 'at', type: { kind: 'timestamp', precision: 3 } },
    ],
    formats: new Registry<FormatDefinition>(formats, ({ name }) => name),
    clock,
    logger: silentLogger,
    subtaskIndex: 0,
    parallelism: 1,
    wake: () => undefined,
    tableDelivery: null,
  };
}

/** Key, value and timestamp of each record, as a broker would have them. */
function recordsOf({ partition, batch }: PartitionBatch): string[] {
  const records = batch.bytes.slice();
  stampBatch({ recordCount: batch.recordCount, bytes: records }, { producerId: 1n, producerEpoch: 0, baseSequence: 0, transactional: false });
  const reader = new RecordBatchReader('read_uncommitted');
  reader.open({ topic: 't', partition, fetchOffset: 0, highWatermark: 0, lastStableOffset: 0, logStartOffset: 0, abortedTransactions: [], records });
  const columns = new RecordColumns();
  const found: string[] = [];
  const text = (bytes: Uint8Array | null): string => (bytes === null ? '-' : new TextDecoder().decode(bytes));
  while (reader.read(columns))
    for (let row = 0; row < columns.rowCount; row++) found.push(`${text(columns.key(row))} ${text(columns.value(row))} ${columns.timestamp[row]}`);
  return found;
}

function written(given: Parameters<typeof context>[0], weights: readonly number[]): string[] {
  const sent: string[] = [];
  const records = new RowRecords(context(given), 'none');
  const rows = [
    ['a', 1, 2_000_500n],
    ['a', 2, null],
  ] as const;
  const batch = batchFromRows([textType, int4Type, { kind: 'timestamp', precision: 3 }], rows);
  records.append({ ...batch, weights: Int32Array.from(weights) }, 1, (one) => sent.push(...recordsOf(one)));
  records.flush((one) => sent.push(...recordsOf(one)));
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
