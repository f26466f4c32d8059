import { type JsCode, js } from '../../../base/index.ts';
import type { EmitContext, EmittedValue, FunctionDefinition } from '../../../expr/index.ts';
import { compareDatums, compareFloats, type Datum, float8Type, type SqlType, type TypeKind, typeOfKind } from '../../../types/index.ts';
import { COMPARISON_SYMBOLS, type ComparisonSymbol, holds } from '../comparison-symbol.ts';
import { defineFunction } from '../define-function.ts';
import { emitBoolean, numericCodes } from '../emit.ts';

const WORDS: Record<ComparisonSymbol, string> = {
  '=': 'Equal',
  '<>': 'Not equal',
  '<': 'Less than',
  '<=': 'Less than or equal',
  '>': 'Greater than',
  '>=': 'Greater than or equal',
};

/** Two texts of each kind, the first below the second. Mixed kinds meet by implicit casts, except that a float4 meets other numbers as float8. */
const SAMPLES = {
  bool: ["bool 'f'", "bool 't'"],
  int2: ["int2 '1'", "int2 '2'"],
  int4: ['1', '2'],
  int8: ["int8 '1'", "int8 '2'"],
  float4: ["float4 '1.5'", "float4 'NaN'"],
  float8: ["float8 '1.5'", "float8 'NaN'"],
  numeric: ['1.5', '2.50'],
  text: ["text 'a'", "text 'b'"],
  char: ["char(2) 'a'", "char(2) 'b'"],
  name: ["name 'a'", "name 'b'"],
  internal_char: [`"char" 'a'`, `"char" 'b'`],
  bytea: ["bytea '\\x01'", "bytea '\\x02'"],
  date: ["date '2024-01-01'", "date '2024-01-02'"],
  time: ["time '10:00'", "time '11:00'"],
  timestamp: ["timestamp '2024-01-01 00:00:00'", "timestamp '2024-01-01 00:00:01'"],
  timestamptz: ["timestamptz '2024-01-01 00:00:00+00'", "timestamptz '2024-01-01 00:00:01+00'"],
  interval: ["interval '29 days'", "interval '1 month'"],
  uuid: ["uuid '00000000-0000-0000-0000-000000000001'", "uuid '00000000-0000-0000-0000-000000000002'"],
  jsonb: [`jsonb '[1]'`, `jsonb '{"a": 1}'`],
  oid: ["oid '1'", "oid '2'"],
} as const satisfies Partial<Record<TypeKind, readonly [string, string]>>;

/** = <> < <= > >= of every type with itself, in btree order (see compareDatums). */
export const comparisons: readonly FunctionDefinition[] = [
  ...(Object.keys(SAMPLES) as (keyof typeof SAMPLES)[]).flatMap((kind) => COMPARISON_SYMBOLS.map((symbol) => ofKind(kind, symbol))),
  ...COMPARISON_SYMBOLS.flatMap((symbol) => [mixedFloats('float4', symbol, 'float8'), mixedFloats('float8', symbol, 'float4')]),
  ...COMPARISON_SYMBOLS.map((symbol) => polymorphic('anyarray', symbol, ['ARRAY[1,2]', 'ARRAY[1,3]'])),
  ...COMPARISON_SYMBOLS.map((symbol) => polymorphic('anymap', symbol, ["MAP['a',1]", "MAP['a',2]"])),
  ...COMPARISON_SYMBOLS.map((symbol) => polymorphic('record', symbol, ["ROW(1,'a'::text)", "ROW(1,'b'::text)"])),
];

function ofKind(kind: keyof typeof SAMPLES, symbol: ComparisonSymbol): FunctionDefinition {
  const type = typeOfKind(kind);
  const [low, high] = SAMPLES[kind];
  return defineFunction<[Datum, Datum]>({
    signature: `${kind} ${symbol} ${kind} -> bool`,
    family: 'operator',
    description: WORDS[symbol],
    examples: [[`${low} ${symbol} ${high}`, holds(symbol, -1) ? 't' : 'f']],
    evaluate: ([a, b]) => holds(symbol, compareDatums(type, a, b)),
    emit: (args, context) => emitComparison(type, symbol, args, context),
  });
}

function mixedFloats(left: 'float4' | 'float8', symbol: ComparisonSymbol, right: 'float4' | 'float8'): FunctionDefinition {
  return defineFunction<[number, number]>({
    signature: `${left} ${symbol} ${right} -> bool`,
    family: 'operator',
    description: WORDS[symbol],
    examples: [[`${left} '1.5' ${symbol} ${right} '2.5'`, holds(symbol, -1) ? 't' : 'f']],
    evaluate: ([a, b]) => holds(symbol, compareFloats(a, b)),
    emit: (args, context) => emitComparison(float8Type, symbol, args, context),
  });
}

