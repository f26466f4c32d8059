import type { Split, SplitContext } from '../../spi/index.ts';
import { propertiesOf, specificOffsets, timestampOption, topicOf } from './options.ts';
import { connectionOptions, KafkaConnection, type OpenLink } from './protocol/index.ts';

/**
 * The topic's partitions with their start and, for bounded reading, end offsets as they are now. Errors: 08006 when no broker answers, FS001 for a topic that does
 * not exist (with the nearest one).
 */
export async function listSplits(options: ReadonlyMap<string, string>, context: SplitContext, openLink?: OpenLink): Promise<readonly Split[]> {
  const topic = topicOf(options);
  const connection = await KafkaConnection.open(connectionOptions(propertiesOf(options)), context.clock, openLink);
  try {
    const partitions = await connection.partitionsOf(topic);
    const starts = await startOffsets(connection, topic, options);
    const ends = await endOffsets(connection, topic, options);
    return partitions.map((partition) => ({
      id: String(partition),
      parameters: { topic },
      start: starts.get(partition) ?? 0,
      end: ends === null ? null : (ends.get(partition) ?? 0),
    }));
  } finally {
    connection.close();
  }
}

async function startOffsets(connection: KafkaConnection, topic: string, options: ReadonlyMap<string, string>): Promise<Map<number, number>> {
  switch (options.get('scan.startup.mode') ?? 'earliest-offset') {
    case 'latest-offset':
    case 'latest':
      return numbers(await connection.listOffsets(topic, 'latest'));
    case 'timestamp':
      return numbers(await connection.listOffsets(topic, { timestampMs: BigInt(timestampOption(options, 'scan.startup.timestamp-millis')) }));
    case 'specific-offsets': {
      const earliest = numbers(await connection.listOffsets(topic, 'earliest'));
      return new Map([...earliest, ...specificOffsets(options, 'scan.startup.specific-offsets')]);
    }
    default:
      return numbers(await connection.listOffsets(topic, 'earliest'));
  }
}

async function endOffsets(connection: KafkaConnection, topic: string, options: ReadonlyMap<string, string>): Promise<Map<number, number> | null> {
  switch (options.get('scan.bounded.mode') ?? 'unbounded') {
    case 'unbounded':
      return null;
    case 'timestamp':
      return numbers(await connection.listOffsets(topic, { timestampMs: BigInt(timestampOption(options, 'scan.bounded.timestamp-millis')) }));
    case 'specific-offsets':
      return specificOffsets(options, 'scan.bounded.specific-offsets');
    default:
      return numbers(await connection.listOffsets(topic, 'latest'));
  }
}

function numbers(offsets: Map<number, bigint>): Map<number, number> {
  return new Map([...offsets].map(([partition, offset]) => [partition, Number(offset)]));
}
