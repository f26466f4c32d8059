import { silentLogger } from '../../../base/index.ts';
import { formats } from '../../../formats/index.ts';
import { type FormatDefinition, Registry, type SinkContext } from '../../../spi/index.ts';
import { RecordBatchReader, RecordColumns } from '../protocol/index.ts';
import { stampBatch } from '../protocol/records/index.ts';
import type { PartitionBatch } from '../row-records.ts';

/** Of a sink with one subtask that writes JSON. */
export function jsonSinkContext({
  options = [],
  ...given
}: Pick<SinkContext, 'columns' | 'key' | 'appends' | 'clock'> & {
  readonly options?: readonly (readonly [string, string])[];
}): SinkContext {
  return {
    ...given,
    sink: 'out',
    job: 'job',
    options: new Map([['format', 'json'], ...options]),
    formats: new Registry<FormatDefinition>(formats, ({ name }) => name),
    logger: silentLogger,
    subtaskIndex: 0,
    parallelism: 1,
    wake: () => undefined,
    tableDelivery: null,
  };
}

/** What `of` makes of each record of a batch, read as from a broker. */
export function recordsOf<Record>({ partition, batch }: PartitionBatch, of: (columns: RecordColumns, row: number) => Record): Record[] {
  const records = batch.bytes.slice();
  stampBatch({ recordCount: batch.recordCount, bytes: records }, { producerId: 1n, producerEpoch: 0, baseSequence: 0, transactional: false });
  const reader = new RecordBatchReader('read_uncommitted');
  reader.open({ topic: 't', partition, fetchOffset: 0, highWatermark: 0, lastStableOffset: 0, logStartOffset: 0, abortedTransactions: [], records });
  const columns = new RecordColumns();
  const found: Record[] = [];
  while (reader.read(columns)) for (let row = 0; row < columns.rowCount; row++) found.push(of(columns, row));
  return found;
}
