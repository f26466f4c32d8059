import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { type FunctionCall, foldIdentifier, type Identifier, type Span, type WindowFrame, type WindowSpecification } from '../../sql/index.ts';
import { int8Type, intervalType, type SqlType } from '../../types/index.ts';
import type { FrameBound, OverCall, SortKey } from '../logical/index.ts';
import { toBoolean } from './bind-predicate.ts';
import { bindSortKeys } from './bind-sort-key.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { datatypeMismatch, notSupported, typeText, wrongObject } from './binder-error.ts';
import { coerce, plainType, resolveUnknown } from './coercion.ts';
import { convertArguments, noteDeclared, resolveOverload, resultTypeOf } from './resolve-call.ts';
import { typeCategory } from './type-category.ts';
import { windowFunctionsNamed } from './window-function.ts';

const WINDOW_CLAUSE = 'window definitions';

/** `f(…) OVER (…)`: collected, its value a placeholder column until the Over node exists. Errors: 42P20 where windows are not allowed. */
export function bindOverCall(node: FunctionCall, name: string, scope: ExpressionScope): Expression {
  if (scope.overs === null) {
    const message = scope.clause === WINDOW_CLAUSE ? 'window function calls cannot be nested' : `window functions are not allowed in ${scope.clause}`;
    throw windowingError(message, node.span);
  }
  if (node.nullTreatment === 'ignore') throw notSupported('IGNORE NULLS is not supported', node.span);
  const inner: ExpressionScope = { ...scope, overs: null, setFunctions: null, clause: WINDOW_CLAUSE };
  const window = bindWindow(node.over!, inner);
  const called = windowFunctionsNamed(name).length > 0 ? bindWindowFunction(node, name, inner) : bindWindowAggregate(node, name, inner);
  const call: OverCall = { ...called, ...window };
  const index = scope.overs.base + scope.overs.calls.length;
  scope.overs.calls.push(call);
  scope.overs.spans.push(node.span);
  return { kind: 'column', index, name, type: call.type, span: node.span };
}

type CalledPart = Pick<OverCall, 'function' | 'args' | 'filter' | 'type'>;

function bindWindowFunction(node: FunctionCall, name: string, scope: ExpressionScope): CalledPart {
  if (node.filter !== null) throw notSupported('FILTER is not implemented for non-aggregate window functions', node.span);
  if (node.distinct) throw notSupported('DISTINCT is not implemented for window functions', node.span);
  if (node.star) throw wrongObject(`${name}(*) specified, but ${name} is not an aggregate function`, node.span);
  const args = node.arguments.map((argument) => bind(argument.value, scope));
  const candidate = resolveOverload(name, windowFunctionsNamed(name), { args, span: node.span, state: scope.state });
  const converted = convertArguments(candidate, args, scope.state);
  return { function: { kind: 'window', name }, args: converted, filter: null, type: resultTypeOf(candidate.definition, converted) };
}

function bindWindowAggregate(node: FunctionCall, name: string, scope: ExpressionScope): CalledPart {
  if (scope.state.context.functions.aggregates(name).length === 0) {
    throw wrongObject(`OVER specified, but ${name} is not a window function nor an aggregate function`, node.span);
  }
  if (node.distinct) throw notSupported('DISTINCT is not implemented for window functions', node.span);
  if (node.orderBy.length > 0) throw notSupported('aggregate ORDER BY is not implemented for window functions', node.span);
  // Arguments of a window aggregate may hold plain aggregates (sum(count(*)) OVER ()), so they are bound here, not as an aggregate's.
  const args = node.arguments.map((argument) => bind(argument.value, scope));
  const named = scope.state.context.functions.aggregates(name).filter((definition) => definition.orderedSet === undefined);
  if (named.length === 0) throw notSupported(`OVER is not supported for ordered-set aggregate ${name}`, node.span);
  const definitions = named.filter((definition) => (definition.argumentTypes.length === 0) === (args.length === 0));
  const candidate = resolveOverload(name, definitions, { args, span: node.span, state: scope.state });
  const converted = convertArguments(candidate, args, scope.state);
  noteDeclared(candidate.definition, scope.state);
  return {
    function: { kind: 'aggregate', signature: candidate.definition.signature },
    args: converted,
    filter: node.filter === null ? null : toBoolean(bind(node.filter, scope), 'FILTER', scope.state),
    type: resultTypeOf(candidate.definition, converted),
  };
}

type WindowPart = Pick<OverCall, 'partitionBy' | 'orderBy' | 'frame'>;

function bindWindow(over: WindowSpecification | Identifier, scope: ExpressionScope): WindowPart {
  if (over.kind === 'identifier') return bindWindow(namedWindow(over, scope), scope);
  const base = over.base === null ? null : namedWindow(over.base, scope);
  if (base !== null && over.base !== null) checkRefinement(over, base, over.base);
  const partitionItems = base?.partitionBy.length ? base.partitionBy : over.partitionBy;
  const orderItems = base?.orderBy.length ? base.orderBy : over.orderBy;
  const partitionBy = partitionItems.map((item) => resolveUnknown(bind(item, scope), scope.state));
  const orderBy = bindSortKeys(orderItems, scope);
  return { partitionBy, orderBy, frame: bindFrame(over.frame, orderBy, scope) };
}

