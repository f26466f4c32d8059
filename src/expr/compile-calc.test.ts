import { describe, expect, test } from 'vitest';
import { js, type Random, SqlError, SqlState, seededRandom } from '../base/index.ts';
import { type Batch, type BytesColumn, batchFromRows, rowsOf } from '../batch/index.ts';
import { boolType, type Datum, float8Type, int4Type, int8Type, numericType, type SqlType, textType, timestampType } from '../types/index.ts';
import { compileCalc } from './compile-calc.ts';
import type { Expression } from './expression.ts';
import { expressionFromJson, expressionToJson } from './expression-json.ts';
import type { CastDefinition, FunctionDefinition, FunctionLookup } from './function-definition.ts';

const INT8_MAX = 2n ** 63n - 1n;

/** A few functions of each way to be evaluated: emitted with bail, emitted without, evaluated only, called with NULL. */
const definitions: readonly FunctionDefinition[] = [
  define('int8 + int8 -> int8', [int8Type, int8Type], int8Type, {
    evaluate: ([a, b]) => checkInt8((a as bigint) + (b as bigint)),
    emit: (args, context) => {
      const [a, b] = args;
      if (a!.form !== 'number' || b!.form !== 'number') return null;
      const sum = context.builder.const('sum', js`${a!.code[0]!} + ${b!.code[0]!}`);
      context.builder.if(js`!Number.isSafeInteger(${sum})`, () => context.builder.line(context.bail));
      return { form: 'number', type: int8Type, code: [js`${sum}`] };
    },
  }),
  define('int8 / int8 -> int8', [int8Type, int8Type], int8Type, {
    evaluate: ([a, b]) => {
      if (b === 0n) throw new SqlError({ code: SqlState.divisionByZero, message: 'division by zero' });
      return checkInt8((a as bigint) / (b as bigint));
    },
  }),
  define('int8 < int8 -> bool', [int8Type, int8Type], boolType, {
    evaluate: ([a, b]) => (a as bigint) < (b as bigint),
    emit: ([a, b]) =>
      a!.form === 'number' && b!.form === 'number' ? { form: 'boolean', type: boolType, code: [js`(${a!.code[0]!} < ${b!.code[0]!})`] } : null,
  }),
  define('int8 = int8 -> bool', [int8Type, int8Type], boolType, { evaluate: ([a, b]) => a === b }),
  define('text = text -> bool', [textType, textType], boolType, { evaluate: ([a, b]) => a === b }),
  define('text || text -> text', [textType, textType], textType, { evaluate: ([a, b]) => `${a}${b}` }),
  define('left(text) -> text', [textType], textType, {
    evaluate: ([a]) => (a as string).slice(0, 1),
    emit: ([a], context) => {
      if (a!.form !== 'bytes') return null;
      const [data, start, end] = a!.code;
      // The test's texts are ASCII.
      const cut = context.builder.const('cut', js`Math.min(${end!}, ${start!} + 1)`);
      return { form: 'bytes', type: textType, code: [data!, start!, js`${cut}`] };
    },
  }),
  define('float8 * float8 -> float8', [float8Type, float8Type], float8Type, {
    evaluate: ([a, b]) => (a as number) * (b as number),
    emit: ([a, b]) => ({ form: 'number', type: float8Type, code: [js`${a!.code[0]!} * ${b!.code[0]!}`] }),
  }),
  define('or_zero(int8) -> int8', [int8Type], int8Type, { evaluate: ([a]) => a ?? 0n, nullBehaviour: 'called' }),
  define('maybe(int8) -> int8', [int8Type], int8Type, { evaluate: ([a]) => ((a as bigint) % 2n === 0n ? null : (a as bigint)) }),
];

const casts: readonly CastDefinition[] = [
  {
    from: 'text',
    to: 'int8',
    context: 'explicit',
    fallible: true,
    volatility: 'immutable',
    convert: (value) => {
      if (!/^-?\d{1,15}$/.test(value as string)) throw new SqlError({ code: SqlState.invalidTextRepresentation, message: `bad "${value}"` });
      return BigInt(value as string);
    },
  },
  { from: 'int8', to: 'text', context: 'assignment', fallible: false, volatility: 'immutable', convert: (value) => String(value) },
  {
    from: 'int8',
    to: 'numeric',
    context: 'implicit',
    fallible: false,
    volatility: 'immutable',
    convert: (value) => ({ mantissa: value as bigint, scale: 0 }),
    emit: (value, to) => (value.form === 'number' ? { form: 'decimal', type: to, scale: 0, code: value.code } : null),
  },
];

const functions: FunctionLookup = {
  function: (signature) => definitions.find((definition) => definition.signature === signature)!,
  cast: (from, to) => casts.find((cast) => cast.from === from.kind && cast.to === to.kind)!,
};

