import type { Clock } from '../../base/index.ts';
import { checkTransactions } from './exactly-once/index.ts';
import { deliveryOf, propertiesOf, topicOf } from './options.ts';
import { connectionOptions, KafkaConnection, type OpenLink } from './protocol/index.ts';

/** Whether the topic is there and may be written the way the options ask. Errors: 08006 when no broker answers, FS001 for a topic that does not exist. */
export async function checkSink(options: ReadonlyMap<string, string>, clock: Clock, openLink?: OpenLink): Promise<void> {
  const connection = await KafkaConnection.open(connectionOptions(propertiesOf(options)), clock, openLink);
  try {
    await connection.partitionsOf(topicOf(options));
    if (deliveryOf(options) === 'exactly-once') await checkTransactions(connection, options);
  } finally {
    await connection.close();
  }
}
