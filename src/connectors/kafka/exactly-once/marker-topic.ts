import { SqlError, toSqlError } from '../../../base/index.ts';
import type { KafkaConnection } from '../protocol/index.ts';

const PARTITION = 0;

/** Makes the topic of one sink's markers where there is none: one partition, compacted, with as many replicas as the topic `like` has. */
export async function openMarkerTopic(
  connection: KafkaConnection,
  { markerTopic, like }: { readonly markerTopic: string; readonly like: string },
): Promise<void> {
  try {
    await connection.refreshMetadata([markerTopic]);
    if (connection.knows(markerTopic, PARTITION)) return;
    const replicationFactor = connection.replicationOf(like);
    await connection.createTopic({ topic: markerTopic, partitions: 1, replicationFactor, config: { 'cleanup.policy': 'compact' } });
  } catch (error) {
    const cause = toSqlError(error);
    if (cause.class !== 'user') throw cause;
    throw new SqlError({
      code: cause.code,
      message: `the topic for the markers of the sink could not be opened: ${cause.message}`,
      hint: `Give the Kafka user all rights on "${markerTopic}", or create it with one partition and cleanup.policy=compact.`,
      class: 'user',
      cause,
    });
  }
}
