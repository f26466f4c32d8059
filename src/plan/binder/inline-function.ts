import { SqlError, SqlState } from '../../base/index.ts';
import type { DeclaredFunction } from '../../catalog/index.ts';
import { type Expression, mapExpression, visitExpression } from '../../expr/index.ts';
import type { Query, Span } from '../../sql/index.ts';
import { boolType } from '../../types/index.ts';
import { type Field, type LogicalPlan, mapOuterColumns, mapOuterColumnsOfExpression, pushRow } from '../logical/index.ts';
import { type BindState, bind, type ExpressionScope, enterSubquery, plainScope } from './bind-state.ts';
import { notSupported, typeText } from './binder-error.ts';
import { coerce } from './coercion.ts';
import { columnOf, type RowScope } from './row-scope.ts';

/** The call of a scalar function in SQL: its query in the call's place. Errors: those of the query, at the call. */
export function inlineScalar(declared: DeclaredFunction, args: readonly Expression[], span: Span, state: BindState): Expression {
  return atCall(declared, span, state, (inner) => {
    const bound = mustReturn(bodyExpression(declared, inner), declared, inner);
    const value = withArguments(bound, args, { declared, span, state });
    return declared.strict && args.length > 0 ? unlessNull(args, value) : { ...value, span };
  });
}

/** The rows of a table function in SQL, as a plan in the place of the call. The arguments read rows outside the plan only. */
export function inlineTable(declared: DeclaredFunction, args: readonly Expression[], span: Span, state: BindState): LogicalPlan {
  return atCall(declared, span, state, (inner) => {
    const plan = inner.binders.query(inner.context.parseQuery(declared.body), enterSubquery(parameterScope(declared, inner)));
    const typed = mustGive(plan, declared, inner);
    const given: LogicalPlan = declared.strict && args.length > 0 ? onlyWithoutNulls(typed, declared) : typed;
    return mapOuterColumns(given, (column, level) => (column.depth === level + 1 ? pushed(args[column.index]!, level) : column));
  });
}

/** Binds a query that is being declared. Errors: all of a query's, and 42P13 where it gives something else than was declared. */
export function checkBody(declared: DeclaredFunction, state: BindState): void {
  const inner: BindState = { ...state, bodyParameterCount: declared.parameters.length };
  if (declared.kind !== 'table') mustReturn(bodyExpression(declared, inner), declared, inner);
  else mustGive(inner.binders.query(inner.context.parseQuery(declared.body), enterSubquery(parameterScope(declared, inner))), declared, inner);
}

/** Binds the query with what it meant when it was declared. Its places mean nothing in the statement that calls it. */
function atCall<Result>(declared: DeclaredFunction, span: Span, state: BindState, work: (inner: BindState) => Result): Result {
  if (state.viewStack.includes(declared.oid)) {
    throw new SqlError({
      code: SqlState.invalidFunctionDefinition,
      message: `function ${declared.name} calls itself`,
      hint: 'A function in SQL is put in the place of its call. WITH RECURSIVE inside of it can go on.',
      position: span.start,
    });
  }
  const { context } = state;
  const inner: BindState = {
    ...state,
    context: { ...context, functions: context.functions.only(declared.dependsOn) },
    viewStack: [...state.viewStack, declared.oid],
    bodyParameterCount: declared.parameters.length,
  };
  try {
    return work(inner);
  } catch (error) {
    if (error instanceof SqlError) throw error.with({ position: span.start, where: error.where ?? `SQL function "${declared.name}"` });
    throw error;
  }
}

/** What is selected of a query without FROM as an expression over the row of parameters; of any other as a subquery over it. */
function bodyExpression(declared: DeclaredFunction, state: BindState): Expression {
  const query = state.context.parseQuery(declared.body);
  const scope = parameterScope(declared, state);
  const selected = onlyExpression(query);
  if (selected !== null) return bind(selected, scope);
  return bind({ kind: 'scalar-subquery', query, span: query.span }, scope);
}

function onlyExpression({ body, ...query }: Query) {
  if (body.kind !== 'select' || query.with !== null || query.orderBy.length > 0 || query.limit !== null || query.offset !== null) return null;
  const plain = body.from.length === 0 && body.where === null && body.groupBy === null && body.having === null && body.distinct === null;
  const [item, ...others] = body.items;
  return plain && others.length === 0 && item?.expression !== undefined && item.expression.kind !== 'star' ? item.expression : null;
}

