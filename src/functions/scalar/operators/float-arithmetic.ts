import { js, SqlError, SqlState } from '../../../base/index.ts';
import type { EmitContext, EmittedValue, FunctionDefinition } from '../../../expr/index.ts';
import { divisionByZeroError } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { bailOnZero, emitNumber, numericCodes } from '../emit.ts';

type FloatKind = 'float4' | 'float8';
type Symbol = '+' | '-' | '*' | '/';

const WORDS: Record<Symbol, string> = {
  '+': 'Sum of two floating-point numbers; error when it overflows',
  '-': 'Difference of two floating-point numbers',
  '*': 'Product of two floating-point numbers; error when it overflows or underflows',
  '/': 'Quotient of two floating-point numbers',
};
const RESULTS: Record<Symbol, string> = { '+': '9.5', '-': '5.5', '*': '15', '/': '3.75' };

/** + - * / and signs of float4 and float8, with PostgreSQL's errors for overflow (22003), underflow (22003) and zero divisors (22012). */
export const floatArithmetic: readonly FunctionDefinition[] = [
  ...(['float4', 'float8'] as const).flatMap((kind) => [
    ...(['+', '-', '*', '/'] as const).map((symbol) => binary(kind, symbol)),
    unary(kind, '-'),
    unary(kind, '+'),
    absolute(kind),
  ]),
  // Without these a float4 and an integer would meet as float4; PostgreSQL has them meet as float8.
  ...(['+', '-', '*', '/'] as const).flatMap((symbol) => [mixed('float4', symbol, 'float8'), mixed('float8', symbol, 'float4')]),
];

function binary(kind: FloatKind, symbol: Symbol): FunctionDefinition {
  return defineFunction<[number, number]>({
    signature: `${kind} ${symbol} ${kind} -> ${kind}`,
    family: 'operator',
    description: WORDS[symbol],
    examples: [[`${kind} '7.5' ${symbol} ${kind} '2'`, RESULTS[symbol]]],
    fallible: true,
    evaluate: ([a, b]) => checked(kind, symbol, a, b),
    emit: (args, context) => emitBinary(kind, symbol, args, context),
  });
}

function mixed(left: FloatKind, symbol: Symbol, right: FloatKind): FunctionDefinition {
  return defineFunction<[number, number]>({
    signature: `${left} ${symbol} ${right} -> float8`,
    family: 'operator',
    description: WORDS[symbol],
    examples: [[`${left} '7.5' ${symbol} ${right} '2'`, RESULTS[symbol]]],
    fallible: true,
    evaluate: ([a, b]) => checked('float8', symbol, a, b),
    emit: (args, context) => emitBinary('float8', symbol, args, context),
  });
}

function unary(kind: FloatKind, symbol: '+' | '-'): FunctionDefinition {
  return defineFunction<[number]>({
    signature: `${symbol} ${kind} -> ${kind}`,
    family: 'operator',
    description: symbol === '-' ? 'The number with the opposite sign' : 'The number itself',
    examples: [[`${symbol} ${kind} '1.5'`, symbol === '-' ? '-1.5' : '1.5']],
    evaluate: ([a]) => (symbol === '-' ? -a : a),
    emit: (args) => {
      const codes = numericCodes(args);
      if (codes === null) return null;
      return emitNumber({ kind }, symbol === '-' ? js`(-${codes[0]!})` : codes[0]!);
    },
  });
}

function absolute(kind: FloatKind): FunctionDefinition {
  return defineFunction<[number]>({
    signature: `abs(${kind}) -> ${kind}`,
    family: 'math',
    description: 'The absolute value',
    examples: [[`abs(${kind} '-17.5')`, '17.5']],
    evaluate: ([a]) => Math.abs(a),
    emit: (args) => {
      const codes = numericCodes(args);
      return codes === null ? null : emitNumber({ kind }, js`Math.abs(${codes[0]!})`);
    },
  });
}

function checked(kind: FloatKind, symbol: Symbol, a: number, b: number): number {
  if (symbol === '/' && b === 0 && !Number.isNaN(a)) throw divisionByZeroError();
  const exact = compute(symbol, a, b);
  const value = kind === 'float4' ? Math.fround(exact) : exact;
  if (Math.abs(value) === Number.POSITIVE_INFINITY && Number.isFinite(a) && Number.isFinite(b)) throw overflow();
  const maySink = (symbol === '*' && a !== 0 && b !== 0) || (symbol === '/' && a !== 0 && Number.isFinite(b));
  if (value === 0 && maySink) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value out of range: underflow' });
  return value;
}

function compute(symbol: Symbol, a: number, b: number): number {
  switch (symbol) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
  }
}

/** In generated code a row with an infinite or zero result goes to the interpreter, which knows whether that is an error. */
function emitBinary(kind: FloatKind, symbol: Symbol, args: readonly EmittedValue[], context: EmitContext): EmittedValue | null {
  const codes = numericCodes(args);
  if (codes === null) return null;
  const [a, b] = codes as [(typeof codes)[number], (typeof codes)[number]];
  if (symbol === '/') bailOnZero(b, context);
  const exact = symbol === '+' ? js`${a} + ${b}` : symbol === '-' ? js`${a} - ${b}` : symbol === '*' ? js`${a} * ${b}` : js`${a} / ${b}`;
  const result = context.builder.const('float', kind === 'float4' ? js`Math.fround(${exact})` : exact);
  const doubtful = symbol === '*' || symbol === '/' ? js`${result} === 0 || ${result} - ${result} !== 0` : js`${result} - ${result} !== 0`;
  context.builder.if(doubtful, () => context.builder.line(context.bail));
  return emitNumber({ kind }, js`${result}`);
}

function overflow(): SqlError {
  return new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value out of range: overflow' });
}
