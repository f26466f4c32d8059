import type {
  AsOfClause,
  DistinctClause,
  EmitClause,
  Expression,
  FromItem,
  GroupByClause,
  Hint,
  LockingClause,
  NamedWindow,
  OrderByItem,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  Span,
  Statement,
  StreamWindow,
  WithClause,
} from '../ast/index.ts';
import { SyntaxErrorAt } from './syntax-failure.ts';

/** One clause behind a query's body, as the grammar reads it. */
export type QueryTailPart =
  | { readonly part: 'orderBy'; readonly value: readonly OrderByItem[]; readonly span: Span }
  | { readonly part: 'limit'; readonly value: Expression | null; readonly withTies?: boolean; readonly span: Span }
  | { readonly part: 'offset'; readonly value: Expression; readonly span: Span }
  | { readonly part: 'emit'; readonly value: EmitClause; readonly span: Span }
  | { readonly part: 'asOf'; readonly value: AsOfClause; readonly span: Span }
  | { readonly part: 'locking'; readonly value: LockingClause; readonly span: Span };

export interface SetOperationPart {
  readonly operator: SetOperation['operator'];
  readonly all: boolean;
  readonly term: QueryBody;
}

/** Puts clauses around a body. A query in parentheses with nothing around it stays the query it is. */
export function queryOf(parts: {
  readonly withClause: WithClause | null;
  readonly body: QueryBody;
  readonly tail: readonly QueryTailPart[];
  readonly span: Span;
}): Query {
  const { withClause, body, tail, span } = parts;
  if (withClause === null && tail.length === 0 && body.kind === 'query') return body;
  const single = <Part extends QueryTailPart['part']>(part: Part): Extract<QueryTailPart, { part: Part }> | undefined => {
    const found = tail.filter((entry): entry is Extract<QueryTailPart, { part: Part }> => entry.part === part);
    if (found.length > 1) throw new SyntaxErrorAt(found[1]!.span.start, `The clause stands twice.`);
    return found[0];
  };
  const limit = single('limit');
  return {
    kind: 'query',
    with: withClause,
    body: withoutEmptyQuery(body),
    orderBy: single('orderBy')?.value ?? [],
    limit: limit?.value ?? null,
    withTies: limit?.withTies ?? false,
    offset: single('offset')?.value ?? null,
    emit: single('emit')?.value ?? null,
    asOf: single('asOf')?.value ?? null,
    locking: tail.flatMap((entry) => (entry.part === 'locking' ? [entry.value] : [])),
    span,
  };
}

/** Parentheses around a body say nothing; the query node inside them is kept only for the clauses it has. */
function withoutEmptyQuery(body: QueryBody): QueryBody {
  return body.kind === 'query' && isBare(body) ? body.body : body;
}

function isBare(query: Query): boolean {
  const { orderBy, limit, offset, emit, asOf, locking } = query;
  const clauses = [query.with, limit, offset, emit, asOf];
  return clauses.every((clause) => clause === null) && orderBy.length === 0 && locking.length === 0;
}

/** INTERSECT binds tighter than UNION and EXCEPT; each associates to the left. */
export function setOperations(first: QueryBody, rest: readonly SetOperationPart[]): QueryBody {
  if (rest.length === 0) return first;
  const terms: QueryBody[] = [withoutEmptyQuery(first)];
  const pending: SetOperationPart[] = [];
  for (const part of rest) {
    const term = withoutEmptyQuery(part.term);
    if (part.operator === 'intersect') terms.push(combine(terms.pop()!, part, term));
    else {
      pending.push(part);
      terms.push(term);
    }
  }
  return terms.reduce((left, right, index) => combine(left, pending[index - 1]!, right));
}

function combine(left: QueryBody, part: SetOperationPart, right: QueryBody): SetOperation {
  const { operator, all } = part;
  return { kind: 'set-operation', operator, all, left, right, span: { start: left.span.start, end: right.span.end } };
}

/** A query that stood in parentheses inside others, with what follows its closing parenthesis. */
export function continueQuery(
  query: Query,
  continuation: { readonly operations: readonly SetOperationPart[]; readonly tail: readonly QueryTailPart[] },
  span: Span,
): Query {
  const body = setOperations(query, continuation.operations);
  return queryOf({ withClause: null, body, tail: continuation.tail, span });
}

/** Hands a WITH clause that was read first to the statement behind it. */
export function withWithClause(withClause: WithClause, statement: Extract<Statement, { with: unknown }>, span: Span): Statement {
  if (statement.kind === 'query' && statement.with !== null) {
    return queryOf({ withClause, body: statement, tail: [], span });
  }
  return { ...statement, with: withClause, span };
}

export function selectOf(parts: {
  readonly hints: readonly Hint[];
  readonly distinct: DistinctClause | null;
  readonly items: readonly SelectItem[] | null;
  readonly from: readonly FromItem[] | null;
  readonly clauses: {
    readonly where: Expression | null;
    readonly groupBy: GroupByClause | null;
    readonly having: Expression | null;
    readonly qualify: Expression | null;
    readonly windows: readonly NamedWindow[];
    readonly streamWindow: StreamWindow | null;
    readonly partitionBy: readonly Expression[];
  };
  readonly span: Span;
}): Select {
  const { hints, distinct, items, from, clauses, span } = parts;
  return { kind: 'select', hints, distinct, items: items ?? [], from: from ?? [], ...clauses, span };
}

/** A hint comment that is written as no hint here is; nothing when nothing stands in it. */
export function foreignHint(text: string, span: Span): readonly Hint[] {
  const word = /^\/\*\+\s*([^\s(*]+)/.exec(text)?.[1];
  if (word === undefined) return [];
  return [{ kind: 'hint', foreign: text, name: { kind: 'identifier', text: word, quoted: false, span }, arguments: [], span }];
}

/** `GROUP BY (a, b)` names two keys. */
export function groupingKeys(expression: Expression): readonly Expression[] {
  return expression.kind === 'row' && !expression.explicit ? expression.fields : [expression];
}

export function streamWindow(parts: {
  readonly type: StreamWindow['type'];
  readonly size: Expression;
  readonly advance: Expression | null;
  readonly rest: readonly { readonly part: 'retention' | 'grace'; readonly value: Expression }[];
  readonly span: Span;
}): StreamWindow {
  const { type, size, advance, rest, span } = parts;
  const option = (part: 'retention' | 'grace') => rest.find((entry) => entry.part === part)?.value ?? null;
  return { kind: 'stream-window', type, size, advance, retention: option('retention'), grace: option('grace'), span };
}
