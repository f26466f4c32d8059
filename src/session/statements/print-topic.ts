import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, batchFromRows } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { SourceChunk } from '../../spi/index.ts';
import type { PrintStatement, WithOption } from '../../sql/index.ts';
import { type Datum, int4Type, int8Type, textType } from '../../types/index.ts';
import type { RowsResult } from '../contract.ts';
import { connectedOptions } from '../ddl/connected-options.ts';
import { findRelation } from '../ddl/object-name.ts';
import { resolveOptions } from '../ddl/resolve-options.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { resultField } from '../text-result.ts';
import { fromStart, topicChunks, topicText } from './topic-records.ts';

const fields = [
  resultField('partition', int4Type),
  resultField('offset', int8Type),
  resultField('rowtime', { kind: 'timestamptz', precision: 3 }),
  resultField('key', textType),
  resultField('value', textType),
];
const types = fields.map(({ type }) => type);

/**
 * PRINT {'topic' | name}: the records of a topic as they come (FROM BEGINNING: those that are there first), without any format: keys and values are texts where they
 * are UTF-8, else `\x` and their bytes. Every INTERVAL-th of them, LIMIT of them, or until it is cancelled (ksqlDB's PRINT).
 */
export const print: StatementHandler<'print'> = {
  kind: 'print',
  describe: () => ({ parameterTypes: [], fields }),
  async execute(statement, context): Promise<RowsResult> {
    if (statement.interval === 0) {
      throw new SqlError({ code: SqlState.invalidParameterValue, message: 'INTERVAL is a whole number from 1 on', position: statement.span.start });
    }
    const options = fromStart(topicOptions(statement, context), statement.fromBeginning ? 'earliest-offset' : 'latest-offset');
    return { kind: 'rows', fields, batches: printedRecords(statement, options, context), tag: (rows) => `PRINT ${rows}` };
  },
};

type Options = ReadonlyMap<string, string>;

/** How the topic is reached: as the relation says that is named or is over it, or as WITH says. Errors: 42809, 42704. */
function topicOptions(statement: PrintStatement, context: StatementContext): Options {
  const { source } = statement;
  const topic = source.kind === 'string-literal' ? source.value : source.parts.map(({ text }) => text).join('.');
  if (statement.options.length > 0) return writtenOptions(statement, topic, context);
  const relation = source.kind === 'qualified-name' ? findRelation(source, context) : null;
  if (relation !== null) return optionsOf(relation, source.span.start);
  const over = [...context.definer.snapshot.relations()].flatMap((one) => (one.options?.has('topic') ? [one.options] : []));
  const found = over.find((one) => one.get('topic') === topic) ?? (source.kind === 'qualified-name' ? unquoted(topic, over) : undefined);
  if (found !== undefined) return found;
  const named = source.kind === 'string-literal' ? '' : ', and no relation has that name';
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `no stream, table or sink is over topic "${topic}"${named}`,
    hint: "Say where it is: PRINT 'topic' WITH (properties.bootstrap.servers = '…').",
    position: source.span.start,
  });
}

/** A name without quotes says nothing about capitals. */
function unquoted(topic: string, over: readonly Options[]): Options | undefined {
  return over.find((one) => one.get('topic')!.toLowerCase() === topic.toLowerCase());
}

function optionsOf(relation: Relation, position: number): Options {
  if (relation.options?.has('topic')) return relation.options;
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: `"${relation.name}" is no relation over a topic`,
    hint: `SELECT * FROM ${relation.name} EMIT CHANGES shows its rows as they come.`,
    position,
  });
}

function writtenOptions({ options, source, span }: PrintStatement, topic: string, context: StatementContext): Options {
  const added = (key: string, text: string): WithOption => ({
    kind: 'with-option',
    key,
    keySpan: source.span,
    value: { kind: 'option-value', form: 'string', text, span: source.span },
    span,
  });
  const named = options.some(({ key }) => ['connector', 'connection'].includes(key.toLowerCase()));
  const written = [...options, added('topic', topic), ...(named ? [] : [added('connector', 'kafka')])];
  return resolveOptions(connectedOptions(written, context.definer.snapshot), null, context.engine.registries).options;
}

async function* printedRecords(statement: PrintStatement, options: Options, context: StatementContext): AsyncGenerator<Batch> {
  const { interval, limit } = statement;
  let missing = limit ?? Number.POSITIVE_INFINITY;
  let seen = 0;
  if (missing <= 0) return;
  for await (const chunk of topicChunks(options, context)) {
    const rows: (Datum | null)[][] = [];
    for (let row = 0; row < chunk.rowCount && rows.length < missing; row++) {
      if (seen++ % (interval ?? 1) === 0) rows.push(recordRow(chunk, row));
    }
    missing -= rows.length;
    if (rows.length > 0) yield batchFromRows(types, rows);
    if (missing <= 0) return;
  }
}

function recordRow(chunk: SourceChunk, row: number): (Datum | null)[] {
  const timestampMs = chunk.timestampsMs === null ? -1 : chunk.timestampsMs[row]!;
  const rowtime = timestampMs < 0 ? null : BigInt(timestampMs) * 1000n;
  return [Number(chunk.split), BigInt(chunk.positions[row]!), rowtime, topicText(chunk.keys, row), topicText(chunk.messages, row)];
}
