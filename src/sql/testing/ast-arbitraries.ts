import fc from 'fast-check';
import type {
  Expression,
  FromItem,
  FunctionCall,
  Identifier,
  Join,
  NamedType,
  OperatorName,
  OrderByItem,
  QualifiedName,
  Query,
  QueryBody,
  Select,
  SelectItem,
  TableAlias,
  TypeName,
  WindowSpecification,
} from '../ast/index.ts';

const span = { start: 0, end: 0 };

const identifier: fc.Arbitrary<Identifier> = fc.oneof(
  fc.constantFrom('a', 'b', 'Tab', 'value', 'day', 'bids', 'dateTime').map((text) => ({ kind: 'identifier' as const, text, quoted: false, span })),
  fc.constantFrom('a b', 'select', 'x"y', 'Übung', '1').map((text) => ({ kind: 'identifier' as const, text, quoted: true, span })),
);

const qualifiedName: fc.Arbitrary<QualifiedName> = fc
  .array(identifier, { minLength: 1, maxLength: 2 })
  .map((parts) => ({ kind: 'qualified-name', parts, span }));

const operator = (symbols: readonly string[]): fc.Arbitrary<OperatorName> =>
  fc.constantFrom(...symbols).map((symbol) => ({ kind: 'operator-name', schema: [], symbol, span }));

const namedType: fc.Arbitrary<NamedType> = fc
  .constantFrom('int', 'text', 'double precision', 'timestamp with time zone', 'character varying', 'TIMESTAMP_LTZ')
  .map((text) => ({
    kind: 'named-type',
    name: { kind: 'qualified-name', parts: [{ kind: 'identifier', text, quoted: false, span }], span },
    modifiers: text === 'int' || text === 'text' || text.startsWith('double') ? [] : [{ kind: 'number-literal', text: '3', span }],
    intervalFields: null,
    span,
  }));

const typeName: fc.Arbitrary<TypeName> = fc.oneof(
  namedType,
  namedType.map((element): TypeName => ({ kind: 'array-type', element, bound: null, elementNotNull: false, span })),
  fc.tuple(namedType, namedType).map(([key, value]): TypeName => ({ kind: 'map-type', key, value, span })),
);

const literal: fc.Arbitrary<Expression> = fc.oneof(
  fc.string().map((value): Expression => ({ kind: 'string-literal', value: value.replaceAll('\0', ''), span })),
  fc.constantFrom('0', '1_000', '0x1F', '1e5', '.5', '12345678901234567890').map((text): Expression => ({ kind: 'number-literal', text, span })),
  fc.boolean().map((value): Expression => ({ kind: 'boolean-literal', value, span })),
  fc.constant<Expression>({ kind: 'null-literal', span }),
  fc.array(identifier, { minLength: 1, maxLength: 3 }).map((name): Expression => ({ kind: 'column-reference', name, span })),
  fc.constant<Expression>({ kind: 'interval-literal', value: '4 seconds', fields: null, precision: null, span }),
  namedType.map((type): Expression => ({ kind: 'typed-literal', type, value: '1', valueSpan: span, span })),
  fc.constant<Expression>({ kind: 'parameter', index: 1, span }),
);

const alias: fc.Arbitrary<TableAlias> = fc
  .record({ name: identifier, columns: fc.array(identifier, { maxLength: 2 }) })
  .map((parts) => ({ kind: 'table-alias', ...parts, span }));

const table: fc.Arbitrary<FromItem> = fc
  .record({ name: qualifiedName, only: fc.boolean(), alias: fc.option(alias) })
  .map((parts) => ({ kind: 'table-reference', ...parts, systemTime: null, sample: null, hints: [], span }));

const { expression, query } = fc.letrec<{
  expression: Expression;
  query: Query;
  body: QueryBody;
  select: Select;
  from: FromItem;
  call: FunctionCall;
}>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    literal,
    ...compound(tie('expression'), tie('query'), tie('call')),
  ),
  call: callArbitrary(tie('expression')),
  query: queryOf(tie('body'), tie('expression')),
  body: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    tie('select'),
    fc
      .array(fc.array(tie('expression'), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })
      .map((rows): QueryBody => ({ kind: 'values', rows, span })),
    fc
      .record({
        operator: fc.constantFrom('union' as const, 'intersect' as const, 'except' as const),
        all: fc.boolean(),
        left: tie('body'),
        right: tie('body'),
      })
      .map((parts): QueryBody => ({ kind: 'set-operation', ...parts, span })),
  ),
  select: selectOf(tie('expression'), tie('from')),
  from: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    table,
    derived(tie('query')),
    join(tie('from'), tie('expression')),
    windowFunction(tie('expression')),
  ),
}));

