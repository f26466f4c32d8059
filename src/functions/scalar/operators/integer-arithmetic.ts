import { js } from '../../../base/index.ts';
import type { EmitContext, EmittedValue, FunctionDefinition } from '../../../expr/index.ts';
import {
  divisionByZeroError,
  formatTypeKind,
  INT2_RANGE,
  INT4_RANGE,
  INT8_RANGE,
  type IntegerRange,
  outOfRangeError,
  type SqlType,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { bailOnZero, emitBoundedInteger, emitSafeInteger, numericCodes } from '../emit.ts';

type IntegerKind = 'int2' | 'int4' | 'int8';
type Symbol = '+' | '-' | '*' | '/' | '%';

/** Bounds of the integers that are JavaScript numbers; a bigint is checked by checkWide. */
const NARROW_BOUNDS = { int2: boundsOf(INT2_RANGE), int4: boundsOf(INT4_RANGE), int8: boundsOf(INT8_RANGE) } as const;
const WORDS: Record<Symbol, string> = {
  '+': 'Sum of two integers; error when it does not fit the type',
  '-': 'Difference of two integers',
  '*': 'Product of two integers',
  '/': 'Integer quotient, truncated towards zero',
  '%': 'Remainder of the integer quotient; it has the sign of the dividend',
};
const EXAMPLES: Record<Symbol, readonly [string, string]> = {
  '+': ['7', '9'],
  '-': ['7', '5'],
  '*': ['7', '14'],
  '/': ['7', '3'],
  '%': ['-7', '-1'],
};

/** + - * / % of int2, int4 and int8. Overflow is 22003, a zero divisor 22012. */
export const integerArithmetic: readonly FunctionDefinition[] = (['int2', 'int4', 'int8'] as const).flatMap((kind) => [
  ...(['+', '-', '*', '/', '%'] as const).map((symbol) => binary(kind, symbol)),
  negation(kind),
  identity(kind),
  absolute(kind),
  modulo(kind),
]);

function binary(kind: IntegerKind, symbol: Symbol): FunctionDefinition {
  const [left, result] = EXAMPLES[symbol];
  return defineFunction<[number | bigint, number | bigint]>({
    signature: `${kind} ${symbol} ${kind} -> ${kind}`,
    family: 'operator',
    description: WORDS[symbol],
    examples: [[`${kind} '${left}' ${symbol} ${kind} '2'`, result]],
    fallible: true,
    evaluate: ([a, b]) => (kind === 'int8' ? wide(symbol, a as bigint, b as bigint) : narrow(kind, symbol, a as number, b as number)),
    emit: (args, context) => emitBinary(kind, symbol, args, context),
  });
}

function negation(kind: IntegerKind): FunctionDefinition {
  return defineFunction<[number | bigint]>({
    signature: `- ${kind} -> ${kind}`,
    family: 'operator',
    description: 'The number with the opposite sign',
    examples: [[`- ${kind} '5'`, '-5']],
    fallible: true,
    evaluate: ([a]) => (typeof a === 'bigint' ? checkWide(-a) : checkNarrow(kind, 0 - a)),
    emit: (args, context) => emitUnary(kind, args, context, false),
  });
}

function identity(kind: IntegerKind): FunctionDefinition {
  return defineFunction<[number | bigint]>({
    signature: `+ ${kind} -> ${kind}`,
    family: 'operator',
    description: 'The number itself',
    examples: [[`+ ${kind} '5'`, '5']],
    evaluate: ([a]) => a,
    emit: (args) => args[0]!,
  });
}

function absolute(kind: IntegerKind): FunctionDefinition {
  return defineFunction<[number | bigint]>({
    signature: `abs(${kind}) -> ${kind}`,
    family: 'math',
    description: 'The absolute value',
    examples: [[`abs(${kind} '-17')`, '17']],
    fallible: true,
    evaluate: ([a]) => (typeof a === 'bigint' ? checkWide(a < 0n ? -a : a) : checkNarrow(kind, Math.abs(a))),
    emit: (args, context) => emitUnary(kind, args, context, true),
  });
}

function modulo(kind: IntegerKind): FunctionDefinition {
  return defineFunction<[number | bigint, number | bigint]>({
    signature: `mod(${kind}, ${kind}) -> ${kind}`,
    family: 'math',
    description: 'Remainder of the integer quotient; it has the sign of the dividend',
    examples: [[`mod(${kind} '9', ${kind} '4')`, '1']],
    fallible: true,
    evaluate: ([a, b]) => (kind === 'int8' ? wide('%', a as bigint, b as bigint) : narrow(kind, '%', a as number, b as number)),
    emit: (args, context) => emitBinary(kind, '%', args, context),
  });
}

function wide(symbol: Symbol, a: bigint, b: bigint): bigint {
  switch (symbol) {
    case '+':
      return checkWide(a + b);
    case '-':
      return checkWide(a - b);
    case '*':
      return checkWide(a * b);
    case '/':
      if (b === 0n) throw divisionByZeroError();
      return checkWide(a / b);
    case '%':
      if (b === 0n) throw divisionByZeroError();
      return a % b;
  }
}

function narrow(kind: 'int2' | 'int4' | 'int8', symbol: Symbol, a: number, b: number): number {
  switch (symbol) {
    case '+':
      return checkNarrow(kind, a + b);
    case '-':
      return checkNarrow(kind, a - b);
    case '*':
      return checkNarrow(kind, a * b);
    case '/':
      if (b === 0) throw divisionByZeroError();
      return checkNarrow(kind, Math.trunc(a / b) + 0);
    case '%':
      if (b === 0) throw divisionByZeroError();
      return (a % b) + 0;
  }
}

function checkWide(value: bigint): bigint {
  if (value < INT8_RANGE.min || value > INT8_RANGE.max) throw outOfRangeError('bigint');
  return value;
}

function boundsOf({ min, max }: IntegerRange): { readonly min: number; readonly max: number } {
  return { min: Number(min), max: Number(max) };
}

function checkNarrow(kind: IntegerKind, value: number): number {
  const bounds = NARROW_BOUNDS[kind];
  // Products of two int4 stay below 2^62 in magnitude; rounding cannot bring them back into range.
  if (value < bounds.min || value > bounds.max) throw outOfRangeError(formatTypeKind({ kind }));
  return value + 0;
}

function emitBinary(kind: IntegerKind, symbol: Symbol, args: readonly EmittedValue[], context: EmitContext): EmittedValue | null {
  const codes = numericCodes(args);
  if (codes === null) return null;
  const [a, b] = codes as [(typeof codes)[number], (typeof codes)[number]];
  if (symbol === '/' || symbol === '%') bailOnZero(b, context);
  const type: SqlType = { kind };
  const finish = kind === 'int8' ? emitSafeInteger : emitBoundedInteger;
  switch (symbol) {
    case '+':
      return finish(type, js`${a} + ${b}`, context);
    case '-':
      return finish(type, js`${a} - ${b}`, context);
    case '*':
      return finish(type, js`${a} * ${b} + 0`, context);
    case '/':
      // The quotient of two safe integers, rounded to a double, never crosses an integer: truncation is exact.
      return finish(type, js`Math.trunc(${a} / ${b}) + 0`, context);
    case '%':
      return { form: 'number', type, code: [js`${context.builder.const('int', js`${a} % ${b} + 0`)}`] };
  }
}

function emitUnary(kind: IntegerKind, args: readonly EmittedValue[], context: EmitContext, absoluteValue: boolean): EmittedValue | null {
  const codes = numericCodes(args);
  if (codes === null) return null;
  const code = absoluteValue ? js`Math.abs(${codes[0]!})` : js`0 - ${codes[0]!}`;
  return kind === 'int8' ? emitSafeInteger({ kind }, code, context) : emitBoundedInteger({ kind }, code, context);
}