function polymorphic(kind: 'anyarray' | 'anymap' | 'record', symbol: ComparisonSymbol, samples: readonly [string, string]): FunctionDefinition {
  return defineFunction<[Datum, Datum]>({
    signature: `${kind} ${symbol} ${kind} -> bool`,
    family: 'operator',
    description: `${WORDS[symbol]}, element by element`,
    examples: [[`${samples[0]} ${symbol} ${samples[1]}`, holds(symbol, -1) ? 't' : 'f']],
    evaluate: ([a, b], _context, types) => holds(symbol, compareDatums(types[0]!, a, b)),
  });
}

function emitComparison(type: SqlType, symbol: ComparisonSymbol, args: readonly EmittedValue[], context: EmitContext): EmittedValue | null {
  const [left, right] = args as [EmittedValue, EmittedValue];
  if (left.form === 'bytes' && right.form === 'bytes') return emitBytes(type, symbol, [left, right], context);
  if (left.form === 'boolean' && right.form === 'boolean')
    return emitBoolean(infix(symbol, js`Number(${left.code[0]!})`, js`Number(${right.code[0]!})`));
  const codes = numericCodes(args);
  if (codes === null) return null;
  const [a, b] = codes as [JsCode, JsCode];
  if (type.kind !== 'float4' && type.kind !== 'float8') return emitBoolean(infix(symbol, a, b));
  // NaN is equal to itself and above all numbers: the plain comparison decides unless one side is NaN.
  const order = context.builder.capture('compareFloats', compareFloats);
  return emitBoolean(js`(${a} === ${a} && ${b} === ${b} ? ${infix(symbol, a, b)} : ${infix(symbol, js`${order}(${a}, ${b})`, js`0`)})`);
}

function infix(symbol: ComparisonSymbol, a: JsCode, b: JsCode): JsCode {
  switch (symbol) {
    case '=':
      return js`(${a} === ${b})`;
    case '<>':
      return js`(${a} !== ${b})`;
    case '<':
      return js`(${a} < ${b})`;
    case '<=':
      return js`(${a} <= ${b})`;
    case '>':
      return js`(${a} > ${b})`;
    case '>=':
      return js`(${a} >= ${b})`;
  }
}

/** Kinds whose equal values have equal bytes and whose order is the bytes' order. */
const BYTE_ORDERED: ReadonlySet<TypeKind> = new Set(['text', 'name', 'internal_char', 'bytea', 'uuid']);

function emitBytes(
  type: SqlType,
  symbol: ComparisonSymbol,
  [left, right]: readonly [EmittedValue, EmittedValue],
  context: EmitContext,
): EmittedValue | null {
  if (!BYTE_ORDERED.has(type.kind)) return null;
  const [data, start, end] = left.code as [JsCode, JsCode, JsCode];
  const [otherData, otherStart, otherEnd] = right.code as [JsCode, JsCode, JsCode];
  if (symbol === '=' || symbol === '<>') {
    const equal = context.builder.capture('rangesEqual', rangesEqual);
    const sameLength = js`${end} - ${start} === ${otherEnd} - ${otherStart}`;
    const same = js`(${sameLength} && ${equal}(${data}, ${start}, ${end}, ${otherData}, ${otherStart}))`;
    return emitBoolean(symbol === '=' ? same : js`!${same}`);
  }
  const compare = context.builder.capture('compareRanges', compareRanges);
  return emitBoolean(infix(symbol, js`${compare}(${data}, ${start}, ${end}, ${otherData}, ${otherStart}, ${otherEnd})`, js`0`));
}

/** Kernel: five flat arguments, because an object a row would cost more than the comparison. */
function rangesEqual(data: Uint8Array, start: number, end: number, otherData: Uint8Array, otherStart: number): boolean {
  for (let at = start, other = otherStart; at < end; at++, other++) {
    if (data[at] !== otherData[other]) return false;
  }
  return true;
}

/** Kernel: byte order of two ranges, below, at or above 0. */
function compareRanges(data: Uint8Array, start: number, end: number, otherData: Uint8Array, otherStart: number, otherEnd: number): number {
  const length = Math.min(end - start, otherEnd - otherStart);
  for (let i = 0; i < length; i++) {
    const difference = data[start + i]! - otherData[otherStart + i]!;
    if (difference !== 0) return difference;
  }
  return end - start - (otherEnd - otherStart);
}
