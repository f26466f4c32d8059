import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression, FunctionDefinition } from '../../expr/index.ts';
import { type FunctionCall, foldIdentifier, type Span } from '../../sql/index.ts';
import { boolType, type SqlType } from '../../types/index.ts';
import { refuseArrivalOrderOver } from './arrival-order.ts';
import { bindAggregateCall, bindGroupingCall } from './bind-aggregate-call.ts';
import { bindLambdaCall } from './bind-lambda-call.ts';
import { bindOverCall } from './bind-over-call.ts';
import { toBoolean } from './bind-predicate.ts';
import { type BindState, bind, type ExpressionScope } from './bind-state.ts';
import { nearestHint, notSupported, syntaxError, typeText, wrongObject } from './binder-error.ts';
import { cannotCast, coerce, resolveUnknown } from './coercion.ts';
import { unify } from './common-type.ts';
import { argumentsInOrder, refuseNamed } from './named-arguments.ts';
import { callOf, convertArguments, noteDeclared, resolveOperator, resolveOverload } from './resolve-call.ts';
import { typeByName } from './type-by-name.ts';
import { windowFunctions, windowFunctionsNamed } from './window-function.ts';

const callableSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'fsql_catalog', 'information_schema', 'public']);

/** Any call by name: window function, aggregate, special form, scalar function, set-returning function, cast in function notation. */
export function bindFunctionCall(node: FunctionCall, scope: ExpressionScope): Expression {
  const name = callableName(node, scope);
  const catalog = scope.state.context.functions;
  const lambdaCall = bindLambdaCall(node, name, scope);
  if (lambdaCall !== null) return lambdaCall;
  if (catalog.functions(name).length === 0) refuseNamed(node);
  const navigation = scope.pattern?.call(node, name, scope) ?? null;
  if (navigation !== null) return navigation;
  if (node.over !== null) {
    refuseArrivalOrderOver(node, name);
    return bindOverCall(node, name, scope);
  }
  const aggregates = catalog.aggregates(name);
  if (windowFunctionsNamed(name).length > 0 && !aggregates.some((one) => one.orderedSet !== 'hypothetical' || node.withinGroup !== null)) {
    throw wrongObject(`window function ${name} requires an OVER clause`, node.span);
  }
  if (aggregates.length > 0) return bindAggregateCall(node, name, scope);
  requirePlain(node, name);
  const special = node.name.parts.length === 1 ? bindSpecialForm(node, name, scope) : null;
  if (special !== null) return special;
  const lambda = node.arguments.find((argument) => argument.value.kind === 'lambda');
  if (lambda !== undefined) throw notSupported(`function ${name} does not take lambda expressions`, lambda.span, lambdaHint(scope));
  const args = argumentsInOrder(node, name, scope);
  if (node.variadic) throw notSupported('VARIADIC arguments are not supported', node.span);
  return callByName(name, args, { span: node.span, scope });
}

function callableName(node: FunctionCall, scope: ExpressionScope): string {
  const parts = node.name.parts.map(foldIdentifier);
  const schema = parts.at(-2);
  if (schema !== undefined && !callableSchemas.has(schema) && !scope.state.context.catalog.hasSchema(schema)) {
    throw new SqlError({ code: SqlState.invalidSchemaName, message: `schema "${schema}" does not exist`, position: node.span.start });
  }
  return parts.at(-1)!;
}

function lambdaHint({ state }: ExpressionScope): string {
  const { functions } = state.context;
  const names = [...functions.names()].filter((name) => functions.functions(name).some((definition) => definition.lambdas !== undefined));
  return `Those that do: ${[...new Set(names)].sort().join(', ')}.`;
}

function requirePlain(node: FunctionCall, name: string): void {
  const refuse = (what: string): SqlError => wrongObject(`${what} specified, but ${name} is not an aggregate function`, node.span);
  if (node.star) throw refuse(`${name}(*)`);
  if (node.distinct) throw refuse('DISTINCT');
  if (node.withinGroup !== null) throw refuse('WITHIN GROUP');
  if (node.orderBy.length > 0) throw refuse('ORDER BY');
  if (node.filter !== null) throw refuse('FILTER');
}

/** Names that functions of chance have in other systems. */
const chance: ReadonlySet<string> = new Set(['uuid', 'rand', 'rand_integer']);
const CHANCE_HINT =
  'Statements have random() and gen_random_uuid(). A view has to have the same rows after a restart: take a key of the rows, or md5() of their columns.';

interface CallPlace {
  readonly span: Span;
  readonly scope: ExpressionScope;
}

/** The call of a scalar or set-returning function over bound arguments. Errors: 42883 with the nearest name. */
export function callByName(name: string, args: readonly Expression[], place: CallPlace): Expression {
  const { state } = place.scope;
  const catalog = state.context.functions;
  const scalar = catalog.functions(name);
  if (scalar.length > 0) {
    const cast = args.length === 1 ? castNotation(name, args[0]!, scalar, place) : null;
    return cast ?? callOf(resolveOverload(name, scalar, { args, span: place.span, state }), args, place.span, state);
  }
  if (catalog.tableFunctions(name).length > 0) return bindSetFunction(name, args, place);
  const cast = args.length === 1 ? castNotation(name, args[0]!, [], place) : null;
  if (cast !== null) return cast;
  const hint = chance.has(name)
    ? CHANCE_HINT
    : nearestHint('the function', name, [...catalog.names(), ...windowFunctions.map((definition) => definition.name)]);
  throw new SqlError({
    code: SqlState.undefinedFunction,
    message: `function ${name}(${args.map((arg) => typeText(arg.type)).join(', ')}) does not exist`,
    hint: hint ?? 'No function matches the given name and argument types. You might need to add explicit type casts.',
    position: place.span.start,
  });
}

