import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../base/index.ts';
import { linearProgram } from './linear-program.ts';
import { parseExpressionSource } from './parse-expression.ts';
import { compileExpression } from './regular-expression.ts';

function randomPattern(random: Random, depth: number): string {
  const atoms = ['a', 'b', 'c', '[ab]', '[^a]', '.', '\\p{L}', '^', '$', '(?<![ab])', '(?=b)'];
  const pick = random.nextInt(depth > 0 ? 16 : 11);
  if (pick < 11) return atoms[pick]!;
  const inner = randomPattern(random, depth - 1);
  const other = randomPattern(random, depth - 1);
  if (pick === 11) return `(${inner})`;
  if (pick === 12) return `(?:${inner}|${other})`;
  if (pick === 13) return `(${inner}|${other})`;
  const quantifier = ['?', '+', '*', '{2}', '{1,3}', '*?', '+?', '??'][random.nextInt(8)]!;
  return pick === 14 ? inner + other : `(?:${plain(inner)})${quantifier}`;
}

/** A repetition of what may be empty is where engines differ in what groups hold: patterns here always take a character. */
function plain(inner: string): string {
  return `[abc]${inner}`;
}

test('the linear machine finds what backtracking finds', () => {
  for (let seed = 1; seed <= 4000; seed++) {
    const random = seededRandom(seed);
    const source = randomPattern(random, 4) + randomPattern(random, 3);
    const { root, groupCount } = parseExpressionSource(source);
    const program = linearProgram(root, 'u')!;
    for (let times = 0; times < 4; times++) {
      const text = Array.from({ length: random.nextInt(9) }, () => 'abcd'[random.nextInt(4)]).join('');
      const slots = program.search(text, 0);
      const found =
        slots &&
        Array.from({ length: groupCount + 1 }, (_, group) =>
          slots[2 * group] !== undefined && slots[2 * group + 1] !== undefined ? text.slice(slots[2 * group]!, slots[2 * group + 1]!) : undefined,
        );
      const match = new RegExp(source, 'u').exec(text);
      expect(found, `seed ${seed}: ${source} on ${text}`).toEqual(match && [...match]);
      expect(slots?.[0], `seed ${seed}: ${source} on ${text}`).toEqual(match?.index);
    }
  }
});

test.each([
  ['^(a+)+$', 'a'.repeat(5000) + 'b', false],
  ['^(a|aa)+$', 'a'.repeat(5001), true],
  ['(x+x+)+y', 'x'.repeat(3000), false],
  ['(.*)(.*)(.*)(.*)(.*)z', 'a'.repeat(3000), false],
  ['(a?){100}a{100}$', 'a'.repeat(100), true],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(3000), false],
])('a bomb ends: %s', (pattern, text, matches) => {
  expect(compileExpression(pattern).expression.test(text)).toBe(matches);
});

test('an expression that refers back is refused a text it could take for ever on', () => {
  expect(compileExpression('(a+)\\1b').expression.test('aab')).toBe(true);
  expect(() => compileExpression('^(.*)(.*)(.*)\\1\\2$').expression.test('ab'.repeat(5000))).toThrow('too complex for a text of 10000 characters');
});

test('replaces and splits long texts', () => {
  const text = 'ab-'.repeat(2000);
  expect(text.replace(compileExpression('(a)(b)+').expression, '$2$1')).toBe(`ba${text.slice(2)}`);
});
