import { SqlError, SqlState, toSqlError } from '../../../base/index.ts';
import { SINK_ID } from '../../sink-id.ts';
import { propertiesOf, topicOf } from '../options.ts';
import { type KafkaConnection, producerSettings, TransactionalProducer } from '../protocol/index.ts';
import { prefixOf } from './sink-names.ts';

/**
 * Begins a transaction on the topic and gives it up, so that CREATE says what would otherwise fail at the first checkpoint. Errors: 0A000 from a broker without
 * transactions, 42501 without the rights, 22023 where the broker refuses the timeout.
 */
export async function checkTransactions(connection: KafkaConnection, options: ReadonlyMap<string, string>): Promise<void> {
  const settings = producerSettings(propertiesOf(options));
  const transactionalId = `${prefixOf(options)}-${options.get(SINK_ID) ?? ''}-check`;
  try {
    const producer = await TransactionalProducer.open(connection, { ...settings, transactionalId });
    await producer.begin([{ topic: topicOf(options), partition: 0 }]);
    await producer.end('abort');
  } catch (error) {
    const cause = toSqlError(error);
    if (cause.code !== SqlState.featureNotSupported) throw cause;
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'Kafka has no transactions here, and exactly-once delivery needs them',
      detail: cause.message,
      hint: "Use sink.delivery-guarantee = 'at-least-once'.",
      class: 'user',
      cause,
    });
  }
}
