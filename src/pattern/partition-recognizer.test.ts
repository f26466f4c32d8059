import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../base/index.ts';
import type { CallExpression, Expression, FunctionLookup } from '../expr/index.ts';
import { createFunctionLookup } from '../functions/function-lookup.ts';
import { casts, scalarFunctions } from '../functions/index.ts';
import { Registry } from '../spi/index.ts';
import { boolType, int4Type } from '../types/index.ts';
import { compileRecognition } from './compiled-recognition.ts';
import { PartitionRecognizer } from './partition-recognizer.ts';
import type { PatternNode, PatternReference, Recognition, SkipTarget } from './recognition.ts';

const functions: FunctionLookup = createFunctionLookup(scalarFunctions, casts);
const environment = { functions, aggregates: new Registry([], () => ''), evaluation: { nowMicros: 0n, timeZone: 'UTC' } };

/** Variable v takes rows whose number has bit v; variable 3 takes any. The row at hand is reference 0: the last of every row. */
const VARIABLES = ['a', 'b', 'c', 'd'];
const allowed: readonly (readonly number[])[] = [
  [0, 1],
  [1, 2],
  [0, 2, 3],
  [0, 1, 2, 3],
];

const current: PatternReference = {
  kind: 'row-value',
  symbol: VARIABLES.length,
  final: false,
  from: 'last',
  offset: 0,
  shift: 0,
  value: { kind: 'column', index: 0, name: 'v', type: int4Type },
  type: int4Type,
};

function isOneOf(values: readonly number[]): Expression {
  const column: Expression = { kind: 'column', index: 2, name: 'r', type: int4Type };
  const equal = (value: number): CallExpression => ({
    kind: 'call',
    signature: 'int4 = int4 -> bool',
    args: [column, { kind: 'literal', value, type: int4Type }],
    type: boolType,
  });
  return { kind: 'logical', operator: 'or', args: values.map(equal), type: boolType };
}

function recognition(pattern: PatternNode, skip: SkipTarget): Recognition {
  return {
    variables: VARIABLES,
    subsets: [],
    pattern,
    references: [current],
    definitions: [0, 1, 2].map((variable) => ({ variable, condition: isOneOf(allowed[variable]!) })),
    measures: [],
    shown: 'one',
    skip,
    withinMicros: null,
  };
}

/** All matches that begin at a row, in order of preference: each the variables of its rows. */
function* enumerate(node: PatternNode, rows: readonly number[], at: number): Generator<readonly number[], void, undefined> {
  switch (node.kind) {
    case 'variable':
      if (at < rows.length && allowed[node.variable]!.includes(rows[at]!)) yield [node.variable];
      return;
    case 'anchor':
      if (at === (node.at === 'start' ? 0 : rows.length)) yield [];
      return;
    case 'exclusion':
      yield* enumerate(node.pattern, rows, at);
      return;
    case 'sequence':
      yield* sequence(node.parts, rows, at);
      return;
    case 'alternation':
      for (const part of node.parts) yield* enumerate(part, rows, at);
      return;
    case 'permutation':
      for (const order of orders(node.parts)) yield* sequence(order, rows, at);
      return;
    case 'repetition':
      yield* repetition(node, { rows, at, round: 0 });
  }
}

function* sequence(parts: readonly PatternNode[], rows: readonly number[], at: number): Generator<readonly number[], void, undefined> {
  const [first, ...rest] = parts;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const head of enumerate(first, rows, at)) for (const tail of sequence(rest, rows, at + head.length)) yield [...head, ...tail];
}

interface Round {
  readonly rows: readonly number[];
  readonly at: number;
  readonly round: number;
}

function* repetition(node: Extract<PatternNode, { kind: 'repetition' }>, { rows, at, round }: Round): Generator<readonly number[], void, undefined> {
  const more = function* (): Generator<readonly number[], void, undefined> {
    if (node.maximum !== null && round >= node.maximum) return;
    for (const head of enumerate(node.pattern, rows, at)) {
      // A round without rows is the last one, where there is no end to them.
      const last = head.length === 0 && node.maximum === null && round >= node.minimum;
      if (last) yield head;
      else for (const tail of repetition(node, { rows, at: at + head.length, round: round + 1 })) yield [...head, ...tail];
    }
  };
  if (round < node.minimum) yield* more();
  else if (node.greedy) {
    yield* more();
    yield [];
  } else {
    yield [];
    yield* more();
  }
}

function* orders(parts: readonly PatternNode[]): Generator<readonly PatternNode[], void, undefined> {
  if (parts.length === 0) yield [];
  for (const [index, first] of parts.entries()) {
    for (const rest of orders(parts.filter((_, other) => other !== index))) yield [first, ...rest];
  }
}