export const expressionArbitrary: fc.Arbitrary<Expression> = expression;
export const queryArbitrary: fc.Arbitrary<Query> = query;

function compound(inner: fc.Arbitrary<Expression>, subquery: fc.Arbitrary<Query>, call: fc.Arbitrary<FunctionCall>): fc.Arbitrary<Expression>[] {
  const negated = fc.boolean();
  const two = fc.record({ left: inner, right: inner });
  return [
    fc
      .tuple(two, operator(['+', '-', '*', '/', '^', '||', '->', '=', '<', '<>', '@>']))
      .map(([sides, name]): Expression => ({ kind: 'binary', operator: name, ...sides, span })),
    fc.tuple(inner, operator(['-', '+', '~', '@'])).map(([operand, name]): Expression => ({ kind: 'unary', operator: name, operand, span })),
    logical(inner),
    inner.map((operand): Expression => ({ kind: 'not', operand, span })),
    fc
      .record({ operand: inner, test: fc.constantFrom('null' as const, 'true' as const), negated })
      .map((parts): Expression => ({ kind: 'is-test', ...parts, span })),
    fc
      .tuple(two, negated)
      .map(([sides, isNegated]): Expression => ({ kind: 'is-distinct-from', ...sides, negated: isNegated, operatorSpan: span, span })),
    fc
      .record({ operand: inner, low: inner, high: inner, symmetric: fc.boolean(), negated })
      .map((parts): Expression => ({ kind: 'between', ...parts, operatorSpan: span, span })),
    fc
      .record({ operand: inner, list: fc.array(inner, { minLength: 1, maxLength: 2 }).map(withoutLoneQuery), negated })
      .map((parts): Expression => ({ kind: 'in-list', ...parts, operatorSpan: span, span })),
    fc.record({ operand: inner, query: subquery, negated }).map((parts): Expression => ({ kind: 'in-subquery', ...parts, operatorSpan: span, span })),
    fc
      .record({
        operator: fc.constantFrom('like' as const, 'ilike' as const, 'similar-to' as const),
        operand: inner,
        pattern: inner,
        escape: fc.option(inner),
        negated,
      })
      .map((parts): Expression => ({ kind: 'like', ...parts, operatorSpan: span, span })),
    fc
      .record({ operand: inner, type: typeName, onError: fc.constantFrom('fail' as const, 'null' as const) })
      .map((parts): Expression => ({ kind: 'cast', ...parts, span })),
    fc.record({ operand: inner, collation: qualifiedName }).map((parts): Expression => ({ kind: 'collate', ...parts, span })),
    fc.record({ operand: inner, zone: fc.option(inner) }).map((parts): Expression => ({ kind: 'at-time-zone', ...parts, span })),
    fc.record({ operand: inner, index: inner }).map((parts): Expression => ({ kind: 'subscript', ...parts, span })),
    fc.record({ operand: inner, low: fc.option(inner), high: fc.option(inner) }).map((parts): Expression => ({ kind: 'slice', ...parts, span })),
    fc.record({ operand: inner, field: identifier }).map((parts): Expression => ({ kind: 'field-access', ...parts, span })),
    fc.array(inner, { maxLength: 2 }).map((fields): Expression => ({ kind: 'row', fields, explicit: true, span })),
    fc.array(inner, { minLength: 2, maxLength: 3 }).map((fields): Expression => ({ kind: 'row', fields, explicit: false, span })),
    subquery.map((one): Expression => ({ kind: 'scalar-subquery', query: one, span })),
    subquery.map((one): Expression => ({ kind: 'exists', query: one, span })),
    fc.record({ operand: fc.option(inner), condition: inner, result: inner, otherwise: fc.option(inner) }).map(
      ({ operand, condition, result, otherwise }): Expression => ({
        kind: 'case',
        operand,
        branches: [{ kind: 'case-branch', condition, result, span }],
        otherwise,
        span,
      }),
    ),
    call,
  ];
}

/** A list of nothing but a subquery reads as IN (subquery). */
function withoutLoneQuery(list: readonly Expression[]): readonly Expression[] {
  return list.length === 1 && list[0]!.kind === 'scalar-subquery' ? [...list, ...list] : list;
}

/** A chain never begins with a chain of its own kind, since reading makes one of the two. */
function logical(inner: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc
    .record({ operator: fc.constantFrom('and' as const, 'or' as const), operands: fc.array(inner, { minLength: 2, maxLength: 3 }) })
    .map(({ operator: word, operands }) => {
      const [first, ...rest] = operands;
      const head = first!.kind === 'logical' && first!.operator === word ? first!.operands : [first!];
      return { kind: 'logical', operator: word, operands: [...head, ...rest], span };
    });
}

