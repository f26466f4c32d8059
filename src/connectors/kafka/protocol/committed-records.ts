import { SqlError, SqlState } from '../../../base/index.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import { RecordBatchReader, RecordColumns } from './records/index.ts';

/**
 * Calls `seen` with the key and value of every committed record of a partition, up to the end it has at the call: the high watermark, not the last
 * stable offset, since behind an open transaction committed records wait unseen. Errors: FS001 when such a transaction lasts longer than `limitMs`.
 */
export async function readCommittedRecords(
  connection: KafkaConnection,
  { topic, partition, limitMs }: { readonly topic: string; readonly partition: number; readonly limitMs: number },
  seen: (key: Uint8Array | null, value: Uint8Array | null) => void,
): Promise<void> {
  const partitions = [partition];
  const end = Number((await connection.listOffsets(topic, 'latest', { partitions })).get(partition));
  const start = Number((await connection.listOffsets(topic, 'earliest', { partitions })).get(partition));
  if (start >= end) return;
  const fetcher = new PartitionFetcher(connection, { isolation: 'read_committed' });
  const timer = connection.clock.after(limitMs, () => fetcher.close());
  try {
    fetcher.assign([{ topic, partition, offset: start }]);
    const reader = new RecordBatchReader('read_committed');
    const columns = new RecordColumns();
    for (let position = start; position < end; position = reader.nextOffset) {
      const event = await fetcher.next();
      if (event === undefined) throw neverStable(topic, { end, position, cause: fetcher.retryCause });
      if (event.kind === 'failed') throw event.error;
      if (event.kind === 'offset-out-of-range') throw neverStable(topic, { end, position, cause: undefined });
      reader.open(event.fetched);
      while (reader.read(columns)) for (let row = 0; row < columns.rowCount; row++) seen(columns.key(row), columns.value(row));
      reader.close();
      fetcher.release(event.fetched);
    }
  } finally {
    timer.cancel();
    fetcher.close();
  }
}

function neverStable(topic: string, at: { readonly end: number; readonly position: number; readonly cause: SqlError | undefined }): SqlError {
  return new SqlError({
    code: SqlState.externalSystemError,
    message: `the committed records of Kafka topic "${topic}" could not be read to offset ${at.end}`,
    detail: at.cause?.message ?? `A transaction that is open since offset ${at.position} hides the rest.`,
    // Kafka 4.3 skips the end of a committed transaction when a coordinator that starts again does not know the leaders of its partitions yet.
    hint:
      at.cause === undefined
        ? "If it stays, a broker that was killed has lost its end: Kafka's own kafka-transactions.sh finds it (find-hanging) and ends it (abort)."
        : undefined,
    class: 'external',
    cause: at.cause,
  });
}