function bruteForce(pattern: PatternNode, rows: readonly number[], skip: SkipTarget): string[] {
  const found: string[] = [];
  for (let start = 0; start < rows.length; ) {
    const first = enumerate(pattern, rows, start).next();
    if (first.done === true) {
      start++;
      continue;
    }
    found.push(`${start}: ${first.value.map((variable) => VARIABLES[variable]).join('')}`);
    start += skip.kind === 'past-last-row' ? Math.max(1, first.value.length) : 1;
  }
  return found;
}

function randomPattern(random: Random, depth: number): PatternNode {
  const kind = depth === 0 ? 0 : random.nextInt(12);
  const part = (): PatternNode => randomPattern(random, depth - 1);
  if (kind < 3) return { kind: 'variable', variable: random.nextInt(VARIABLES.length) };
  if (kind < 6) return { kind: 'sequence', parts: Array.from({ length: random.nextInt(4) }, part) };
  if (kind < 7) return { kind: 'alternation', parts: Array.from({ length: 2 + random.nextInt(2) }, part) };
  if (kind < 8) return { kind: 'permutation', parts: Array.from({ length: 2 + random.nextInt(2) }, part) };
  if (kind < 9)
    return random.nextInt(2) === 0 ? { kind: 'anchor', at: random.nextInt(2) === 0 ? 'start' : 'end' } : { kind: 'exclusion', pattern: part() };
  const minimum = random.nextInt(3);
  const maximum = random.nextInt(2) === 0 ? null : minimum + random.nextInt(3);
  return { kind: 'repetition', pattern: part(), minimum, maximum: maximum === 0 ? 1 : maximum, greedy: random.nextInt(2) === 0 };
}

/** What the recognizer finds when rows come in portions of up to `portion`. */
function recognized(
  pattern: PatternNode,
  rows: readonly number[],
  { skip, portion }: { readonly skip: SkipTarget; readonly portion: number },
): string[] {
  const compiled = compileRecognition({ recognition: recognition(pattern, skip), width: 1, partitionBy: [], orderBy: [] }, environment);
  const recognizer = new PartitionRecognizer(compiled);
  const found: string[] = [];
  for (let at = 0; at <= rows.length; at += portion) {
    for (const value of rows.slice(at, at + portion)) recognizer.rows.append([value]);
    recognizer.rows.complete = at + portion > rows.length;
    for (;;) {
      const finding = recognizer.next(null, 7);
      if (finding.kind === 'waiting') break;
      if (finding.kind === 'error') throw finding.error;
      if (finding.kind !== 'match') continue;
      const { start, end, mapping } = finding.match;
      const names = Array.from({ length: end - start }, (_, index) => VARIABLES[mapping.variableAt(start + index)!]);
      found.push(`${start}: ${names.join('')}`);
    }
    recognizer.rows.forgetBefore(recognizer.neededFrom);
  }
  return found;
}

describe('the preferred match', () => {
  test.each([1, 2, 3, 4])('is the first of all matches in order, whatever portions the rows come in (seed %i)', (seed) => {
    const random = seededRandom(seed);
    let matches = 0;
    for (let round = 0; round < 1_500; round++) {
      const pattern = randomPattern(random, 3);
      const rows = Array.from({ length: random.nextInt(9) }, () => random.nextInt(4));
      const skip: SkipTarget = { kind: random.nextInt(2) === 0 ? 'past-last-row' : 'to-next-row' };
      const expected = bruteForce(pattern, rows, skip);
      const portion = 1 + random.nextInt(rows.length + 1);
      expect(recognized(pattern, rows, { skip, portion }), JSON.stringify({ pattern, rows, skip, portion })).toEqual(expected);
      matches += expected.length;
    }
    expect(matches).toBeGreaterThan(1_000);
  });

  test('is given up with an error when the search does not end', () => {
    const some: PatternNode = { kind: 'repetition', pattern: { kind: 'variable', variable: 3 }, minimum: 1, maximum: null, greedy: true };
    const many: PatternNode = { kind: 'repetition', pattern: some, minimum: 1, maximum: null, greedy: true };
    const pattern: PatternNode = { kind: 'sequence', parts: [many, { kind: 'variable', variable: 1 }] };
    const rows = Array.from({ length: 60 }, () => 0);
    expect(() => recognized(pattern, rows, { skip: { kind: 'past-last-row' }, portion: 100 })).toThrow('the search for a match takes more than');
  });
});
