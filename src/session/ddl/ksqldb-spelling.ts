import { SqlError, SqlState } from '../../base/index.ts';
import type { CreateSource, CreateStream, CreateTable, TableElement, WithOption } from '../../sql/index.ts';

/** ksqlDB makes the topic; here it exists, with its own partitions. */
const ofTheTopic: ReadonlySet<string> = new Set(['partitions', 'replicas', 'retention_ms', 'cleanup_policy']);

/**
 * A relation in ksqlDB's words (`kafka_topic` instead of a connector), in our own: `timestamp` is the column of the watermark, and the key
 * format KAFKA is the bytes of the value. Errors: 0A000 for timestamp_format.
 */
export function fromKsqldb<Statement extends CreateStream | CreateTable | CreateSource>(statement: Statement): Statement {
  if (!statement.options.some((option) => is(option, 'kafka_topic'))) return statement;
  const format = statement.options.find((option) => is(option, 'timestamp_format'));
  if (format !== undefined) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'timestamp_format is not supported',
      hint: 'Declare the column as TEXT, a computed column with to_timestamp(column, pattern), and WATERMARK FOR the computed column.',
      position: format.keySpan.start,
    });
  }
  const timestamp = statement.options.find((option) => is(option, 'timestamp'));
  const written = statement.options.filter((option) => option !== timestamp && !ofTheTopic.has(option.key.toLowerCase())).map(keyFormat);
  const options = [...written, ...keyOptions(statement, written)];
  const watermarked = statement.elements.some((element) => element.kind === 'watermark');
  if (timestamp === undefined || watermarked) return { ...statement, options };
  return { ...statement, options, elements: [...statement.elements, watermarkOf(timestamp, statement)] };
}

function is(option: WithOption, key: string): boolean {
  return option.key.toLowerCase() === key;
}

function keyFormat(option: WithOption): WithOption {
  if (!is(option, 'key_format') || option.value.text.toLowerCase() !== 'kafka') return option;
  return { ...option, value: { ...option.value, text: 'raw' } };
}

/** Columns marked KEY, and the key of a table, are in the message's key and nowhere else; alone there, as text. */
function keyOptions(statement: CreateStream | CreateTable | CreateSource, written: readonly WithOption[]): readonly WithOption[] {
  const keys = statement.elements.flatMap((element) => {
    if (element.kind === 'table-primary-key') return element.columns;
    const marked = element.kind === 'column-definition' && element.constraints.some((one) => one.kind === 'key' || one.kind === 'primary-key');
    return marked ? [element.name] : [];
  });
  if (keys.length === 0) return [];
  const { span } = statement.name;
  const added = (key: string, text: string): WithOption => ({
    kind: 'with-option',
    key,
    keySpan: span,
    value: { kind: 'option-value', form: 'string', text, span },
    span,
  });
  const given = (...names: readonly string[]): boolean => written.some((option) => names.includes(option.key.toLowerCase()));
  return [
    given('key_format', 'key.format') ? [] : [added('key.format', keys.length === 1 ? 'raw' : 'json')],
    given('value.fields-include') ? [] : [added('value.fields-include', 'EXCEPT_KEY')],
    statement.kind === 'create-table' || given('key.fields', 'primary_key') ? [] : [added('key.fields', keys.map((name) => name.text).join(','))],
  ].flat();
}

function watermarkOf(option: WithOption, statement: CreateStream | CreateTable | CreateSource): TableElement {
  const { text, span } = option.value;
  const column = statement.elements.find((element) => element.kind === 'column-definition' && element.name.text.toLowerCase() === text.toLowerCase());
  const name = column?.kind === 'column-definition' ? column.name : ({ kind: 'identifier', text, quoted: false, span } as const);
  return {
    kind: 'watermark',
    column: { kind: 'qualified-name', parts: [name], span },
    expression: { kind: 'column-reference', name: [name], span },
    span,
  };
}
