import type {
  ColumnConstraint,
  ColumnDefinition,
  ComputedColumn,
  CreateFunction,
  CreateRelation,
  CreateSink,
  ExplainStage,
  ExplainStatement,
  Expression,
  FormatClause,
  Identifier,
  IncludeClause,
  IntervalFields,
  MetadataColumn,
  NotKept,
  OptionValue,
  QualifiedName,
  Query,
  ReferencesConstraint,
  Span,
  TableElement,
  TypeName,
  WithOption,
} from '../ast/index.ts';
import { SyntaxErrorAt } from './syntax-failure.ts';

/** A clause behind the columns of a relation or behind a sink, named by the field it fills. */
export interface DefinitionPart {
  readonly part: string;
  readonly value: unknown;
  readonly span: Span;
}

/** Where the words between CREATE and what is made are. */
export interface HeadWords {
  readonly replace: Span | null;
  readonly temporary: Span | null;
}

/** Errors: 42601 for OR REPLACE, TEMPORARY and UNLOGGED of an object that is none of those they are for. */
export function neverReplaced<Body extends { readonly kind: string }>(body: Body, at: HeadWords): Body {
  if (at.replace !== null) {
    const what = nounOf(body);
    throw new SyntaxErrorAt(
      at.replace.start,
      `OR REPLACE is for relations and functions. Use DROP ${what} and CREATE ${what}, or CREATE ${what} IF NOT EXISTS.`,
    );
  }
  return alwaysKept(body, at);
}

/** What is there for every session until it is dropped: TEMPORARY in front of it is an error, never left out in silence. */
export function alwaysKept<Body extends { readonly kind: string }>(body: Body, at: HeadWords): Body {
  if (at.temporary === null) return body;
  throw new SyntaxErrorAt(
    at.temporary.start,
    `TEMPORARY and UNLOGGED are for tables, views and functions. Use CREATE ${nounOf(body)}, and DROP it when it is not needed any more.`,
  );
}

/** Errors: 42601 for UNLOGGED, which only tables may be. */
export function unlessUnlogged<Body extends { readonly kind: string; readonly temporary: NotKept | null }>(body: Body): Body {
  if (body.temporary?.unlogged !== true) return body;
  throw new SyntaxErrorAt(body.temporary.span.start, `UNLOGGED is for tables. Use CREATE ${nounOf(body)}.`);
}

/** `MATERIALIZED VIEW` of `create-materialized-view`. */
function nounOf({ kind }: { readonly kind: string }): string {
  return kind.slice('create-'.length).replaceAll('-', ' ').toUpperCase();
}

type RelationBody = Omit<CreateRelation, 'orReplace' | 'temporary' | 'span'>;

export function relationBody(parts: {
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly elements: readonly TableElement[];
  readonly parts: readonly DefinitionPart[];
  readonly query: Query | null;
}): RelationBody {
  const { ifNotExists, name, elements, query } = parts;
  if (query === null) elements.forEach(requireType);
  const includes = parts.parts.filter((part) => part.part === 'includes').map((part) => part.value as IncludeClause);
  const single = singleParts(parts.parts.filter((part) => part.part !== 'includes'));
  const nothing = {
    options: [],
    format: null,
    like: null,
    comment: null,
    distribution: null,
    partitionedBy: [],
    appendOnly: false,
    onCommit: null,
  };
  return { ifNotExists, name, elements, query, ...nothing, includes, ...(single as object) };
}

/** Only CREATE … AS SELECT may leave a column's type to the query. */
function requireType(element: TableElement): void {
  if (element.kind !== 'column-definition') return;
  const { type, computed, metadata, span } = element;
  if (type === null && computed === null && metadata === null) throw new SyntaxErrorAt(span.end);
}

export function sinkParts(parts: readonly DefinitionPart[]): Pick<CreateSink, 'options' | 'format'> {
  const { options, format } = singleParts(parts);
  return { options: (options as WithOption[] | undefined) ?? [], format: (format as FormatClause | undefined) ?? null };
}

function singleParts(parts: readonly DefinitionPart[]): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { part, value, span } of parts) {
    if (Object.hasOwn(found, part)) throw new SyntaxErrorAt(span.start, 'The clause stands twice.');
    found[part] = value;
  }
  return found;
}

export function columnDefinition(parts: {
  readonly name: Identifier;
  readonly type: TypeName | null;
  readonly attributes: readonly (ComputedColumn | MetadataColumn | ColumnConstraint)[];
  readonly span: Span;
}): ColumnDefinition {
  const { name, type, attributes, span } = parts;
  const computed = attributes.filter((attribute) => attribute.kind === 'computed-column');
  const metadata = attributes.filter((attribute) => attribute.kind === 'metadata-column');
  const second = computed[1] ?? metadata[1];
  if (second !== undefined) throw new SyntaxErrorAt(second.span.start);
  const constraints = attributes.filter(
    (attribute): attribute is ColumnConstraint => attribute.kind !== 'computed-column' && attribute.kind !== 'metadata-column',
  );
  return { kind: 'column-definition', name, type, computed: computed[0] ?? null, metadata: metadata[0] ?? null, constraints, span };
}

