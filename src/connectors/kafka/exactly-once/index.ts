import type { SinkContext, SinkWriter } from '../../../spi/index.ts';
import { propertiesOf } from '../options.ts';
import { type OpenLink, producerSettings } from '../protocol/index.ts';
import { ExactlyOnceWriter, outboxLimits } from './exactly-once-writer.ts';
import { KafkaOutput } from './kafka-output.ts';
import { sinkNames } from './sink-names.ts';

/**
 * Exactly once into a topic, with a client that cannot resume a transaction: an outbox in the sink's state, and a marker in the output.
 *
 * 1. Rows of an epoch are encoded into the outbox. 2. The checkpoint that holds them becomes durable; only now may they leave. 3. One transaction takes the
 * checkpoint's records and a marker that says how far the output is. 4. After a crash, or an error of unknown outcome, a new producer settles what the old one
 * has left and reads the marker: what it names is out, what it does not name is sent. Where the output is ahead of the state, rows are made again and compared.
 *
 * Laws
 * - Nothing leaves before its checkpoint; nothing is forgotten before its transaction.
 * - A transaction of unknown outcome is never ended or sent again by the producer that began it.
 * - One writer a sink, and a topic of markers of its own.
 *
 * Our own requests (../protocol) and not kafkajs's transactions: those settle nothing when they connect, are stuck after an error of EndTxn, wait 300 ms between
 * two transactions, and would encode the rows a second time. Outside: the offsets of the sources, which the epoch's record has.
 *
 * Start reading at exactly-once-writer.ts, then outbox.ts, marker.ts, kafka-output.ts.
 */
export function createExactlyOnceWriter(context: SinkContext, job: string, openLink?: OpenLink): SinkWriter {
  const { compression } = producerSettings(propertiesOf(context.options));
  const output = new KafkaOutput(context.options, sinkNames(context.options, { name: context.sink, job }), { clock: context.clock, openLink });
  return new ExactlyOnceWriter({ context, output, compression, limits: outboxLimits });
}

export { checkTransactions } from './check-transactions.ts';