function namedWindow(name: Identifier, scope: ExpressionScope): WindowSpecification {
  const found = scope.windows.get(foldIdentifier(name));
  if (found !== undefined) return found;
  throw new SqlError({ code: SqlState.undefinedObject, message: `window "${foldIdentifier(name)}" does not exist`, position: name.span.start });
}

function checkRefinement(over: WindowSpecification, base: WindowSpecification, name: Identifier): void {
  const window = foldIdentifier(name);
  if (over.partitionBy.length > 0) throw windowingError(`cannot override PARTITION BY clause of window "${window}"`, over.span);
  if (over.orderBy.length > 0 && base.orderBy.length > 0) throw windowingError(`cannot override ORDER BY clause of window "${window}"`, over.span);
  if (base.frame !== null) throw windowingError(`cannot copy window "${window}" because it has a frame clause`, over.span);
}

const defaultFrame: OverCall['frame'] = {
  unit: 'range',
  start: { kind: 'unbounded-preceding', offset: null },
  end: { kind: 'current-row', offset: null },
  exclude: 'no-others',
};

function bindFrame(frame: WindowFrame | null, orderBy: readonly SortKey[], scope: ExpressionScope): OverCall['frame'] {
  if (frame === null) return defaultFrame;
  if (frame.unit === 'session') return bindSessionFrame(frame, orderBy, scope);
  checkFrameOrder(frame);
  const unit = frame.unit;
  if (unit === 'groups' && orderBy.length === 0) throw windowingError('GROUPS mode requires an ORDER BY clause', frame.span);
  const bound = (side: ast.FrameBound | null): FrameBound => {
    if (side === null) return { kind: 'current-row', offset: null };
    const kind = side.bound.replace(' ', '-') as FrameBound['kind'];
    return { kind, offset: side.offset === null ? null : bindFrameOffset(side.offset, { unit, orderBy, scope, frame }) };
  };
  return {
    unit,
    start: bound(frame.start),
    end: bound(frame.end),
    exclude: frame.exclude === null ? 'no-others' : (frame.exclude.replace(' ', '-') as OverCall['frame']['exclude']),
  };
}

/** RisingWave's SESSION WITH GAP: the frame of a row is all of its session. Errors: 42P20 without one ascending key, 0A000 for a key that has no distances. */
function bindSessionFrame(frame: WindowFrame, orderBy: readonly SortKey[], scope: ExpressionScope): OverCall['frame'] {
  const [key, second] = orderBy;
  if (key === undefined || second !== undefined || key.descending) {
    throw windowingError('SESSION requires exactly one ORDER BY column, ascending', frame.span);
  }
  const gap = bindFrameOffset(frame.start.offset!, { unit: 'session', orderBy, scope, frame });
  return { unit: 'session', start: { kind: 'preceding', offset: gap }, end: { kind: 'following', offset: gap }, exclude: 'no-others' };
}

const boundOrder = ['unbounded preceding', 'preceding', 'current row', 'following', 'unbounded following'];

function checkFrameOrder(frame: WindowFrame): void {
  const start = frame.start.bound;
  const end = frame.end?.bound ?? 'current row';
  const endSpan = frame.end?.span ?? frame.span;
  if (start === 'unbounded following') throw windowingError('frame start cannot be UNBOUNDED FOLLOWING', frame.start.span);
  if (end === 'unbounded preceding') throw windowingError('frame end cannot be UNBOUNDED PRECEDING', endSpan);
  if (boundOrder.indexOf(start) <= boundOrder.indexOf(end)) return;
  if (start === 'current row') throw windowingError('frame starting from current row cannot have preceding rows', endSpan);
  throw windowingError(`frame starting from following row cannot ${end === 'current row' ? 'end with current row' : 'have preceding rows'}`, endSpan);
}

interface OffsetPlace {
  readonly unit: 'rows' | 'range' | 'groups' | 'session';
  readonly orderBy: readonly SortKey[];
  readonly scope: ExpressionScope;
  readonly frame: WindowFrame;
}

/** ROWS and GROUPS count; RANGE and SESSION measure in the type of the one ORDER BY column (intervals for dates and times). */
function bindFrameOffset(node: ast.Expression, place: OffsetPlace): Expression {
  const offset = bind(node, { ...place.scope, aggregates: null, clause: place.unit.toUpperCase() });
  if (place.unit === 'rows' || place.unit === 'groups') return convertOffset(offset, int8Type, place);
  if (place.orderBy.length !== 1) {
    throw windowingError('RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column', place.frame.span);
  }
  const type = place.orderBy[0]!.expression.type;
  const category = typeCategory(type);
  if (category === 'D' || category === 'T') return convertOffset(offset, intervalType, place);
  if (category === 'N') return convertOffset(offset, plainType(type), place);
  const what = place.unit === 'session' ? 'SESSION WITH GAP' : 'RANGE with offset PRECEDING/FOLLOWING';
  throw notSupported(`${what} is not supported for column type ${typeText(type)}`, node.span);
}

function convertOffset(offset: Expression, type: SqlType, place: OffsetPlace): Expression {
  const converted = coerce(offset, type, 'implicit', place.scope.state) ?? coerce(offset, type, 'assignment', place.scope.state);
  if (converted !== null) return converted;
  throw datatypeMismatch(`argument of ${place.unit.toUpperCase()} must be type ${typeText(type)}, not type ${typeText(offset.type)}`, offset.span);
}

function windowingError(message: string, span: Span): SqlError {
  return new SqlError({ code: SqlState.windowingError, message, position: span.start });
}
