import { SqlError, SqlState } from '../../base/index.ts';
import { convertDatum, type Expression, type LiteralExpression, type RowExpression, type Span } from '../../expr/index.ts';
import { type SqlType, sameType, textType, unknownType } from '../../types/index.ts';
import type { BindState } from './bind-state.ts';
import { typeText, withPosition } from './binder-error.ts';
import type { FunctionCatalog } from './function-catalog.ts';
import { lookUpObjectLiteral } from './object-literal.ts';
import { sameKind, typeCategory } from './type-category.ts';

/** How willing a place is to convert, as pg_cast.castcontext. */
type CoercionContext = 'implicit' | 'assignment' | 'explicit';

const strength: Readonly<Record<CoercionContext, number>> = { implicit: 0, assignment: 1, explicit: 2 };

/** True when a value of `from` may become `to` in this context (PostgreSQL's can_coerce_type and find_coercion_pathway). */
export function canCoerce(from: SqlType, to: SqlType, context: CoercionContext, functions: FunctionCatalog): boolean {
  if (from.kind === 'unknown' || sameKind(from, to)) return true;
  if (from.kind === 'array' && to.kind === 'array') return canCoerce(from.element, to.element, context, functions);
  if (from.kind === 'map' && to.kind === 'map')
    return canCoerce(from.key, to.key, context, functions) && canCoerce(from.value, to.value, context, functions);
  if (from.kind === 'row' && to.kind === 'row') {
    if (to.fields.length === 0) return true;
    // By position, as PostgreSQL's records: their fields' names say nothing.
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, index) => canCoerce(field.type, to.fields[index]!.type, context, functions))
    );
  }
  const cast = functions.cast(from.kind, to.kind);
  if (cast !== null && !isNested(from)) return strength[cast.context] <= strength[context];
  // Every type has a text form: to strings by assignment, from strings only when asked for (PostgreSQL, "CREATE CAST").
  if (typeCategory(to) === 'S') return context !== 'implicit';
  return typeCategory(from) === 'S' && context === 'explicit';
}

/** Converts where the context allows it; null where there is no way. */
export function coerce(expression: Expression, to: SqlType, context: CoercionContext, state: BindState): Expression | null {
  const from = expression.type;
  if (from.kind === 'unknown') return coerceUnknown(expression, to, context, state);
  if (expression.kind === 'construct' && from.kind === 'row' && to.kind === 'row') return coerceRow(expression, to, context, state);
  if (sameType(from, to)) return expression;
  if (expression.kind === 'construct' && from.kind === 'array' && to.kind === 'array' && to.element.kind === 'row')
    return coerceArrayOfRows(expression, to, context, state);
  if (!canCoerce(from, to, context, state.context.functions)) return null;
  // A target without modifier takes a value with one as it is; nested types may differ inside, so they are always converted.
  if (from.kind === to.kind && withoutModifier(to) && !isNested(from)) return expression;
  if (to.kind === 'row' && to.fields.length === 0) return expression;
  if (from.kind === 'array' && to.kind === 'array' && sameKind(from, to) && withoutModifier(to.element)) return expression;
  return { kind: 'cast', type: to, input: expression, mode: context, span: expression.span };
}

function isNested({ kind }: SqlType): boolean {
  return kind === 'array' || kind === 'row' || kind === 'map';
}

/** A row constructor is converted field by field, so that untyped fields get a type: the target's, or text. */
function coerceRow(row: RowExpression, to: SqlType & { kind: 'row' }, context: CoercionContext, state: BindState): Expression | null {
  const open = to.fields.length === 0;
  if (!open && to.fields.length !== row.args.length) return null;
  const args: Expression[] = [];
  for (const [index, arg] of row.args.entries()) {
    const wanted = open ? arg.type : to.fields[index]!.type;
    const coerced = coerce(arg, wanted.kind === 'unknown' ? textType : wanted, context, state);
    if (coerced === null) return null;
    args.push(coerced);
  }
  const names = row.type.kind === 'row' && open ? row.type.fields : to.fields;
  if (args.every((arg, index) => arg === row.args[index]) && (open || sameType(row.type, to))) return row;
  return { ...row, args, type: { kind: 'row', fields: args.map((arg, index) => ({ name: names[index]!.name, type: arg.type })) } };
}

/** ARRAY[ROW('a', NULL)] goes row by row, so that a NULL, which says of no type, gets that of its place. */
function coerceArrayOfRows(array: RowExpression, to: SqlType & { kind: 'array' }, context: CoercionContext, state: BindState): Expression | null {
  const args: Expression[] = [];
  for (const arg of array.args) {
    const coerced = coerce(arg.kind === 'construct' ? withUntypedNulls(arg) : arg, arg.type.kind === 'array' ? to : to.element, context, state);
    if (coerced === null) return null;
    args.push(coerced);
  }
  return { ...array, args, type: to };
}

