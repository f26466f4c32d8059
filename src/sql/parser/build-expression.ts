import type {
  ArrayType,
  ColumnReference,
  Expression,
  FunctionArgument,
  FunctionCall,
  Identifier,
  IntervalFields,
  IntervalLiteral,
  IntervalUnit,
  JsonConstructor,
  MapConstructor,
  NamedType,
  NumberLiteral,
  OrderByItem,
  RowConstructor,
  SliceExpression,
  Span,
  StarExpression,
  StringLiteral,
  SubscriptExpression,
  TypedLiteral,
  TypeName,
  WindowSpecification,
} from '../ast/index.ts';
import { qualifiedName, type SourceText } from './source-text.ts';
import { SyntaxErrorAt } from './syntax-failure.ts';

/** A step of a path that is a star: `t.*`. */
export interface StarStep {
  readonly kind: 'star-step';
  readonly except: readonly Identifier[];
}

export type NamePath = readonly (Identifier | StarStep)[];

/** The arguments of a call, as the grammar reads them. */
export interface CallArguments {
  readonly arguments: readonly FunctionArgument[];
  readonly star: boolean;
  readonly distinct: boolean;
  readonly variadic: boolean;
  readonly orderBy: readonly OrderByItem[];
  /** The unit behind TO. */
  readonly unit?: StringLiteral | null;
}

/** What follows the parenthesis of a call: its clauses, or the string of a typed literal. */
export type CallSuffix =
  | { readonly literal: { readonly value: string; readonly span: Span } }
  | {
      readonly withinGroup: readonly OrderByItem[] | null;
      readonly filter: Expression | null;
      readonly nullTreatment: FunctionCall['nullTreatment'];
      readonly over: WindowSpecification | Identifier | null;
    };

export function numberLiteral(text: string, span: Span): NumberLiteral {
  return { kind: 'number-literal', text, span };
}

/** `1` or `1 HOUR`. */
export function numberOrInterval(text: string, unit: IntervalUnit | null, span: Span): NumberLiteral | IntervalLiteral {
  return unit === null ? numberLiteral(text, span) : shortInterval(text, unit, span);
}

/** `'1'` or `'1' HOUR`. */
export function stringOrInterval(value: string, unit: IntervalUnit | null, span: Span): StringLiteral | IntervalLiteral {
  return unit === null ? { kind: 'string-literal', value, span } : shortInterval(value, unit, span);
}

function shortInterval(value: string, from: IntervalUnit, span: Span): IntervalLiteral {
  const fields: IntervalFields = { kind: 'interval-fields', from, to: null, precision: null, span };
  return { kind: 'interval-literal', value, fields, precision: null, span };
}

/** True when a string inside INTERVAL names no unit itself, so that a unit may follow. */
export function isBareNumber(value: string): boolean {
  return /^[-+\d\s:.]*$/.test(value);
}

/** Only seconds have a fraction; the precision of another leading field is read and has no meaning. */
export function secondsPrecision(unit: IntervalUnit, digits: number | null): number | null {
  return unit === 'second' ? digits : null;
}

const intervalUnits: ReadonlyMap<string, IntervalUnit> = new Map(
  (['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond', 'microsecond'] as const).flatMap((unit) => [
    [unit, unit],
    [`${unit}s`, unit],
  ]),
);

/** The unit of time a lower-case word names, singular or plural. */
export function intervalUnitOf(word: string): IntervalUnit | undefined {
  return intervalUnits.get(word);
}

export function arraySuffix(bound: number | null, end: number): (element: TypeName, start: number) => ArrayType {
  return (element, start) => ({ kind: 'array-type', element, bound, elementNotNull: false, span: { start, end } });
}

/** A type of several words: `words` holds the canonical name, the time zone clause is appended to it. */
export function wordsType(words: Identifier, modifiers: readonly Expression[], zone: string | null, span: Span): NamedType {
  const text = zone === ' with local time zone' ? `${words.text}_ltz` : words.text + (zone ?? '');
  return { kind: 'named-type', name: qualifiedName([{ ...words, text, span }]), modifiers, intervalFields: null, span };
}

/** `a.b.c` as a column, `t.*` as a star. */
export function columnOrStar(path: NamePath, span: Span): ColumnReference | StarExpression {
  const last = path.at(-1)!;
  if (last.kind === 'identifier') return { kind: 'column-reference', name: identifiersOf(path, span), span };
  return { kind: 'star', qualifier: identifiersOf(path.slice(0, -1), span), except: last.except, span };
}

function identifiersOf(path: NamePath, span: Span): readonly Identifier[] {
  return path.map((step) => {
    if (step.kind !== 'identifier') throw new SyntaxErrorAt(span.end);
    return step;
  });
}

/** `float8 '1.5'`. */
export function typedLiteral(path: NamePath, literal: { readonly value: string; readonly span: Span }, span: Span): TypedLiteral {
  return literalOfType({ path, modifiers: [], value: literal.value, valueSpan: literal.span, span });
}

