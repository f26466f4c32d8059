import { SqlError, SqlState } from '../../base/index.ts';
import { checkPartitioner, headersColumn, type SinkShape, timestampColumn } from '../../spi/index.ts';
import { checkTransactions } from './exactly-once/index.ts';
import { deliveryOf, propertiesOf, topicOf } from './options.ts';
import { connectionOptions, KafkaConnection, type OpenLink } from './protocol/index.ts';

/** Whether the topic is there and may be written the way the options ask. Errors: 08006 when no broker answers, FS001 for a topic that does not exist. */
export async function checkSink(options: ReadonlyMap<string, string>, { columns, key, clock }: SinkShape, openLink?: OpenLink): Promise<void> {
  refuseOldTransactions(options, timestampColumn(options, columns));
  headersColumn(options, columns);
  checkPartitioner({ options, columns, key });
  const connection = await KafkaConnection.open(connectionOptions(propertiesOf(options)), clock, openLink);
  try {
    await connection.partitionsOf(topicOf(options));
    if (deliveryOf(options) === 'exactly-once') await checkTransactions(connection, options);
  } finally {
    await connection.close();
  }
}

/** A broker forgets a producer by the times of its records, and with it which of its transactions are complete. */
function refuseOldTransactions(options: ReadonlyMap<string, string>, column: number | null): void {
  if (column === null || deliveryOf(options) !== 'exactly-once') return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'records that are delivered exactly once have the time of writing',
    hint: "Give sink.delivery-guarantee = 'at-least-once', or leave sink.timestamp-column out.",
  });
}