export function referentialActions(
  events: readonly { readonly event: 'onDelete' | 'onUpdate'; readonly action: ReferencesConstraint['onDelete'] }[],
): Pick<ReferencesConstraint, 'onDelete' | 'onUpdate'> {
  const action = (wanted: 'onDelete' | 'onUpdate') => events.findLast((entry) => entry.event === wanted)?.action ?? null;
  return { onDelete: action('onDelete'), onUpdate: action('onUpdate') };
}

type FunctionParts = Pick<
  CreateFunction,
  'returns' | 'returnsSet' | 'returnsTable' | 'language' | 'body' | 'returnExpression' | 'volatility' | 'strict' | 'options' | 'jar'
>;

const noFunctionParts: FunctionParts = {
  returns: null,
  returnsSet: false,
  returnsTable: [],
  language: null,
  body: null,
  returnExpression: null,
  volatility: null,
  strict: false,
  options: [],
  jar: null,
};

export function functionParts(parts: readonly Partial<FunctionParts>[]): FunctionParts {
  return Object.assign({}, noFunctionParts, ...parts) as FunctionParts;
}

/** The fields of ON CONFLICT that a missing target leaves empty. */
export const noConflictTarget = { target: [] as readonly Expression[], targetWhere: null, constraint: null };

export function absentValue(span: Span): OptionValue {
  return { kind: 'option-value', form: 'absent', text: 'true', span: { start: span.end, end: span.end } };
}

export function stringValue(text: string, span: Span): OptionValue {
  return { kind: 'option-value', form: 'string', text, span };
}

export function wordValue(text: string, span: Span): OptionValue {
  return { kind: 'option-value', form: 'word', text, span };
}

/** FRESHNESS of a materialized table as the text of an interval. */
export function freshnessValue(interval: { readonly value: string; readonly fields: IntervalFields | null }, span: Span): OptionValue {
  return stringValue(interval.fields === null ? interval.value : `${interval.value} ${interval.fields.from}`, span);
}

export function lowerCaseKeys(options: readonly WithOption[]): WithOption[] {
  return options.map((option) => ({ ...option, key: option.key.toLowerCase() }));
}

const stages: ReadonlySet<string> = new Set<ExplainStage>([
  'logical',
  'physical',
  'jobgraph',
  'codegen',
  'changelog',
  'state',
  'watermark',
  'deploy',
]);

/** Sorts the options of EXPLAIN: the stage, ANALYZE and VERBOSE have fields of their own. An option with value off is none. */
export function explainOf(parts: Pick<ExplainStatement, 'options' | 'target' | 'span'>): ExplainStatement {
  const { target, span } = parts;
  // Flink's word for the mode of every edge.
  const options = lowerCaseKeys(parts.options).map((option) => (option.key === 'changelog_mode' ? { ...option, key: 'changelog' } : option));
  const isOn = (option: WithOption) => !['false', 'off', '0', 'no'].includes(option.value.text.toLowerCase());
  const isNamed = (names: readonly string[]) => options.some((option) => names.includes(option.key) && isOn(option));
  const stage = options.filter((option) => stages.has(option.key) && isOn(option));
  if (stage.length > 1) throw new SyntaxErrorAt(stage[1]!.span.start, 'EXPLAIN shows one stage at a time.');
  const own = new Set([...stages, 'analyze', 'analyse', 'verbose']);
  return {
    kind: 'explain',
    stage: (stage[0]?.key as ExplainStage | undefined) ?? 'plan',
    analyze: isNamed(['analyze', 'analyse']),
    verbose: isNamed(['verbose']),
    options: options.filter((option) => !own.has(option.key)),
    target,
    span,
  };
}

const ofConnection: Readonly<Record<string, string>> = {
  broker: 'properties.bootstrap.servers',
  brokers: 'properties.bootstrap.servers',
  'sasl mechanisms': 'properties.sasl.mechanism',
  'ssl certificate authority': 'properties.ssl.ca.pem',
  'ssl certificate': 'properties.ssl.certificate.pem',
  'ssl key': 'properties.ssl.key.pem',
};

/** Materialize's CREATE CONNECTION … TO type (WORDS 'value', …) as options WITH would have: `SECURITY PROTOCOL` is properties.security.protocol. */
export function connectionOptions(type: string, written: readonly WithOption[], span: Span): WithOption[] {
  const named: WithOption = { kind: 'with-option', key: 'type', keySpan: span, value: stringValue(type.toLowerCase(), span), span };
  return [named, ...written.map((option) => ({ ...option, key: ofConnection[option.key] ?? `properties.${option.key.replaceAll(' ', '.')}` }))];
}