function callArbitrary(inner: fc.Arbitrary<Expression>): fc.Arbitrary<FunctionCall> {
  const window: fc.Arbitrary<WindowSpecification> = fc
    .record({ partitionBy: fc.array(inner, { maxLength: 1 }), orderBy: fc.array(orderByItem(inner), { maxLength: 1 }) })
    .map((parts) => ({ kind: 'window-specification', base: null, ...parts, frame: null, span }));
  return fc
    .record({ values: fc.array(inner, { maxLength: 2 }), distinct: fc.boolean(), filter: fc.option(inner), over: fc.option(window) })
    .map(({ values, distinct, filter, over }) => ({
      kind: 'function-call',
      name: { kind: 'qualified-name', parts: [{ kind: 'identifier', text: 'f', quoted: false, span }], span },
      arguments: values.map((value) => ({ kind: 'function-argument' as const, name: null, value, span })),
      star: false,
      distinct: distinct && values.length > 0,
      variadic: false,
      orderBy: [],
      withinGroup: null,
      filter,
      nullTreatment: null,
      over,
      span,
    }));
}

function orderByItem(inner: fc.Arbitrary<Expression>): fc.Arbitrary<OrderByItem> {
  return fc
    .record({
      expression: inner,
      direction: fc.option(fc.constantFrom('asc' as const, 'desc' as const)),
      nulls: fc.option(fc.constantFrom('first' as const, 'last' as const)),
    })
    .map((parts) => ({ kind: 'order-by-item', ...parts, using: null, span }));
}

function queryOf(body: fc.Arbitrary<QueryBody>, inner: fc.Arbitrary<Expression>): fc.Arbitrary<Query> {
  return fc
    .record({ body, orderBy: fc.array(orderByItem(inner), { maxLength: 2 }), limit: fc.option(inner), offset: fc.option(inner) })
    .map((parts) => ({ kind: 'query', with: null, ...parts, withTies: false, emit: null, asOf: null, locking: [], span }));
}

function selectOf(inner: fc.Arbitrary<Expression>, from: fc.Arbitrary<FromItem>): fc.Arbitrary<Select> {
  const item: fc.Arbitrary<SelectItem> = fc
    .record({ expression: inner, alias: fc.option(identifier) })
    .map((parts) => ({ kind: 'select-item', ...parts, span }));
  return fc
    .record({
      items: fc.array(item, { minLength: 1, maxLength: 2 }),
      from: fc.array(from, { maxLength: 2 }),
      where: fc.option(inner),
      having: fc.option(inner),
    })
    .map((parts) => ({
      kind: 'select',
      hints: [],
      distinct: null,
      ...parts,
      groupBy: null,
      windows: [],
      qualify: null,
      streamWindow: null,
      partitionBy: [],
      span,
    }));
}

function derived(query: fc.Arbitrary<Query>): fc.Arbitrary<FromItem> {
  return fc.record({ query, lateral: fc.boolean(), alias: fc.option(alias) }).map((parts) => ({ kind: 'derived-table', ...parts, span }));
}

function join(from: fc.Arbitrary<FromItem>, inner: fc.Arbitrary<Expression>): fc.Arbitrary<FromItem> {
  return fc
    .record({
      type: fc.constantFrom<Join['type']>('inner', 'left', 'right', 'full', 'cross'),
      left: from,
      right: from,
      on: inner,
      alias: fc.option(alias),
    })
    .map(({ on, ...parts }) => ({
      kind: 'join',
      natural: false,
      asOf: false,
      ...parts,
      on: parts.type === 'cross' ? null : on,
      using: [],
      usingAlias: null,
      matchCondition: null,
      within: null,
      span,
    }));
}

function windowFunction(inner: fc.Arbitrary<Expression>): fc.Arbitrary<FromItem> {
  return fc
    .record({ source: qualifiedName, column: identifier, size: inner, partitionBy: fc.array(inner, { maxLength: 1 }) })
    .map(({ source, column, size, partitionBy }) => ({
      kind: 'window-table-function',
      function: 'tumble',
      input: { kind: 'table-argument', source, partitionBy: partitionBy.filter((key) => key.kind !== 'row'), orderBy: [], span },
      timeColumn: { kind: 'column-reference', name: [column], span },
      size,
      slide: null,
      step: null,
      gap: null,
      offset: null,
      lateral: false,
      alias: null,
      span,
    }));
}
