import { SqlError, SqlState } from '../../base/index.ts';
import type { CatalogReader, RelationColumn } from '../../catalog/index.ts';
import type { EvaluationContext, Expression } from '../../expr/index.ts';
import { compileRowInterpreter, foldConstants } from '../../expr/index.ts';
import {
  type BindContext,
  type BoundQuery,
  bindQuery,
  bindRowExpression,
  optimize,
  resolveTypeName,
  splitDistinctOfQuery,
  stateTtlOfQuery,
  withDeclaredFunctions,
  withStateTtl,
} from '../../plan/index.ts';
import { type Expression as AstExpression, parseExpression, parseStatement, type Query, type TypeName } from '../../sql/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import type { Engine } from './engine.ts';
import { refuseSessionCall, refuseSessionCalls, refuseVolatileCall } from './refuse-session-calls.ts';
import { refuseUnstable } from './refuse-unstable.ts';

/** Binding for one statement: the catalog as the session sees it, with its time, time zone and parameter types. */
export class StatementBinder {
  readonly engine: Engine;
  readonly context: BindContext;

  constructor(
    engine: Engine,
    options: {
      readonly catalog: CatalogReader;
      readonly evaluation: EvaluationContext;
      readonly parameterTypes: readonly (SqlType | null)[];
      readonly dependsOn?: readonly number[] | null;
      readonly named?: BindContext['named'];
      readonly commonTable?: BindContext['commonTable'];
      readonly warn?: BindContext['warn'];
    },
  ) {
    this.engine = engine;
    const functions = withDeclaredFunctions(engine.registries.functions, options.catalog, engine.registries.scripts);
    const { dependsOn = null } = options;
    this.context = {
      catalog: options.catalog,
      functions: dependsOn === null ? functions : functions.only(dependsOn),
      parameterTypes: options.parameterTypes,
      evaluation: options.evaluation,
      parseQuery,
      parseExpression,
      suppliedMetadata: (connector) => new Set(engine.registries.connectors.get(connector)?.metadata.map(({ key }) => key)),
      ...(options.named !== undefined && { named: options.named }),
      ...(options.commonTable !== undefined && { commonTable: options.commonTable }),
      ...(options.warn !== undefined && { warn: options.warn }),
    };
  }

  /** Binding of stored definitions: UTC, no parameters; `dependsOn`: of declared functions only those, `named` is told where relations are named. */
  static forCatalog(
    engine: Engine,
    catalog: CatalogReader,
    options: { readonly dependsOn?: readonly number[]; readonly named?: BindContext['named'] } = {},
  ): StatementBinder {
    const evaluation = { nowMicros: engine.clock.nowMicros(), timeZone: 'UTC' };
    return new StatementBinder(engine, { catalog, evaluation, parameterTypes: [], ...options });
  }

  type(name: TypeName): SqlType {
    return resolveTypeName(name);
  }

  /** A query as written. */
  query(query: Query): BoundQuery {
    return bindQuery(query, this.context);
  }

  /** A query ready to run or to lower. */
  optimizedQuery(query: Query): BoundQuery {
    return this.#optimized(query, false);
  }

  #optimized(query: Query, continuous: boolean): BoundQuery {
    const bound = this.query(query);
    const { lookup, aggregates } = this.engine.registries;
    const stateTtl = stateTtlOfQuery(query);
    // With a ttl a value would be forgotten by itself, and not with its group.
    const splitDistinct = stateTtl === null ? splitDistinctOfQuery(query) : false;
    const plan = optimize(bound.plan, {
      functions: lookup,
      aggregates,
      continuous,
      evaluation: this.context.evaluation,
      ...(splitDistinct !== null && { splitDistinct }),
    });
    return { ...bound, plan: stateTtl === null ? plan : withStateTtl(plan, stateTtl) };
  }

  /** The query of a view or sink: no parameters, nothing volatile, nothing of the session. Errors: 0A000, 42P02. */
  continuousQuery(query: Query): BoundQuery {
    const bound = this.#optimized(query, true);
    refuseSessionCalls(bound.plan, this.engine.registries.lookup);
    this.#refuseUnstable(bound, query);
    return bound;
  }

  #refuseUnstable(bound: BoundQuery, query: Query): void {
    const volatile = bound.volatileFunctions[0];
    if (volatile !== undefined) {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `a continuous query cannot call the volatile function ${volatile}()`,
        hint: 'A view has to have the same rows after a restart: take a key of the rows, or md5() of their columns.',
        position: query.span.start,
      });
    }
    refuseUnstable(bound.plan);
  }

  /** The same from the catalog's text, of what was defined when less was refused, too. */
  continuousQueryText(text: string): BoundQuery {
    const query = parseQuery(text);
    const bound = this.#optimized(query, true);
    this.#refuseUnstable(bound, query);
    return bound;
  }

  /** An expression over the columns of a relation being defined. */
  rowExpression(expression: AstExpression, columns: readonly RelationColumn[], clause: string): Expression {
    const bound = bindRowExpression(expression, columns, { context: this.context, clause });
    return foldConstants(bound, this.engine.registries.lookup, this.context.evaluation);
  }

  /** The same of a column that jobs compute. Errors: 0A000 for what asks the session. */
  computedColumn(expression: AstExpression, columns: readonly RelationColumn[]): Expression {
    const bound = this.rowExpression(expression, columns, 'a computed column');
    refuseSessionCall(bound, 'a computed column', this.engine.registries.lookup);
    refuseVolatileCall(bound, 'a computed column', this.engine.registries.lookup);
    return bound;
  }

  /** An expression from the catalog's text, converted to the column's type. */
  rowExpressionText(text: string, columns: readonly RelationColumn[], type: SqlType): Expression {
    return bindRowExpression(text, columns, { context: this.context, clause: 'a computed column', assignTo: type });
  }

  /** The value of a constant expression in a column's type. */
  constant(expression: AstExpression, type: SqlType, clause: string): Datum | null {
    const bound = bindRowExpression(expression, [], { context: this.context, clause, assignTo: type });
    return compileRowInterpreter(bound, this.engine.registries.lookup)([], this.context.evaluation);
  }
}

/** Errors: 42601 when the text is no query. */
function parseQuery(text: string): Query {
  const statement = parseStatement(text);
  if (statement.kind === 'query') return statement;
  throw new SqlError({ code: SqlState.syntaxError, message: 'a query is expected' });
}
