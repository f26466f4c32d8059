import { SqlError, SqlState } from '../../base/index.ts';
import { headersColumnOption, type OptionDefinition, partitionOptions, type SinkCapability, timestampColumnOption } from '../../spi/index.ts';
import { SINK_ID, withSinkId } from '../sink-id.ts';

export const kafkaOptions: readonly OptionDefinition[] = [
  { name: 'topic', aliases: ['kafka_topic'], type: 'text', required: true, description: 'Topic to read or write.' },
  {
    name: 'properties.*',
    type: 'text',
    alterable: true,
    description: 'Client properties by their Java names: bootstrap.servers, security.protocol, sasl.*, ssl.*, …',
  },
  {
    name: 'scan.startup.mode',
    type: 'choice',
    choices: ['earliest-offset', 'latest-offset', 'timestamp', 'specific-offsets', 'earliest', 'latest'],
    default: 'earliest-offset',
    description: 'Where reading starts; resolved once, when the stream is created.',
  },
  { name: 'scan.startup.timestamp-millis', type: 'integer', description: 'For scan.startup.mode = timestamp.' },
  { name: 'scan.startup.specific-offsets', type: 'text', description: "For specific-offsets: 'partition:0,offset:42;partition:1,offset:300'." },
  {
    name: 'scan.bounded.mode',
    type: 'choice',
    choices: ['unbounded', 'latest-offset', 'timestamp', 'specific-offsets', 'latest'],
    default: 'unbounded',
    description: 'Where reading ends; resolved once, when the stream is created.',
  },
  { name: 'scan.bounded.timestamp-millis', type: 'integer', description: 'For scan.bounded.mode = timestamp.' },
  { name: 'scan.bounded.specific-offsets', type: 'text', description: 'For scan.bounded.mode = specific-offsets; exclusive.' },
  {
    name: 'scan.on_offset_out_of_range',
    type: 'choice',
    alterable: true,
    choices: ['fail', 'earliest', 'latest'],
    default: 'fail',
    description: 'What happens when retention has removed rows that were not read.',
  },
  {
    name: 'key.format',
    aliases: ['key_format'],
    type: 'choice',
    choices: ['json', 'raw'],
    default: 'json',
    description: 'How key columns are written.',
  },
  {
    name: 'value.fields-include',
    type: 'choice',
    choices: ['ALL', 'EXCEPT_KEY'],
    default: 'ALL',
    description: 'Whether the value has the key columns too.',
  },
  {
    name: 'primary_key',
    aliases: ['key.fields'],
    type: 'text',
    description: 'Columns in the Kafka key, separated by commas. A table has its primary key there.',
  },
  {
    name: 'sink.delivery-guarantee',
    aliases: ['delivery'],
    type: 'choice',
    choices: ['exactly-once', 'at-least-once', 'none'],
    default: 'at-least-once',
    description:
      'What a reader of the topic sees after a crash: exactly-once writes each checkpoint as one transaction, for readers with isolation.level = read_committed; at-least-once writes at once and repeats what a crash leaves in doubt; none may lose it, too.',
  },
  timestampColumnOption,
  headersColumnOption,
  ...partitionOptions,
  {
    name: 'sink.transactional-id-prefix',
    type: 'text',
    default: 'fsql',
    description: 'For exactly-once: how the transactional id of the sink and the name of the topic with its markers begin.',
  },
  {
    name: SINK_ID,
    type: 'text',
    description: 'For exactly-once: what tells the sink from every other one; made up at CREATE.',
  },
];

/** What a crash may do to what was written. */
export function deliveryOf(options: ReadonlyMap<string, string>): 'none' | 'at-least-once' | 'exactly-once' {
  return (options.get('sink.delivery-guarantee') ?? 'at-least-once') as 'none' | 'at-least-once' | 'exactly-once';
}

/** Options of a sink as they are kept: exactly-once needs an identity. */
export const settledOptions: NonNullable<SinkCapability['settle']> = (options, context) =>
  deliveryOf(options) === 'exactly-once' ? withSinkId(options, context) : options;

/** The topic name. */
export function topicOf(options: ReadonlyMap<string, string>): string {
  return options.get('topic')!;
}

/** Client properties without their prefix; RisingWave's singular `bootstrap.server` is understood. Errors: 22023 without bootstrap.servers. */
export function propertiesOf(options: ReadonlyMap<string, string>): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, value] of options) {
    if (!name.startsWith('properties.')) continue;
    const key = name.slice('properties.'.length);
    properties[key === 'bootstrap.server' ? 'bootstrap.servers' : key] = value;
  }
  if (properties['bootstrap.servers'] === undefined) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'option "properties.bootstrap.servers" is required by connector "kafka"',
      hint: "For example properties.bootstrap.servers = '127.0.0.1:9092'.",
    });
  }
  return properties;
}

/** `partition:0,offset:42;partition:1,offset:300` by partition. Errors: 22023. */
export function specificOffsets(options: ReadonlyMap<string, string>, name: string): Map<number, number> {
  const text = options.get(name);
  if (text === undefined) throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${name}" is missing` });
  const offsets = new Map<number, number>();
  for (const part of text.split(';').filter((one) => one.trim() !== '')) {
    const found = /^\s*partition:(\d+),\s*offset:(\d+)\s*$/.exec(part);
    if (found === null) {
      throw new SqlError({
        code: SqlState.invalidParameterValue,
        message: `option "${name}" cannot be "${text}"`,
        hint: "Write 'partition:0,offset:42;partition:1,offset:300'.",
      });
    }
    offsets.set(Number(found[1]), Number(found[2]));
  }
  return offsets;
}

/** A whole number of milliseconds. Errors: 22023 when missing. */
export function timestampOption(options: ReadonlyMap<string, string>, name: string): number {
  const text = options.get(name);
  if (text === undefined) throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${name}" is missing` });
  return Number(text);
}
