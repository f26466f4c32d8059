import { SqlError, SqlState, unreachable } from '../../base/index.ts';
import { type Expression, foldIdentifier, type NamedType, type TypeName } from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import { nearestHint, notSupported, syntaxError } from './binder-error.ts';
import { typeByName, typeNames } from './type-by-name.ts';

const PRECISION_MAX = 1000;
const LENGTH_MAX = 10_485_760;
const TIME_PRECISION_MAX = 6;

/** The type a name in a cast or column definition stands for. Errors: 42704 for unknown names, 22023 for bad modifiers. */
export function resolveTypeName(type: TypeName): SqlType {
  switch (type.kind) {
    case 'named-type':
      return resolveNamedType(type);
    case 'array-type':
      return { kind: 'array', element: resolveTypeName(type.element) };
    case 'row-type':
      return { kind: 'row', fields: type.fields.map((field) => ({ name: foldIdentifier(field.name), type: resolveTypeName(field.type) })) };
    case 'map-type':
      return { kind: 'map', key: resolveTypeName(type.key), value: resolveTypeName(type.value) };
    case 'multiset-type':
      throw notSupported('type MULTISET is not supported', type.span, 'Use an array.');
    default:
      return unreachable(type);
  }
}

function resolveNamedType(type: NamedType): SqlType {
  const parts = type.name.parts.map(foldIdentifier);
  const name = parts.at(-1)!;
  const schema = parts.at(-2);
  const base = schema === undefined || schema === 'pg_catalog' ? typeByName(name, type.name.parts.at(-1)!.quoted) : null;
  if (base === null) {
    throw new SqlError({
      code: SqlState.undefinedObject,
      message: `type "${parts.join('.')}" does not exist`,
      hint: nearestHint('the type', name, typeNames()),
      position: type.span.start,
    });
  }
  const modifiers = type.modifiers.map(modifierValue);
  return modifiers.length === 0 ? base : withModifiers(base, modifiers, type);
}

function modifierValue(modifier: Expression): number {
  if (modifier.kind === 'number-literal' && /^\d+$/.test(modifier.text)) return Number(modifier.text);
  if (modifier.kind === 'unary' && modifier.operator.symbol === '-' && modifier.operand.kind === 'number-literal') {
    return -Number(modifier.operand.text);
  }
  throw syntaxError('type modifiers must be simple constants or identifiers', modifier.span);
}

function withModifiers(type: SqlType, modifiers: readonly number[], name: NamedType): SqlType {
  const [first, second] = modifiers as [number, number | undefined];
  switch (type.kind) {
    case 'numeric': {
      checkRange(first >= 1 && first <= PRECISION_MAX, `NUMERIC precision ${first} must be between 1 and ${PRECISION_MAX}`, name);
      const scale = second ?? 0;
      checkRange(scale >= -PRECISION_MAX && scale <= PRECISION_MAX, `NUMERIC scale ${scale} must be between -1000 and ${PRECISION_MAX}`, name);
      return { kind: 'numeric', precision: first, scale };
    }
    case 'varchar':
    case 'char': {
      const shown = type.kind === 'varchar' ? 'varchar' : 'char';
      checkRange(first >= 1, `length for type ${shown} must be at least 1`, name);
      checkRange(first <= LENGTH_MAX, `length for type ${shown} cannot exceed ${LENGTH_MAX}`, name);
      return { kind: type.kind, length: first };
    }
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { kind: type.kind, precision: Math.min(first, TIME_PRECISION_MAX) };
    case 'float8':
    case 'float4':
      return { kind: first <= 24 ? 'float4' : 'float8' };
    case 'interval':
      return type;
    default:
      throw new SqlError({
        code: SqlState.syntaxError,
        message: `type modifier is not allowed for type "${name.name.parts.at(-1)!.text}"`,
        position: name.span.start,
      });
  }
}

function checkRange(valid: boolean, message: string, name: NamedType): void {
  if (!valid) throw new SqlError({ code: SqlState.invalidParameterValue, message, position: name.span.start });
}