/** `date(ts)`, `text(1)`: a type's name called with one argument is a cast, unless a function of that name takes it. */
function castNotation(name: string, arg: Expression, functions: readonly FunctionDefinition[], place: CallPlace): Expression | null {
  const type = typeByName(name);
  if (type === null || functions.some((definition) => definition.argumentTypes.length === 1)) return null;
  const cast = coerce(arg, type, 'explicit', place.scope.state);
  if (cast === null) throw cannotCast(arg.type, type, place.span);
  return cast;
}

/** A set-returning function of the select list: its rows multiply the query's rows. */
function bindSetFunction(name: string, args: readonly Expression[], place: CallPlace): Expression {
  const { scope, span } = place;
  if (scope.setFunctions === null) throw notSupported(`set-returning functions are not allowed in ${scope.clause}`, span);
  const candidate = resolveOverload(name, scope.state.context.functions.tableFunctions(name), { args, span, state: scope.state });
  const converted = convertArguments(candidate, args, scope.state);
  const declared = noteDeclared(candidate.definition, scope.state);
  if (declared?.language === 'sql')
    throw notSupported(`function ${name} in SQL is not supported in the select list`, span, `Call it in FROM: LATERAL ${name}(…).`);
  const columns = candidate.definition.columns(converted.map((arg) => arg.type));
  const type: SqlType = columns.length === 1 ? columns[0]!.type : { kind: 'row', fields: columns };
  const index = scope.setFunctions.base + scope.setFunctions.calls.length;
  scope.setFunctions.calls.push({ name: declared === null ? name : candidate.definition.signature, args: converted, columns, type });
  scope.setFunctions.spans.push(span);
  return { kind: 'column', index, name, type, span };
}

/** The forms SQL writes like functions but evaluates by rules of their own. */
function bindSpecialForm(node: FunctionCall, name: string, scope: ExpressionScope): Expression | null {
  const values = (): Expression[] => node.arguments.map((argument) => bind(argument.value, scope));
  switch (name) {
    case 'coalesce':
    case 'ifnull': {
      const { type, expressions } = unify(values(), 'COALESCE', scope.state);
      return expressions.length === 1 ? expressions[0]! : { kind: 'coalesce', args: expressions, type, span: node.span };
    }
    case 'if':
      return bindIf(node, values(), scope);
    case 'nullif':
      return bindNullIf(values(), node.span, scope.state);
    case 'greatest':
    case 'least':
      return bindExtreme(values(), name, { span: node.span, scope });
    case 'grouping':
      return bindGroupingCall(node, scope);
    default:
      return groupWindowBound(name, scope, node.span);
  }
}

/** IF(condition, value, otherwise) of Flink: a CASE. */
function bindIf(node: FunctionCall, args: readonly Expression[], { state }: ExpressionScope): Expression {
  const [condition, ...values] = args;
  if (condition === undefined || values.length !== 2) throw syntaxError('IF takes a condition and two values', node.span);
  const { type, expressions } = unify(values, 'IF', state);
  const branches = [{ condition: toBoolean(condition, 'IF', state), result: expressions[0]! }];
  return { kind: 'case', branches, otherwise: expressions[1]!, type, span: node.span };
}

/** NULLIF(a, b): NULL when equal, else a. */
function bindNullIf(args: readonly Expression[], span: Span, state: BindState): Expression {
  const [left, right] = args as [Expression, Expression];
  const equal = resolveOperator('=', [left, right], span, state);
  const value = equal.kind === 'call' && left.type.kind === 'unknown' ? resolveUnknown(left, state) : left;
  return {
    kind: 'case',
    branches: [{ condition: equal, result: { kind: 'literal', type: value.type, value: null, span } }],
    otherwise: value,
    type: value.type,
    span,
  };
}

/** GREATEST and LEAST ignore NULLs; the value is NULL only if all are. */
function bindExtreme(args: readonly Expression[], name: 'greatest' | 'least', place: CallPlace): Expression {
  const { state } = place.scope;
  const { type, expressions } = unify(args, name.toUpperCase(), state);
  const definitions = state.context.functions.functions(name);
  if (definitions.length > 0)
    return callOf(resolveOverload(name, definitions, { args: expressions, span: place.span, state }), expressions, place.span, state);
  const symbol = name === 'greatest' ? '>=' : '<=';
  return expressions.reduce((best, next) => {
    const isNull = (input: Expression): Expression => ({ kind: 'is-null', input, negated: false, type: boolType });
    const better = resolveOperator(symbol, [best, next], place.span, state);
    const keep: Expression = { kind: 'logical', operator: 'or', args: [isNull(next), better], type: boolType };
    return { kind: 'case', branches: [{ condition: keep, result: best }], otherwise: next, type, span: place.span };
  });
}

/** TUMBLE_START(…) and its kin mean the bounds of the window the query groups by. */
function groupWindowBound(name: string, scope: ExpressionScope, span: Span): Expression | null {
  const match = /^(tumble|hop|session|cumulate)_(start|end|rowtime|proctime)$/.exec(name);
  if (match === null) return null;
  if (scope.groupWindow === null) {
    throw new SqlError({
      code: SqlState.groupingError,
      message: `function ${name} needs a window in GROUP BY`,
      hint: `Add ${match[1]!.toUpperCase()}(…) to GROUP BY, or use the columns window_start and window_end of the table function.`,
      position: span.start,
    });
  }
  if (match[2] === 'start') return { ...scope.groupWindow.start, span };
  return { ...(match[2] === 'end' ? scope.groupWindow.end : scope.groupWindow.time), span };
}
