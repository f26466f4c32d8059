import { type JsCode, js } from '../../../base/index.ts';
import type { EmitContext, EmittedValue, FunctionDefinition } from '../../../expr/index.ts';
import {
  absDecimal,
  addDecimals,
  type Decimal,
  divideDecimals,
  moduloDecimals,
  multiplyDecimals,
  negateDecimal,
  powerDecimal,
  subtractDecimals,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const BINARY = [
  ['+', 'Exact sum', addDecimals, '1.5', '2.25', '3.75'],
  ['-', 'Exact difference', subtractDecimals, '1.5', '2.25', '-0.75'],
  ['*', 'Exact product', multiplyDecimals, '1.5', '2.25', '3.375'],
  ['/', 'Quotient with at least 16 significant digits', divideDecimals, '1', '3.0', '0.33333333333333333333'],
  ['%', 'Remainder of the truncated quotient', moduloDecimals, '7.5', '2', '1.5'],
  ['^', 'Power', powerDecimal, '2', '3', '8.0000000000000000'],
] as const;

/** Largest scale difference that is multiplied away in generated code. */
const ALIGNED_DIGITS_MAX = 15;

/** Exact while mantissas are safe integers; what goes beyond is left to the interpreter. */
function emitDecimal(symbol: (typeof BINARY)[number][0], args: readonly EmittedValue[], context: EmitContext): EmittedValue | null {
  const [left, right] = args as [EmittedValue, EmittedValue];
  if (left.form !== 'decimal' || right.form !== 'decimal') return null;
  const [leftScale, rightScale] = [left.scale!, right.scale!];
  if (symbol === '*') return safeDecimal(js`${left.code[0]!} * ${right.code[0]!}`, leftScale + rightScale, context);
  if ((symbol !== '+' && symbol !== '-') || Math.abs(leftScale - rightScale) > ALIGNED_DIGITS_MAX) return null;
  const scale = Math.max(leftScale, rightScale);
  const a = js`${left.code[0]!} * ${10 ** (scale - leftScale)}`;
  const b = js`${right.code[0]!} * ${10 ** (scale - rightScale)}`;
  const aligned = context.builder.const('aligned', a);
  const other = context.builder.const('aligned', b);
  context.builder.if(js`!(Math.abs(${aligned}) <= 9007199254740991 && Math.abs(${other}) <= 9007199254740991)`, () =>
    context.builder.line(context.bail),
  );
  return safeDecimal(symbol === '+' ? js`${aligned} + ${other}` : js`${aligned} - ${other}`, scale, context);
}

function safeDecimal(code: JsCode, scale: number, context: EmitContext): EmittedValue | null {
  if (scale > 1000) return null;
  const mantissa = context.builder.const('mantissa', code);
  context.builder.if(js`!(Math.abs(${mantissa}) <= 9007199254740991)`, () => context.builder.line(context.bail));
  return { form: 'decimal', type: { kind: 'numeric', precision: null, scale: null }, scale, code: [js`${mantissa}`] };
}

/** Operators of numeric; scales follow PostgreSQL's rules, a zero divisor is 22012. */
export const numericArithmetic: readonly FunctionDefinition[] = [
  ...BINARY.map(([symbol, description, compute, left, right, result]) =>
    defineFunction<[Decimal, Decimal]>({
      signature: `numeric ${symbol} numeric -> numeric`,
      family: 'operator',
      description,
      examples: [[`numeric '${left}' ${symbol} numeric '${right}'`, result]],
      fallible: true,
      evaluate: ([a, b]) => compute(a, b),
      emit: (args, context) => emitDecimal(symbol, args, context),
    }),
  ),
  defineFunction<[Decimal]>({
    signature: '- numeric -> numeric',
    family: 'operator',
    description: 'The number with the opposite sign',
    examples: [["- numeric '1.50'", '-1.50']],
    evaluate: ([a]) => negateDecimal(a),
  }),
  defineFunction<[Decimal]>({
    signature: '+ numeric -> numeric',
    family: 'operator',
    description: 'The number itself',
    examples: [["+ numeric '1.50'", '1.50']],
    evaluate: ([a]) => a,
  }),
  defineFunction<[Decimal]>({
    signature: 'abs(numeric) -> numeric',
    family: 'math',
    description: 'The absolute value',
    examples: [['abs(-17.40)', '17.40']],
    evaluate: ([a]) => absDecimal(a),
  }),
  defineFunction<[Decimal, Decimal]>({
    signature: 'mod(numeric, numeric) -> numeric',
    family: 'math',
    description: 'Remainder of the truncated quotient',
    examples: [['mod(9.5, 4)', '1.5']],
    fallible: true,
    evaluate: ([a, b]) => moduloDecimals(a, b),
  }),
];
