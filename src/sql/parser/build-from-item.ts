import type {
  ColumnReference,
  Expression,
  FromItem,
  FunctionArgument,
  FunctionCall,
  Identifier,
  Join,
  JoinWithin,
  Query,
  Span,
  TableAlias,
  TableArgument,
  TableFunction,
  TypedColumn,
  TypedLiteral,
  WindowTableFunction,
} from '../ast/index.ts';
import { foldIdentifier } from '../fold-identifier.ts';
import { qualifiedName } from './source-text.ts';
import { SyntaxErrorAt } from './syntax-failure.ts';

/** A join as the grammar reads it: everything but its left side. */
export interface JoinPart {
  readonly type: Join['type'];
  readonly natural: boolean;
  readonly asOf: boolean;
  readonly right: FromItem;
  readonly condition: {
    readonly on: Expression | null;
    readonly using: readonly Identifier[];
    readonly usingAlias: Identifier | null;
    readonly within: JoinWithin | null;
    readonly match: Expression | null;
  } | null;
  readonly end: number;
}

/** Joins associate to the left. */
export function joinsOf(first: FromItem, rest: readonly JoinPart[]): FromItem {
  return rest.reduce<FromItem>((left, part) => joinOf(left, part), first);
}

function joinOf(left: FromItem, part: JoinPart): Join {
  const { type, natural, asOf, right, condition, end } = part;
  return {
    kind: 'join',
    type,
    natural,
    asOf,
    left,
    right,
    on: condition?.on ?? null,
    using: condition?.using ?? [],
    usingAlias: condition?.usingAlias ?? null,
    matchCondition: condition?.match ?? null,
    within: condition?.within ?? null,
    alias: null,
    span: { start: left.span.start, end },
  };
}

/** What stands between parentheses in FROM. */
export interface FromContent {
  readonly query: Query | null;
  readonly item: FromItem | null;
  readonly span: Span;
}

export function aliasedParentheses(
  content: FromContent,
  alias: TableAlias | null,
  options: { readonly lateral: boolean; readonly span: Span },
): FromItem {
  const { query, item } = content;
  if (query !== null) return { kind: 'derived-table', query, lateral: options.lateral, alias, span: options.span };
  if (item === null) throw new SyntaxErrorAt(content.span.start);
  if (alias === null) return item;
  if (item.kind !== 'join' || item.alias !== null) throw new SyntaxErrorAt(alias.span.start);
  return { ...item, alias, span: options.span };
}

/** A parenthesis that began another one, with what follows the inner one. */
export function continueFrom(
  first: FromContent,
  rest: { readonly alias: TableAlias | null; readonly rest: readonly JoinPart[]; readonly end: number },
): Pick<FromContent, 'query' | 'item'> {
  if (first.query !== null && rest.alias === null && rest.rest.length === 0) return { query: first.query, item: null };
  const end = rest.alias?.span.end ?? first.span.end;
  const inner = aliasedParentheses(first, rest.alias, { lateral: false, span: { start: first.span.start, end } });
  return { query: null, item: joinsOf(inner, rest.rest) };
}

const windowParameters = {
  tumble: ['data', 'timecol', 'size', 'offset'],
  hop: ['data', 'timecol', 'slide', 'size', 'offset'],
  cumulate: ['data', 'timecol', 'step', 'size', 'offset'],
  session: ['data', 'timecol', 'gap'],
} as const;

/** A function in FROM. The four window functions get a node of their own, in whatever spelling they came. */
export function tableFunction(parts: {
  readonly calls: readonly (FunctionCall | TypedLiteral | ColumnReference)[];
  readonly lateral: boolean;
  readonly tail: { readonly withOrdinality: boolean; readonly alias: TableAlias | null; readonly columns: readonly TypedColumn[] };
  readonly span: Span;
}): TableFunction | WindowTableFunction {
  const { lateral, tail, span } = parts;
  const calls = parts.calls.map((call) => {
    if (call.kind !== 'function-call') throw new SyntaxErrorAt(call.span.start);
    return call;
  });
  const [only, ...others] = calls;
  const window = others.length === 0 && !tail.withOrdinality && tail.columns.length === 0 ? windowFunctionName(only!) : null;
  if (window === null) return { kind: 'table-function', calls, lateral, ...tail, span };
  return windowFunction({ name: window, call: only!, lateral, alias: tail.alias, span });
}

function windowFunctionName(call: FunctionCall): keyof typeof windowParameters | null {
  const [name, ...rest] = call.name.parts;
  const folded = name === undefined || rest.length > 0 ? '' : foldIdentifier(name);
  return Object.hasOwn(windowParameters, folded) ? (folded as keyof typeof windowParameters) : null;
}

function windowFunction(parts: {
  readonly name: keyof typeof windowParameters;
  readonly call: FunctionCall;
  readonly lateral: boolean;
  readonly alias: TableAlias | null;
  readonly span: Span;
}): WindowTableFunction {
  const { name, call, lateral, alias, span } = parts;
  const found = bindParameters(name, call);
  const table = found.get('data');
  const time = found.get('timecol');
  if (table === undefined || time === undefined) {
    throw new SyntaxErrorAt(call.span.end - 1, `${name.toUpperCase()} takes ${windowParameters[name].join(', ')}.`);
  }
  const parameter = (key: string) => found.get(key)?.value ?? null;
  return {
    kind: 'window-table-function',
    function: name,
    input: tableArgument(table),
    timeColumn: timeColumn(time),
    size: parameter('size'),
    slide: parameter('slide'),
    step: parameter('step'),
    gap: parameter('gap'),
    offset: parameter('offset'),
    lateral,
    alias,
    span,
  };
}

function bindParameters(name: keyof typeof windowParameters, call: FunctionCall): Map<string, FunctionArgument> {
  const names: readonly string[] = windowParameters[name];
  const found = new Map<string, FunctionArgument>();
  call.arguments.forEach((argument, index) => {
    const key = argument.name === null ? names[index] : argument.name.text.toLowerCase();
    if (key === undefined || !names.includes(key) || found.has(key)) {
      throw new SyntaxErrorAt(argument.span.start, `${name.toUpperCase()} takes ${names.join(', ')}.`);
    }
    found.set(key, argument);
  });
  return found;
}

/** `bids`, `TABLE bids`, `(SELECT …)` as the input of a window function. */
function tableArgument(argument: FunctionArgument): TableArgument {
  const { value } = argument;
  const bare = { partitionBy: [], orderBy: [], span: value.span };
  switch (value.kind) {
    case 'table-argument':
      return value;
    case 'column-reference':
      return { kind: 'table-argument', source: qualifiedName(value.name), ...bare };
    case 'scalar-subquery':
      return { kind: 'table-argument', source: value.query, ...bare };
    default:
      throw new SyntaxErrorAt(value.span.start, 'A table or a query in parentheses has to stand here.');
  }
}

/** `ts`, `t.ts` and `DESCRIPTOR(ts)`. */
function timeColumn(argument: FunctionArgument): ColumnReference {
  const { value } = argument;
  if (value.kind === 'column-reference') return value;
  if (value.kind === 'descriptor' && value.columns.length === 1) return { kind: 'column-reference', name: value.columns, span: value.span };
  throw new SyntaxErrorAt(value.span.start, 'A column or DESCRIPTOR(column) has to stand here.');
}