function define(
  signature: string,
  argumentTypes: readonly SqlType[],
  resultType: SqlType,
  parts: Pick<FunctionDefinition, 'evaluate' | 'emit' | 'nullBehaviour'>,
): FunctionDefinition {
  return {
    name: signature,
    signature,
    argumentTypes,
    resultType,
    volatility: 'immutable',
    fallible: true,
    description: '',
    examples: [],
    family: 'operator',
    ...parts,
  };
}

function checkInt8(value: bigint): bigint {
  if (value > INT8_MAX || value < -INT8_MAX - 1n) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'bigint out of range' });
  return value;
}

const columns = [
  { name: 'a', type: int8Type },
  { name: 'b', type: int8Type },
  { name: 't', type: textType },
  { name: 'f', type: float8Type },
  { name: 'p', type: boolType },
  { name: 'i', type: int4Type },
  { name: 'n', type: numericType },
  { name: 's', type: timestampType },
];

const column = (index: number): Expression => ({ kind: 'column', index, name: columns[index]!.name, type: columns[index]!.type });
const literal = (type: SqlType, value: Datum | null): Expression => ({ kind: 'literal', type, value });
const call = (signature: string, ...args: Expression[]): Expression => ({
  kind: 'call',
  signature,
  args,
  type: functions.function(signature).resultType as SqlType,
});

/** A random expression of one of four types; `depth` bounds it. */
function randomExpression(random: Random, type: 'int8' | 'text' | 'bool' | 'float8', depth: number): Expression {
  const sub = (of: 'int8' | 'text' | 'bool' | 'float8'): Expression => randomExpression(random, of, depth - 1);
  const leaf = depth <= 0 || random.nextInt(5) === 0;
  const choice = random.nextInt(10);
  if (!leaf && choice === 0) {
    const branches = [
      { condition: sub('bool'), result: sub(type) },
      ...(random.nextInt(2) === 0 ? [{ condition: sub('bool'), result: sub(type) }] : []),
    ];
    return { kind: 'case', branches, otherwise: random.nextInt(3) === 0 ? null : sub(type), type: { kind: type } };
  }
  if (!leaf && choice === 1) return { kind: 'coalesce', args: [sub(type), sub(type)], type: { kind: type } };
  switch (type) {
    case 'int8':
      if (leaf) return random.nextInt(3) > 0 ? column(random.nextInt(2)) : literal(int8Type, randomInt8(random));
      if (choice < 5) return call('int8 + int8 -> int8', sub('int8'), sub('int8'));
      if (choice < 6) return call('int8 / int8 -> int8', sub('int8'), sub('int8'));
      if (choice < 7) return call('or_zero(int8) -> int8', sub('int8'));
      if (choice < 8) return call('maybe(int8) -> int8', sub('int8'));
      return { kind: 'cast', input: sub('text'), mode: choice === 8 ? 'try' : 'explicit', type: int8Type };
    case 'text':
      if (leaf) return random.nextInt(2) === 0 ? column(2) : literal(textType, ['', 'x', '12', null][random.nextInt(4)]!);
      if (choice < 5) return call('text || text -> text', sub('text'), sub('text'));
      if (choice < 8) return call('left(text) -> text', sub('text'));
      return { kind: 'cast', input: sub('int8'), mode: 'explicit', type: textType };
    case 'float8':
      return leaf
        ? random.nextInt(2) === 0
          ? column(3)
          : literal(float8Type, 0.5)
        : call('float8 * float8 -> float8', sub('float8'), sub('float8'));
    default:
      return randomCondition(random, { leaf, choice, sub });
  }
}

function randomCondition(
  random: Random,
  at: { readonly leaf: boolean; readonly choice: number; readonly sub: (of: 'int8' | 'text' | 'bool') => Expression },
): Expression {
  const { leaf, choice, sub } = at;
  if (leaf) return random.nextInt(3) > 0 ? column(4) : literal(boolType, [true, false, null][random.nextInt(3)]!);
  if (choice < 4) return call('int8 < int8 -> bool', sub('int8'), sub('int8'));
  if (choice < 5) return call('text = text -> bool', sub('text'), sub('text'));
  if (choice < 6) return { kind: 'is-null', input: sub('int8'), negated: random.nextInt(2) === 0, type: boolType };
  if (choice < 7) {
    const items = [sub('int8'), literal(int8Type, null), sub('int8')].slice(random.nextInt(2));
    return { kind: 'in-list', input: sub('int8'), items, equals: 'int8 = int8 -> bool', negated: random.nextInt(2) === 0, type: boolType };
  }
  if (choice < 8) return { kind: 'logical', operator: 'not', args: [sub('bool')], type: boolType };
  return { kind: 'logical', operator: choice === 8 ? 'and' : 'or', args: [sub('bool'), sub('bool'), sub('bool')], type: boolType };
}

function randomInt8(random: Random): bigint {
  const extremes = [INT8_MAX, -INT8_MAX - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 0n, -1n];
  return random.nextInt(4) === 0 ? extremes[random.nextInt(extremes.length)]! : BigInt(random.nextInt(9) - 4);
}

