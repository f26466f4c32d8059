import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../base/index.ts';
import { compileExpression } from './regular-expression.ts';

const ATOMS = ['a', 'b', '[ab]', '[^a]', '.', '\\w', 'B', '^', '$', '\\d'];
const QUANTIFIERS = ['?', '+', '*', '{2}', '{1,3}', '{2,}', '*?', '+?', '??', '{1,2}?'];

function randomPattern(random: Random, depth: number): string {
  const pick = random.nextInt(depth > 0 ? 16 : 11);
  const atom = ATOMS[random.nextInt(ATOMS.length)]!;
  if (pick < 7 || atom === '^' || atom === '$') return atom;
  if (pick < 11) return atom + QUANTIFIERS[random.nextInt(QUANTIFIERS.length)]!;
  const [inner, other] = [randomPattern(random, depth - 1), randomPattern(random, depth - 1)];
  if (pick === 11) return `(${inner})`;
  if (pick === 12) return `(?:${inner}|${other})`;
  if (pick === 13) return `(${inner}|${other}|)`;
  return inner + other;
}

test('bytes match what characters match, and the same groups', () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const random = seededRandom(seed);
    const flags = random.nextInt(3) === 0 ? 'i' : '';
    const { expression } = compileExpression(randomPattern(random, 4) + randomPattern(random, 3), flags);
    const matcher = expression.byteMatcher()!;
    for (let times = 0; times < 4; times++) {
      const text = Array.from({ length: random.nextInt(9) }, () => 'abB1\n'[random.nextInt(5)]).join('');
      const bytes = Buffer.from(`xa${text}bx`);
      const isFound = matcher.search(bytes, 2, bytes.length - 2);
      const groups = Array.from({ length: matcher.slots.length / 2 }, (_, group) => {
        const [start, end] = [matcher.slots[2 * group]!, matcher.slots[2 * group + 1]!];
        return end < 0 ? undefined : bytes.toString('latin1', start, end);
      });
      const match = expression.exec(text);
      expect(isFound ? groups : null, `seed ${seed}: ${expression} on ${JSON.stringify(text)}`).toEqual(match && [...match]);
    }
  }
});

test.each(['(a+)\\1', 'a(?=b)', '(ab)+', '\\mword', '(?n)^a'])('%s is left to characters', (pattern) => {
  expect(compileExpression(pattern).expression.byteMatcher()).toBeNull();
});
