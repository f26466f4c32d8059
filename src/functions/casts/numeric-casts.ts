import { js, SqlError, SqlState } from '../../base/index.ts';
import type { CastDefinition, EmitContext, EmittedValue } from '../../expr/index.ts';
import {
  type Datum,
  type Decimal,
  decimalFromFloat4,
  decimalFromFloat8,
  decimalFromInteger,
  decimalToFloat8,
  decimalToInteger,
  formatTypeKind,
  outOfRangeError,
  type SqlType,
  type TypeKind,
} from '../../types/index.ts';
import { roundHalfEven } from '../scalar/math/round-half-even.ts';
import { type CastSpecification, defineCast } from './define-cast.ts';

type Context = CastDefinition['context'];
const INTEGERS = ['int2', 'int4', 'int8'] as const;
type IntegerKind = (typeof INTEGERS)[number];
const BOUNDS: Record<IntegerKind, number> = { int2: 2 ** 15, int4: 2 ** 31, int8: 2 ** 63 };

/** Between integers, floats, numeric and bool, with the contexts of pg_cast. */
export const numericCasts: readonly CastDefinition[] = [
  ...integerToInteger(),
  ...INTEGERS.flatMap((kind) => [
    defineCast<number | bigint>(kind, 'float4', 'implicit', {
      convert: (value) => Math.fround(Number(value)),
      emit: (value, to) => emitCode(value, to, 'round'),
    }),
    defineCast<number | bigint>(kind, 'float8', 'implicit', { convert: (value) => Number(value), emit: (value, to) => emitCode(value, to, 'same') }),
    defineCast<number | bigint>(kind, 'numeric', 'implicit', {
      convert: (value) => decimalFromInteger(value),
      emit: (value, to) => (value.form === 'number' ? { form: 'decimal', type: to, scale: 0, code: value.code } : null),
    }),
    floatToInteger('float4', kind),
    floatToInteger('float8', kind),
    defineCast<Decimal>('numeric', kind, 'assignment', {
      fallible: true,
      convert: (value) => checkInteger(kind, decimalToInteger(value, formatTypeKind({ kind }) as 'bigint')),
    }),
  ]),
  defineCast<number>('float4', 'float8', 'implicit', { convert: (value) => value, emit: (value, to) => emitCode(value, to, 'same') }),
  defineCast<number>('float8', 'float4', 'assignment', { fallible: true, convert: narrowFloat, emit: emitNarrowFloat }),
  defineCast<number>('float4', 'numeric', 'assignment', { convert: (value) => decimalFromFloat4(value) }),
  defineCast<number>('float8', 'numeric', 'assignment', { convert: (value) => decimalFromFloat8(value) }),
  defineCast<Decimal>('numeric', 'float8', 'implicit', { fallible: true, convert: (value) => decimalToFloat8(value) }),
  defineCast<Decimal>('numeric', 'float4', 'implicit', { fallible: true, convert: (value) => narrowFloat(decimalToFloat8(value)) }),
  defineCast<number>('int4', 'bool', 'explicit', {
    convert: (value) => value !== 0,
    emit: (value, to) => (value.form === 'number' ? { form: 'boolean', type: to, code: [js`(${value.code[0]!} !== 0)`] } : null),
  }),
  defineCast<boolean>('bool', 'int4', 'explicit', {
    convert: (value) => Number(value),
    emit: (value, to) => (value.form === 'boolean' ? { form: 'number', type: to, code: [js`Number(${value.code[0]!})`] } : null),
  }),
];

function integerToInteger(): CastDefinition[] {
  const casts: CastDefinition[] = [];
  INTEGERS.forEach((from, fromIndex) => {
    INTEGERS.forEach((to, toIndex) => {
      if (from === to) return;
      const widening = fromIndex < toIndex;
      const specification: CastSpecification<number | bigint> = {
        fallible: !widening,
        convert: (value) => checkInteger(to, BigInt(value)),
        emit: (value, target, context) => (widening ? emitCode(value, target, 'same') : emitNarrowInteger(to, value, { target, context })),
      };
      const context: Context = widening ? 'implicit' : 'assignment';
      casts.push(defineCast<number | bigint>(from, to, context, specification));
    });
  });
  return casts;
}

/** Floats round half to even, as C's rint; numeric rounds half away from zero. */
function floatToInteger(from: TypeKind, to: IntegerKind): CastDefinition {
  return defineCast<number>(from, to, 'assignment', {
    fallible: true,
    convert: (value) => {
      const rounded = roundHalfEven(value);
      if (!(rounded >= -BOUNDS[to] && rounded < BOUNDS[to])) throw outOfRangeError(formatTypeKind({ kind: to }));
      return checkInteger(to, BigInt(rounded));
    },
    emit: (value, target, context) => {
      if (value.form !== 'number') return null;
      const round = context.builder.capture('roundHalfEven', roundHalfEven);
      return emitNarrowInteger(to, { ...value, code: [js`${round}(${value.code[0]!})`] }, { target, context });
    },
  });
}

function checkInteger(kind: IntegerKind, value: bigint): Datum {
  if (kind === 'int8') return value;
  const number = Number(value);
  if (number < -BOUNDS[kind] || number >= BOUNDS[kind]) throw outOfRangeError(formatTypeKind({ kind }));
  return number;
}

function narrowFloat(value: number): number {
  const narrow = Math.fround(value);
  if (!Number.isFinite(narrow) && Number.isFinite(value))
    throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value out of range: overflow' });
  if (narrow === 0 && value !== 0) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value out of range: underflow' });
  return narrow;
}

function emitCode(value: EmittedValue, to: SqlType, how: 'same' | 'round'): EmittedValue | null {
  if (value.form !== 'number') return null;
  return { form: 'number', type: to, code: [how === 'same' ? value.code[0]! : js`Math.fround(${value.code[0]!})`] };
}

function emitNarrowInteger(kind: IntegerKind, value: EmittedValue, site: { target: SqlType; context: EmitContext }): EmittedValue | null {
  if (value.form !== 'number') return null;
  const { builder, bail } = site.context;
  const number = builder.const('int', value.code[0]!);
  const limit = kind === 'int8' ? Number.MAX_SAFE_INTEGER : BOUNDS[kind] - 1;
  const low = kind === 'int8' ? -limit : -limit - 1;
  builder.if(js`!(${number} >= ${low} && ${number} <= ${limit})`, () => builder.line(bail));
  return { form: 'number', type: site.target, code: [js`${number}`] };
}

function emitNarrowFloat(value: EmittedValue, to: SqlType, context: EmitContext): EmittedValue | null {
  if (value.form !== 'number') return null;
  const number = context.builder.const('float', js`Math.fround(${value.code[0]!})`);
  context.builder.if(js`${number} - ${number} !== 0 || ${number} === 0`, () => context.builder.line(context.bail));
  return { form: 'number', type: to, code: [js`${number}`] };
}
