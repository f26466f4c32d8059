import { SqlError, SqlState } from '../../base/index.ts';
import type { DeclaredFunction } from '../../catalog/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import type { AsOfClause, Expression as AstExpression, EmitClause, Query } from '../../sql/index.ts';
import { int8Type, type SqlType, textType } from '../../types/index.ts';
import type { BoundQuery, EmitMode, Field } from '../logical/index.ts';
import { bindExpression } from './bind-expression.ts';
import { bindQueryPlan } from './bind-query.ts';
import { type BindContext, type BindState, bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, notSupported, typeText } from './binder-error.ts';
import { coerce, resolveUnknown } from './coercion.ts';
import { constantValue } from './constant-value.ts';
import { checkBody } from './inline-function.ts';
import { fieldColumns, relationRow } from './row-scope.ts';

/** The state of a statement's binding. */
export function createBindState(context: BindContext): BindState {
  return {
    context,
    parameterTypes: [...context.parameterTypes],
    volatileFunctions: new Set(),
    readTables: new Set(),
    reads: new Set(),
    viewStack: [],
    binders: { expression: bindExpression, query: bindQueryPlan },
  };
}

export function topEnvironment(state: BindState): QueryEnvironment {
  return { state, outer: null, commonTables: null };
}

/** A whole query: SELECT, VALUES, TABLE, set operations, WITH. */
export function bindQuery(query: Query, context: BindContext): BoundQuery {
  const state = createBindState(context);
  const environment = topEnvironment(state);
  const plan = bindQueryPlan(query, environment);
  return {
    plan,
    emit: emitMode(query.emit),
    asOfEpoch: query.asOf === null ? null : bindEpoch(query.asOf, environment),
    parameterTypes: settleParameters(state),
    volatileFunctions: [...state.volatileFunctions],
    reads: [...state.reads],
  };
}

/** Checks the query of a function in SQL; the oids it reads. Errors: all of a query's, 42P13. */
export function bindFunctionBody(declared: DeclaredFunction, context: BindContext): readonly number[] {
  const state = createBindState(context);
  checkBody(declared, state);
  return [...state.reads];
}

const emitModes: Readonly<Record<EmitClause['mode'], EmitMode>> = {
  'on update': 'on-update',
  changes: 'on-update',
  'on window close': 'on-window-close',
  final: 'on-window-close',
};

function emitMode(clause: EmitClause | null): EmitMode | null {
  return clause === null ? null : emitModes[clause.mode];
}

function bindEpoch(clause: AsOfClause, environment: QueryEnvironment): number {
  const value = constantValue(clause.epoch, int8Type, 'AS OF EPOCH', environment) as bigint | null;
  if (value === null || value < 0n) {
    throw new SqlError({ code: SqlState.invalidParameterValue, message: 'AS OF EPOCH needs an epoch number', position: clause.span.start });
  }
  return Number(value);
}

/** Parameters no place has given a type are text, unless a number between them was never mentioned. Errors: 42P18. */
export function settleParameters(state: BindState): readonly SqlType[] {
  return state.parameterTypes.map((type, index) => {
    if (type === null)
      throw new SqlError({ code: SqlState.indeterminateDatatype, message: `could not determine data type of parameter $${index + 1}` });
    return type.kind === 'unknown' ? textType : type;
  });
}

interface RowExpressionOptions {
  readonly context: BindContext;
  /** Names the place in messages: `DEFAULT expressions`, `generated columns`. */
  readonly clause: string;
  /** The type of the place, reached by assignment rules; absent: the expression's own. */
  readonly assignTo?: SqlType | undefined;
}

/**
 * An expression over the columns of one relation: computed columns, watermarks, CHECKs; over no columns: defaults and arguments. Text comes
 * from the catalog and has no positions. Errors: all of an expression's.
 */
export function bindRowExpression(source: string | AstExpression, columns: readonly Field[], options: RowExpressionOptions): Expression {
  const state = createBindState(options.context);
  const expression = bindOverColumns(source, columns, state, { clause: options.clause, type: options.assignTo });
  settleParameters(state);
  return expression;
}

interface PlaceOptions {
  readonly clause: string;
  readonly type?: SqlType | undefined;
}

/** The same inside a statement being bound. */
export function bindOverColumns(source: string | AstExpression, columns: readonly Field[], state: BindState, options: PlaceOptions): Expression {
  try {
    const node = typeof source === 'string' ? state.context.parseExpression(source) : source;
    const row = relationRow({ alias: '', name: '', schema: null, columns: fieldColumns(columns), scalar: false, primaryKey: null }, columns.length);
    const bound = bind(node, plainScope(topEnvironment(state), columns.length === 0 ? { ...row, relations: [] } : row, options.clause));
    refuseSubqueries(bound, options.clause);
    return options.type === undefined ? resolveUnknown(bound, state) : assign(bound, options.type, options.clause, state);
  } catch (error) {
    if (typeof source === 'string' && error instanceof SqlError) throw error.with({ position: undefined });
    throw error;
  }
}

function refuseSubqueries(bound: Expression, clause: string): void {
  visitExpression(bound, (part) => {
    if (part.kind === 'subquery') throw notSupported(`cannot use subquery in ${clause.replace(/s$/, '')}`, part.span ?? bound.span!);
  });
}

function assign(bound: Expression, type: SqlType, clause: string, state: BindState): Expression {
  const assigned = coerce(bound, type, 'assignment', state);
  if (assigned !== null) return assigned;
  throw datatypeMismatch(
    `${clause} must be of type ${typeText(type)}, not ${typeText(bound.type)}`,
    bound.span,
    'You will need to rewrite or cast the expression.',
  );
}
