import { SqlError, SqlState } from '../../base/index.ts';
import type { CastDefinition } from '../../expr/index.ts';
import {
  decimalToFloat8,
  decimalToInteger,
  formatTypeKind,
  JsonNumber,
  type JsonValue,
  jsonTypeName,
  outOfRangeError,
  parseJson,
  type TypeKind,
} from '../../types/index.ts';
import { defineCast } from './define-cast.ts';

/** From scalar JSON documents to bool and numbers. A JSON null becomes NULL. */
export const jsonCasts: readonly CastDefinition[] = [
  defineCast<string>('jsonb', 'bool', 'explicit', {
    fallible: true,
    convert: (json) => {
      const value = parseJson(json);
      if (value === null || typeof value === 'boolean') return value;
      throw cannotCast(value, 'bool');
    },
  }),
  ...(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'] as const).map((kind) =>
    defineCast<string>('jsonb', kind, 'explicit', {
      fallible: true,
      convert: (json) => {
        const value = parseJson(json);
        if (value === null) return null;
        if (!(value instanceof JsonNumber)) throw cannotCast(value, kind);
        return toNumber(kind, value);
      },
    }),
  ),
];

function toNumber(kind: 'int2' | 'int4' | 'int8' | 'float4' | 'float8' | 'numeric', value: JsonNumber) {
  switch (kind) {
    case 'numeric':
      return value.decimal();
    case 'float8':
      return decimalToFloat8(value.decimal());
    case 'float4':
      return Math.fround(decimalToFloat8(value.decimal()));
    case 'int8':
      return decimalToInteger(value.decimal(), 'bigint');
    default: {
      const limit = kind === 'int2' ? 32_768n : 2_147_483_648n;
      const integer = decimalToInteger(value.decimal(), kind === 'int2' ? 'smallint' : 'integer');
      if (integer < -limit || integer >= limit) throw outOfRangeError(formatTypeKind({ kind }));
      return Number(integer);
    }
  }
}

function cannotCast(value: JsonValue, kind: TypeKind): SqlError {
  return new SqlError({
    code: SqlState.invalidParameterValue,
    message: `cannot cast jsonb ${value instanceof JsonNumber ? 'numeric' : jsonTypeName(value)} to type ${kind === 'bool' ? 'boolean' : formatTypeKind(kind === 'numeric' ? { kind, precision: null, scale: null } : ({ kind } as { kind: 'int4' }))}`,
  });
}