function randomBatch(random: Random, rowCount: number): Batch {
  const maybe = <Value>(value: Value): Value | null => (random.nextInt(6) === 0 ? null : value);
  const rows = Array.from({ length: rowCount }, () => [
    maybe(randomInt8(random)),
    maybe(randomInt8(random)),
    maybe(['', 'a', '7', '-12', 'zz'][random.nextInt(5)]!),
    maybe([0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY][random.nextInt(5)]!),
    maybe(random.nextInt(2) === 0),
    maybe(random.nextInt(100) - 50),
    maybe({ mantissa: 150n, scale: 2 }),
    maybe(-1n),
  ]);
  const weights = random.nextInt(2) === 0 ? undefined : rows.map(() => (random.nextInt(2) === 0 ? -1 : 2));
  return batchFromRows(
    columns.map((one) => one.type),
    rows,
    weights,
  );
}

function run(interpreted: boolean, predicate: Expression | null, projections: readonly Expression[], batch: Batch): unknown {
  const calc = compileCalc({ predicate, projections, inputColumns: columns, functions, interpreted });
  const errors: unknown[] = [];
  const result = calc.run(batch, { nowMicros: 0n, timeZone: 'UTC' }, (row, error, text) => errors.push([row, error.code, error.message, text]));
  return { rows: result === null ? [] : rowsOf(result), weights: result?.weights ?? null, errors };
}

describe('generated loops agree with the interpreter', () => {
  test.each(Array.from({ length: 60 }, (_, index) => index + 1))('random expressions, seed %i', (seed) => {
    const random = seededRandom(seed);
    const types = ['int8', 'text', 'bool', 'float8'] as const;
    const predicate = random.nextInt(3) === 0 ? null : randomExpression(random, 'bool', 3);
    const projections = [
      ...Array.from({ length: 3 }, () => randomExpression(random, types[random.nextInt(4)]!, 4)),
      column(random.nextInt(columns.length)),
      column(6),
    ];
    for (const rowCount of [1, 33]) {
      const batch = randomBatch(random, rowCount);
      const generated = run(false, predicate, projections, batch);
      expect(generated, `seed ${seed}`).toEqual(run(true, predicate, projections, batch));
    }
  });
});

test('a decimal written by the loop has the bytes the interpreter gives it', () => {
  const random = seededRandom(12);
  const values = [0n, 1n, -1n, 127n, 128n, -128n, -129n, 255n, 256n, 32_767n, 32_768n, -32_768n, 2n ** 53n - 1n, 1n - 2n ** 53n, INT8_MAX];
  for (let count = 0; count < 200; count++) values.push(BigInt(Math.floor((random.nextFloat() - 0.5) * 2 ** random.nextInt(54))));
  const batch = batchFromRows(
    columns.map((one) => one.type),
    values.map((value) => [value, null, null, null, null, null, null, null]),
  );
  const cast: Expression = { kind: 'cast', input: column(0), mode: 'implicit', type: numericType };
  const bytes = (interpreted: boolean): unknown => {
    const calc = compileCalc({ predicate: null, projections: [cast], inputColumns: columns, functions, interpreted });
    const result = calc.run(batch, { nowMicros: 0n, timeZone: 'UTC' }, () => undefined)!.columns[0]! as BytesColumn;
    return values.map((_, row) => [...result.data.subarray(result.starts[row]!, result.ends[row]!)]);
  };
  expect(bytes(false)).toEqual(bytes(true));
});

test('an expression survives JSON', () => {
  const random = seededRandom(7);
  for (let count = 0; count < 50; count++) {
    const expression = randomExpression(random, 'bool', 4);
    expect(expressionFromJson(JSON.parse(JSON.stringify(expressionToJson(expression))))).toEqual(expression);
  }
});

test('columns that are passed on are not copied', () => {
  const batch = randomBatch(seededRandom(1), 5);
  const calc = compileCalc({ predicate: null, projections: [column(2), column(0)], inputColumns: columns, functions, interpreted: false });
  const result = calc.run(batch, { nowMicros: 0n, timeZone: 'UTC' }, () => undefined)!;
  expect(result.columns[0]).toBe(batch.columns[2]);
  expect(result.columns[1]).toBe(batch.columns[0]);
});

test('a row that fails is left out and reported once, with the expression that failed', () => {
  const batch = batchFromRows(
    columns.map((one) => one.type),
    [
      [4n, 2n, null, null, null, null, null, null],
      [4n, 0n, null, null, null, null, null, null],
    ],
  );
  const projection = call('int8 / int8 -> int8', column(0), column(1));
  expect(run(false, null, [projection], batch)).toEqual({
    rows: [[2n]],
    weights: null,
    errors: [[1, '22012', 'division by zero', 'a / b']],
  });
});
