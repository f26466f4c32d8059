import type { CreateRelation, Identifier, IncludeClause, QualifiedName, Span, WithOption } from '../ast/index.ts';
import { columnDefinition, relationBody, stringValue } from './build-definition.ts';

/** Column and type of Materialize's FORMAT. */
const MESSAGES: Readonly<Record<string, readonly [column: string, type: string]>> = {
  text: ['text', 'text'],
  bytes: ['data', 'bytea'],
  json: ['data', 'jsonb'],
};

/** FORMAT of messages that are one value. */
export function isMessageType(word: string): boolean {
  return Object.hasOwn(MESSAGES, word.toLowerCase());
}

/** `FROM KAFKA CONNECTION c (TOPIC 't') FORMAT JSON` in the words of CREATE SOURCE: `(data jsonb) WITH (connection = c, topic = 't', format = 'raw')`. */
export function kafkaSource(parts: {
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly connection: Identifier;
  readonly where: readonly WithOption[];
  readonly message: { readonly word: string; readonly span: Span };
  readonly includes: readonly IncludeClause[];
  readonly options: readonly WithOption[];
}): Omit<CreateRelation, 'orReplace' | 'temporary' | 'span'> {
  const { ifNotExists, name, connection, where, message, includes } = parts;
  const { span } = message;
  const [column, type] = MESSAGES[message.word]!;
  const word = (text: string): Identifier => ({ kind: 'identifier', text, quoted: false, span });
  const element = columnDefinition({
    name: word(column),
    type: { kind: 'named-type', name: { kind: 'qualified-name', parts: [word(type)], span }, modifiers: [], intervalFields: null, span },
    attributes: [],
    span,
  });
  const option = (key: string, text: string, place: Span): WithOption => ({
    kind: 'with-option',
    key,
    keySpan: place,
    value: stringValue(text, place),
    span: place,
  });
  const options = [
    option('connection', connection.text, connection.span),
    ...where.map((one) => ({ ...one, key: one.key.toLowerCase() })),
    option('format', 'raw', span),
    ...parts.options,
  ];
  const included = includes.map((value) => ({ part: 'includes', value, span: value.span }));
  return relationBody({ ifNotExists, name, elements: [element], parts: [{ part: 'options', value: options, span }, ...included], query: null });
}