function withUntypedNulls(row: RowExpression): RowExpression {
  return { ...row, args: row.args.map((arg) => (arg.kind === 'literal' && arg.value === null ? { ...arg, type: unknownType } : arg)) };
}

/** The type with text for what is unknown in rows and arrays. */
export function settledType(type: SqlType): SqlType {
  if (type.kind === 'array') return { kind: 'array', element: settledType(type.element) };
  if (type.kind === 'row') return { kind: 'row', fields: type.fields.map((field) => ({ ...field, type: settledType(field.type) })) };
  return type.kind === 'unknown' ? textType : type;
}

function withoutModifier(type: SqlType): boolean {
  switch (type.kind) {
    case 'numeric':
      return type.precision === null;
    case 'varchar':
    case 'char':
      return type.length === null;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return type.precision === 6;
    default:
      return true;
  }
}

/** Untyped literals are read as text of the target; parameters take its type; both only once. */
function coerceUnknown(expression: Expression, to: SqlType, context: CoercionContext, state: BindState): Expression | null {
  switch (expression.kind) {
    case 'literal':
      return to.kind === 'unknown' ? expression : literalOf(expression, to, context, state);
    case 'parameter':
      return coerceParameter(expression, to, state);
    case 'cast':
    case 'column':
    case 'outer-column':
      return {
        kind: 'cast',
        type: to,
        input: { ...expression, type: textType },
        mode: context === 'implicit' ? 'implicit' : context,
        span: expression.span,
      };
    default:
      return to.kind === 'unknown'
        ? expression
        : { kind: 'cast', type: to, input: { ...expression, type: textType }, mode: 'explicit', span: expression.span };
  }
}

function literalOf(literal: LiteralExpression, to: SqlType, context: CoercionContext, state: BindState): Expression {
  if (literal.value === null) return { ...literal, type: to };
  const { functions, evaluation } = state.context;
  return withPosition(literal.span, () => {
    const object = lookUpObjectLiteral(literal.value as string, to, state.context);
    if (object !== undefined) return { ...literal, type: to, value: object };
    const convert = convertDatum(textType, to, functions.lookup, context === 'explicit');
    return { ...literal, type: to, value: convert(literal.value!, evaluation) };
  });
}

function coerceParameter(parameter: Extract<Expression, { kind: 'parameter' }>, to: SqlType, state: BindState): Expression | null {
  const known = state.parameterTypes[parameter.index] ?? null;
  if (known === null || known.kind === 'unknown') {
    if (to.kind === 'unknown') return parameter;
    // The modifier belongs to the place, not to the parameter: $1 in a numeric(10,2) column is a numeric, cast when it arrives.
    const plain = plainType(to);
    state.parameterTypes[parameter.index] = plain;
    return coerce({ ...parameter, type: plain }, to, 'assignment', state);
  }
  if (!sameKind(known, plainType(to))) {
    return coerce({ ...parameter, type: known }, to, 'implicit', state);
  }
  return coerce({ ...parameter, type: known }, to, 'assignment', state);
}

/** The type without length, precision and scale. */
export function plainType(type: SqlType): SqlType {
  switch (type.kind) {
    case 'numeric':
      return { kind: 'numeric', precision: null, scale: null };
    case 'varchar':
    case 'char':
      return { kind: type.kind, length: null };
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { kind: type.kind, precision: 6 };
    case 'array':
      return { kind: 'array', element: plainType(type.element) };
    case 'map':
      return { kind: 'map', key: plainType(type.key), value: plainType(type.value) };
    default:
      return type;
  }
}

/** Implicit conversion where failing is a bug of the caller, who has checked canCoerce. Errors: 42846. */
export function mustCoerce(expression: Expression, to: SqlType, context: CoercionContext, state: BindState): Expression {
  const coerced = coerce(expression, to, context, state);
  if (coerced === null) throw cannotCast(expression.type, to, expression.span);
  return coerced;
}

/** 42846. */
export function cannotCast(from: SqlType, to: SqlType, span: Span | undefined): SqlError {
  return new SqlError({ code: SqlState.cannotCoerce, message: `cannot cast type ${typeText(from)} to ${typeText(to)}`, position: span?.start });
}

/** Outputs of a query have no unknown types: what is still untyped is text. */
export function resolveUnknown(expression: Expression, state: BindState): Expression {
  if (expression.type.kind === 'row' && expression.kind === 'construct')
    return mustCoerce(expression, { kind: 'row', fields: [] }, 'implicit', state);
  return expression.type.kind === 'unknown' ? mustCoerce(expression, textType, 'implicit', state) : expression;
}