/** The parameters as a row: each under its name, if it has one, and under `$n`. Columns of tables inside hide them. */
function parameterScope(declared: DeclaredFunction, state: BindState): ExpressionScope {
  const columns = declared.parameters.flatMap(({ name, type }, index) => {
    const names = name === null ? [`$${index + 1}`] : [name, `$${index + 1}`];
    return names.map((one) => ({ name: one, expression: columnOf(index, { name: one, type }) }));
  });
  const relation = { alias: declared.name, name: declared.name, schema: null, columns, scalar: false, primaryKey: null };
  const row: RowScope = { relations: [relation], columns, width: declared.parameters.length };
  return plainScope({ state, outer: null, commonTables: null }, row, 'functions');
}

function mustReturn(bound: Expression, declared: DeclaredFunction, state: BindState): Expression {
  const converted = coerce(bound, declared.resultType, 'assignment', state);
  if (converted !== null) return converted;
  throw wrongReturn(declared, `Actual return type is ${typeText(bound.type)}.`, typeText(declared.resultType));
}

function mustGive(plan: LogicalPlan, declared: DeclaredFunction, state: BindState): LogicalPlan {
  const fields: readonly Field[] = declared.columns ?? [];
  if (plan.fields.length !== fields.length) {
    throw wrongReturn(declared, `Final statement returns ${plan.fields.length} columns instead of ${fields.length}.`, 'record');
  }
  const expressions = fields.map((field, index) => {
    const own = plan.fields[index]!;
    const converted = coerce(columnOf(index, own), field.type, 'assignment', state);
    if (converted !== null) return converted;
    throw wrongReturn(declared, `Final statement returns ${typeText(own.type)} instead of ${typeText(field.type)} at column ${index + 1}.`, 'record');
  });
  return { kind: 'project', input: plan, expressions, fields };
}

function wrongReturn(declared: DeclaredFunction, detail: string, returns: string): SqlError {
  return new SqlError({
    code: SqlState.invalidFunctionDefinition,
    message: `return type mismatch in function "${declared.name}" declared to return ${returns}`,
    detail,
  });
}

function unlessNull(args: readonly Expression[], value: Expression): Expression {
  const conditions = args.map((input): Expression => ({ kind: 'is-null', input, negated: false, type: boolType }));
  const condition: Expression = conditions.length === 1 ? conditions[0]! : { kind: 'logical', operator: 'or', args: conditions, type: boolType };
  const missing: Expression = { kind: 'literal', type: value.type, value: null };
  return { kind: 'case', branches: [{ condition, result: missing }], otherwise: value, type: value.type, span: value.span };
}

function onlyWithoutNulls(plan: LogicalPlan, declared: DeclaredFunction): LogicalPlan {
  const tests = declared.parameters.map(({ type }, index): Expression => {
    return { kind: 'is-null', input: { kind: 'outer-column', depth: 1, index, name: `$${index + 1}`, type }, negated: true, type: boolType };
  });
  const predicate: Expression = tests.length === 1 ? tests[0]! : { kind: 'logical', operator: 'and', args: tests, type: boolType };
  return { kind: 'filter', input: plan, predicate, fields: plan.fields };
}

interface CallPlace {
  readonly declared: DeclaredFunction;
  readonly span: Span;
  readonly state: BindState;
}

/** The arguments in the places of the parameters. */
function withArguments(body: Expression, args: readonly Expression[], call: CallPlace): Expression {
  const uses = args.map(() => 0);
  const argument = (index: number, level: number): Expression => {
    uses[index]!++;
    return pushed(args[index]!, level);
  };
  // Columns of the body's own row first: what the arguments bring in are columns of the caller's.
  const placed = mapExpression(body, (node) =>
    node.kind === 'column' ? { kind: 'outer-column', depth: 0, index: node.index, name: node.name, type: node.type } : node,
  );
  const value = mapOuterColumnsOfExpression(placed, (column, level) => (column.depth === level ? argument(column.index, level) : column));
  for (const [index, arg] of args.entries()) if (uses[index]! > 1) refuseVolatile(arg, call);
  return value;
}

/** What is written once would be computed, with different answers, as often as the function names it. */
function refuseVolatile(argument: Expression, { declared, span, state }: CallPlace): void {
  const { lookup } = state.context.functions;
  visitExpression(argument, (node) => {
    if (node.kind !== 'call' || lookup.function(node.signature).volatility !== 'volatile') return;
    throw notSupported(`a volatile argument of function ${declared.name}, which uses it several times, is not supported`, span);
  });
}

/** An expression as it reads `level` rows further in. */
function pushed(expression: Expression, level: number): Expression {
  let result = expression;
  for (let step = 0; step < level; step++) result = pushRow(result);
  return result;
}
