import type { SqlState } from '../../base/index.ts';
import type { CatalogReader, Relation } from '../../catalog/index.ts';
import type { EvaluationContext, Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { AggregateCall, Field, LogicalPlan, OverCall } from '../logical/index.ts';
import type { FunctionCatalog } from './function-catalog.ts';
import type { RowScope } from './row-scope.ts';

/** A relation of the catalog named in FROM, where it stands in the statement's text. */
export interface RelationUse {
  readonly relation: Relation;
  /** Its span is that of the string, where it is given as one (late_rows('s')). */
  readonly name: ast.QualifiedName;
  readonly asString: boolean;
  readonly alias: ast.TableAlias | null;
}

/** What a statement is bound against. */
export interface BindContext {
  /** A look-up without schema goes along the session's search path. */
  readonly catalog: CatalogReader;
  readonly functions: FunctionCatalog;
  /** Declared types of $1, $2, …; null or missing where the client left it to us. */
  readonly parameterTypes: readonly (SqlType | null)[];
  /** Time zone and time for literals such as `TIMESTAMPTZ '2024-01-01'`. */
  readonly evaluation: EvaluationContext;
  /** Reads the text of a view, and of computed columns and defaults. */
  parseQuery(text: string): ast.Query;
  parseExpression(text: string): ast.Expression;
  /** The keys of the metadata that the messages of a connector have; absent: no stream has implied columns. */
  readonly suppliedMetadata?: (connector: string) => ReadonlySet<string>;
  /** Told of each relation named outside of views, perhaps several times. */
  readonly named?: (use: RelationUse) => void;
  /** Stands in for a common table: with the rows it has given already, or with none where it gives none. Null: bind what is written. */
  readonly commonTable?: (table: ast.CommonTable, environment: QueryEnvironment) => { readonly rows: LogicalPlan | null } | null;
  /** Told of what the statement's text asks for in vain, perhaps several times; absent: nobody wants to know. */
  readonly warn?: Warn;
}

/** What a statement says that has no effect, and where in its text. */
export interface BindWarning {
  readonly message: string;
  readonly hint: string;
  readonly position: number;
}

export type Warn = (warning: BindWarning) => void;

/** What is shared by all parts of one statement's binding. */
export interface BindState {
  readonly context: BindContext;
  /** Types of parameters as far as they are known; filled while binding. */
  readonly parameterTypes: (SqlType | null)[];
  readonly volatileFunctions: Set<string>;
  /** Plans of common tables that have been read. */
  readonly readTables: Set<LogicalPlan>;
  /** Oids of the relations and declared functions named outside of views and of functions. */
  readonly reads: Set<number>;
  /** Oids of views and functions being inlined, so that a cycle ends in an error. */
  readonly viewStack: readonly number[];
  /** In the body of a function in SQL the number of its parameters, which `$n` means there. */
  readonly bodyParameterCount?: number;
  readonly binders: Binders;
}

/** The two recursive entries; handed around so that files of this folder do not import each other in circles. */
interface Binders {
  expression(node: ast.Expression, scope: ExpressionScope): Expression;
  query(query: ast.Query, environment: QueryEnvironment): LogicalPlan;
}

/** What surrounds a query: rows of the queries outside it and the common tables in sight. */
export interface QueryEnvironment {
  readonly state: BindState;
  readonly outer: OuterScope | null;
  readonly commonTables: CommonTables | null;
  /** The SELECT whose FROM is bound names implied columns: streams yield them behind their own. */
  readonly readsArrival?: boolean;
}

/** One row the executor has pushed when the query runs. */
interface OuterScope {
  readonly scope: ExpressionScope;
  /** The row is there, and counts, but its names are not visible: a lateral boundary around a part that is not LATERAL. */
  readonly hidden: boolean;
  /** The left side of a join whose right side is being bound; LATERAL makes it visible. */
  readonly lateral: boolean;
  readonly next: OuterScope | null;
}

/** A list of common tables, innermost first. */
export interface CommonTables {
  readonly name: string;
  /** What a reference means; while its own query is being bound, the message of the error a reference is (42P19). */
  readonly plan: LogicalPlan | string;
  /** Of that error, where it is another one. */
  readonly code?: SqlState;
  /** Rows pushed where it was bound; a reference from deeper inside shifts its outer columns. */
  readonly depth: number;
  readonly next: CommonTables | null;
}

/** Where an expression stands. */
export interface ExpressionScope extends QueryEnvironment {
  readonly row: RowScope;
  /** Name of the clause for error messages: `WHERE`, `JOIN conditions`, `HAVING`. */
  readonly clause: string;
  /** Collects aggregate calls; null where they are not allowed. */
  readonly aggregates: CallCollector<AggregateCall> | null;
  /** Collects window calls; null where they are not allowed. */
  readonly overs: CallCollector<OverCall> | null;
  /** Collects set-returning functions of the select list; null where they are not allowed. */
  readonly setFunctions: CallCollector<SetFunctionCall> | null;
  /** Bounds of the window of a GROUP BY TUMBLE(…); null without one. */
  readonly groupWindow: GroupWindow | null;
  /** What MATCH_RECOGNIZE makes of calls in its conditions and measures; absent everywhere else. */
  readonly pattern?: PatternCalls;
  /** The named windows of the query. */
  readonly windows: ReadonlyMap<string, ast.WindowSpecification>;
}

/** The calls that navigate in a match. */
export interface PatternCalls {
  /** Null for a call that means what it means everywhere. */
  call(node: ast.FunctionCall, name: string, scope: ExpressionScope): Expression | null;
  semantics(node: ast.MatchSemantics, scope: ExpressionScope): Expression;
}

export interface GroupWindow {
  readonly start: Expression;
  readonly end: Expression;
  readonly time: Expression;
}

export interface SetFunctionCall {
  readonly name: string;
  readonly args: readonly Expression[];
  /** Of the function's rows; several are one value of a row type in the select list. */
  readonly columns: readonly Field[];
  readonly type: SqlType;
}

/**
 * Calls found in expressions. Call n is a column of index `base + n` until the plan below is built and the real position is known;
 * bases lie beyond any real column count.
 */
interface CallCollector<Call> {
  readonly base: number;
  readonly calls: Call[];
  /** Names the call for messages: set once one of its kind has been seen. */
  readonly spans: (ast.Span | null)[];
}

export const AGGREGATE_BASE = 1_000_000;
export const OVER_BASE = 2_000_000;
export const SET_FUNCTION_BASE = 3_000_000;
/** Parameters of lambdas, until the body has a row of its own. */
export const LAMBDA_BASE = 4_000_000;

export function createCollector<Call>(base: number): CallCollector<Call> {
  return { base, calls: [], spans: [] };
}

/** Number of rows pushed around a query. */
export function outerDepth(outer: OuterScope | null): number {
  let depth = 0;
  for (let scope = outer; scope !== null; scope = scope.next) depth++;
  return depth;
}

/** The environment of a subquery of an expression: the row at hand is pushed. */
export function enterSubquery(scope: ExpressionScope): QueryEnvironment {
  return { state: scope.state, commonTables: scope.commonTables, outer: { scope, hidden: false, lateral: false, next: scope.outer } };
}

/** The environment of the right side of a join: the left row is pushed, but its names show only to LATERAL parts. */
export function enterRightSide(environment: QueryEnvironment, left: RowScope): QueryEnvironment {
  const scope = plainScope(environment, left, 'a LATERAL reference');
  return { ...environment, outer: { scope, hidden: true, lateral: true, next: environment.outer } };
}

/** The environment of a LATERAL part: the rows to its left become visible. */
export function revealLateral(environment: QueryEnvironment): QueryEnvironment {
  const reveal = (outer: OuterScope | null): OuterScope | null => (outer?.lateral ? { ...outer, hidden: false, next: reveal(outer.next) } : outer);
  return { ...environment, outer: reveal(environment.outer) };
}

/** A scope over a row in which neither aggregates nor windows are allowed. */
export function plainScope(environment: QueryEnvironment, row: RowScope, clause: string): ExpressionScope {
  return {
    state: environment.state,
    outer: environment.outer,
    commonTables: environment.commonTables,
    row,
    clause,
    aggregates: null,
    overs: null,
    setFunctions: null,
    groupWindow: null,
    windows: new Map(),
  };
}

/** Whom to tell of warnings: nobody inside of views and functions, whose texts are others. */
export function warnOf({ viewStack, context }: BindState): Warn {
  return (warning) => {
    if (viewStack.length === 0) context.warn?.(warning);
  };
}

/** Binds an expression in a scope. */
export function bind(node: ast.Expression, scope: ExpressionScope): Expression {
  return scope.state.binders.expression(node, scope);
}