function literalOfType(parts: {
  readonly path: NamePath;
  readonly modifiers: readonly Expression[];
  readonly value: string;
  readonly valueSpan: Span;
  readonly span: Span;
}): TypedLiteral {
  const { path, modifiers, value, valueSpan, span } = parts;
  const name = qualifiedName(identifiersOf(path, span));
  const type: NamedType = { kind: 'named-type', name, modifiers, intervalFields: null, span: name.span };
  return { kind: 'typed-literal', type, value, valueSpan, span };
}

export function callOf(parts: {
  readonly path: NamePath;
  readonly call: CallArguments;
  readonly after: CallSuffix;
  readonly span: Span;
}): FunctionCall | TypedLiteral {
  const { path, call, after, span } = parts;
  if ('literal' in after) {
    const modifiers = call.arguments.map((argument) => argument.value);
    return literalOfType({ path, modifiers, value: after.literal.value, valueSpan: after.literal.span, span });
  }
  const name = qualifiedName(identifiersOf(path, span));
  const { unit, ...own } = call;
  if (unit == null) return { kind: 'function-call', name, ...own, ...after, span };
  if (own.arguments.length !== 1 || !/^(?:floor|ceil)$/i.test(name.parts.at(-1)!.text)) throw new SyntaxErrorAt(unit.span.start);
  const last = { kind: 'function-argument', name: null, value: unit, span: unit.span } as const;
  return { kind: 'function-call', name, ...own, arguments: [...own.arguments, last], ...after, span };
}

/** A call of a function of PostgreSQL's own schema, which is how SQL's special call syntaxes are read. */
export function catalogCall(name: string, operands: readonly Expression[], span: Span): FunctionCall {
  return positionalCall(['pg_catalog', name], operands, span);
}

export function plainCall(name: string, operands: readonly Expression[], span: Span): FunctionCall {
  return positionalCall([name], operands, span);
}

function positionalCall(name: readonly string[], operands: readonly Expression[], span: Span): FunctionCall {
  const at = { start: span.start, end: span.start };
  return {
    kind: 'function-call',
    name: qualifiedName(name.map((text) => ({ kind: 'identifier', text, quoted: false, span: at }))),
    arguments: operands.map((value) => ({ kind: 'function-argument', name: null, value, span: value.span })),
    star: false,
    distinct: false,
    variadic: false,
    orderBy: [],
    withinGroup: null,
    filter: null,
    nullTreatment: null,
    over: null,
    span,
  };
}

/** What is not written in a call that makes JSON is empty. */
export function jsonConstructor(
  name: JsonConstructor['function'],
  written: Partial<Omit<JsonConstructor, 'kind' | 'function' | 'span'>>,
  span: Span,
): JsonConstructor {
  const none = { members: [], query: null, onNull: null, uniqueKeys: false, returning: null, orderBy: [], filter: null, over: null };
  return { kind: 'json-constructor', function: name, ...none, ...written, span };
}

/** `(a, b) OVERLAPS (c, d)`. */
export function overlapsCall(left: Expression, right: RowConstructor, span: Span): FunctionCall {
  if (left.kind !== 'row' || left.fields.length !== 2) throw new SyntaxErrorAt(left.span.start, 'OVERLAPS takes a row of two values on its left.');
  if (right.fields.length !== 2) throw new SyntaxErrorAt(right.span.start, 'OVERLAPS takes a row of two values on its right.');
  return catalogCall('overlaps', [...left.fields, ...right.fields], span);
}

/** `[index]` or `[low:high]` behind an operand. Only a slice may leave its bounds out. */
export function bracketStep(
  source: SourceText,
  parts: { readonly low: Expression | null; readonly slice: { readonly high: Expression | null } | null; readonly end: number },
): (operand: Expression) => SubscriptExpression | SliceExpression {
  const { low, slice, end } = parts;
  const spanFrom = (operand: Expression) => ({ start: source.startOf(operand), end });
  if (slice !== null) return (operand) => ({ kind: 'slice', operand, low, high: slice.high, span: spanFrom(operand) });
  if (low === null) throw new SyntaxErrorAt(end - 1);
  return (operand) => ({ kind: 'subscript', operand, index: low, span: spanFrom(operand) });
}

/** `MAP['k', 1, 'l', 2]`. */
export function mapOfElements(elements: readonly Expression[], span: Span): MapConstructor {
  if (elements.length % 2 !== 0) throw new SyntaxErrorAt(span.end - 1, 'MAP takes an even number of values: a key and a value for each entry.');
  const entries = [];
  for (let index = 0; index < elements.length; index += 2) {
    const key = elements[index]!;
    const value = elements[index + 1]!;
    entries.push({ kind: 'map-entry' as const, key, value, span: { start: key.span.start, end: value.span.end } });
  }
  return { kind: 'map', entries, span };
}
