import { SqlError, SqlState } from '../../base/index.ts';
import { convertDatum, type LiteralExpression } from '../../expr/index.ts';
import type {
  BitStringLiteral,
  BooleanLiteral,
  IntervalFields,
  IntervalLiteral,
  NullLiteral,
  NumberLiteral,
  Span,
  StringLiteral,
  TypedLiteral,
} from '../../sql/index.ts';
import {
  boolType,
  byteaType,
  type Datum,
  int4Type,
  int8Type,
  intervalType,
  numericType,
  type SqlType,
  textType,
  unknownType,
} from '../../types/index.ts';
import type { BindState } from './bind-state.ts';
import { notSupported, withPosition } from './binder-error.ts';
import { lookUpObjectLiteral } from './object-literal.ts';
import { resolveTypeName } from './resolve-type-name.ts';

const INT4_MAX = 2_147_483_647n;
const INT8_MAX = 9_223_372_036_854_775_807n;

export function bindString(node: StringLiteral | NullLiteral): LiteralExpression {
  return { kind: 'literal', type: unknownType, value: node.kind === 'null-literal' ? null : node.value, span: node.span };
}

export function bindBoolean(node: BooleanLiteral): LiteralExpression {
  return { kind: 'literal', type: boolType, value: node.value, span: node.span };
}

/** An integer is int4, int8 or numeric, the first that holds it; anything with a point or exponent is numeric (manual 4.1.2.6). */
export function bindNumber(node: NumberLiteral, state: BindState, negative = false, span: Span = node.span): LiteralExpression {
  const digits = node.text.replaceAll('_', '');
  const integer = /^(\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(digits);
  if (integer) {
    const value = negative ? -BigInt(digits.replace(/^0+(?=\d)/, '')) : BigInt(digits.replace(/^0+(?=\d)/, ''));
    if (value <= INT4_MAX && value >= -INT4_MAX - 1n) return { kind: 'literal', type: int4Type, value: Number(value), span };
    if (value <= INT8_MAX && value >= -INT8_MAX - 1n) return { kind: 'literal', type: int8Type, value, span };
    return textLiteral(String(value), numericType, span, state);
  }
  return textLiteral(`${negative ? '-' : ''}${digits}`, numericType, span, state);
}

/** A value read from its text form. */
function textLiteral(text: string, type: SqlType, span: Span, state: BindState): LiteralExpression {
  return withPosition(span, () => {
    const object = lookUpObjectLiteral(text, type, state.context);
    const value = object ?? convertDatum(textType, type, state.context.functions.lookup, true)(text, state.context.evaluation);
    return { kind: 'literal', type, value, span };
  });
}

export function bindTypedLiteral(node: TypedLiteral, state: BindState): LiteralExpression {
  return { ...textLiteral(node.value, resolveTypeName(node.type), node.valueSpan, state), span: node.span };
}

/** `X'1F'` is bytes; `B'01'` would be a bit string, a type fsql does not have. */
export function bindBitString(node: BitStringLiteral): LiteralExpression {
  if (node.base === 'binary') throw notSupported('bit strings are not supported', node.span, "Write bytes as X'1F' or '\\x1f'::bytea.");
  const digits = node.digits.length % 2 === 0 ? node.digits : `0${node.digits}`;
  const value: Datum = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return { kind: 'literal', type: byteaType, value, span: node.span };
}

/** `INTERVAL '4' SECOND`: a bare number counts units of the last field; fields below it are cut off, as PostgreSQL does. */
export function bindInterval(node: IntervalLiteral, state: BindState): LiteralExpression {
  const fields = node.fields;
  const unit = fields === null ? null : (fields.to ?? fields.from);
  const bareNumber = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(node.value);
  const text = unit !== null && bareNumber ? `${node.value} ${unit}` : rangeText(node.value, fields);
  return withPosition(node.span, () => {
    const literal = textLiteral(text, intervalType, node.span, state);
    if (literal.value === null) {
      throw new SqlError({
        code: SqlState.invalidDatetimeFormat,
        message: `invalid input syntax for type interval: "${node.value}"`,
        position: node.span.start,
      });
    }
    return literal;
  });
}

/** `'2:30' MINUTE TO SECOND` counts from its first field, whereas plain interval text would read hours and minutes. */
function rangeText(text: string, fields: IntervalFields | null): string {
  if (fields?.from === 'minute' && fields.to === 'second' && /^\s*\d+:\d+(\.\d+)?\s*$/.test(text)) return `0:${text.trim()}`;
  return text;
}
