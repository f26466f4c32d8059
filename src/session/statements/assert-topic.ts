import { SqlError, SqlState } from '../../base/index.ts';
import type { AssertTopic, WithOption } from '../../sql/index.ts';
import { connectedOptions } from '../ddl/connected-options.ts';
import { resolveOptions } from '../ddl/resolve-options.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { failure } from './asserted-rows.ts';
import { fromStart, topicSplits } from './topic-records.ts';

type Options = ReadonlyMap<string, string>;

/** ksqlDB's ASSERT [NOT EXISTS] TOPIC name [WITH (partitions = n, …)]. Other options say where it is, as those of a stream do. Errors: P0004, 42704, 08006. */
export const assertTopic: StatementHandler<'assert-topic'> = {
  kind: 'assert-topic',
  async execute(statement, context) {
    const { topic, absent, options, span } = statement;
    const partitions = await partitionsOf(statement, context);
    const failed = (message: string): SqlError => failure({ message, detail: undefined, position: span.start });
    if (absent && partitions !== null) throw failed(`topic "${topic}" exists`);
    if (!absent && partitions === null) throw failed(`topic "${topic}" does not exist`);
    const wanted = options.find(isPartitions)?.value.text;
    if (!absent && wanted !== undefined && wanted !== String(partitions))
      throw failed(`topic "${topic}" has ${partitions} partitions, not ${wanted}`);
    return { kind: 'command', tag: 'ASSERT TOPIC' };
  },
};

function isPartitions({ key }: WithOption): boolean {
  return key.toLowerCase() === 'partitions';
}

/** Null: there is no such topic. */
async function partitionsOf(statement: AssertTopic, context: StatementContext): Promise<number | null> {
  const { topic } = statement;
  const relations = [...context.definer.snapshot.relations()].flatMap(({ options }) => (options?.has('topic') ? [options] : []));
  const over = relations.find((options) => options.get('topic') === topic);
  const { testing } = context.engine.parts;
  // In a test topics are made by being asked for.
  if (testing !== undefined && over === undefined && !testing.hasTopic(topic)) return null;
  try {
    const options = over ?? placeOf(statement, relations, context);
    return (await topicSplits(fromStart(new Map([...options, ['topic', topic]]), 'earliest-offset'), context)).length;
  } catch (error) {
    if (error instanceof SqlError && error.code === SqlState.externalSystemError && error.message.endsWith('does not exist')) return null;
    throw error;
  }
}

/** As WITH says, or where all other topics are. Errors: 42704. */
function placeOf({ topic, options, span }: AssertTopic, relations: readonly Options[], context: StatementContext): Options {
  const written = options.filter((option) => !isPartitions(option) && option.key.toLowerCase() !== 'replicas');
  if (written.length > 0) {
    const { snapshot } = context.definer;
    const added = (key: string, text: string): WithOption => ({ ...written[0]!, key, value: { ...written[0]!.value, form: 'string', text } });
    const named = written.some(({ key }) => ['connector', 'connection'].includes(key.toLowerCase()));
    return resolveOptions(
      connectedOptions([...written, added('topic', topic), ...(named ? [] : [added('connector', 'kafka')])], snapshot),
      null,
      context.engine.registries,
    ).options;
  }
  const places = new Map(relations.map((one) => [one.get('connection') ?? one.get('properties.bootstrap.servers') ?? '', one]));
  if (places.size === 1) return [...places.values()][0]!;
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `no stream, table or sink is over topic "${topic}"${places.size === 0 ? '' : ', and others are in several places'}`,
    hint: `Say where it is: ASSERT TOPIC '${topic}' WITH (properties.bootstrap.servers = '…').`,
    position: span.start,
  });
}
