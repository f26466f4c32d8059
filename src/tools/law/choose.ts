import type { Random } from '../../base/index.ts';

/** Picks by weight; entries of weight 0 are never picked. */
export function weighted<Choice>(random: Random, choices: readonly (readonly [number, Choice])[]): Choice {
  const total = choices.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.nextFloat() * total;
  for (const [weight, choice] of choices) {
    left -= weight;
    if (left < 0 && weight > 0) return choice;
  }
  return choices.findLast(([weight]) => weight > 0)![1];
}

export function oneOf<Choice>(random: Random, choices: readonly Choice[]): Choice {
  return choices[random.nextInt(choices.length)]!;
}

/** True so often out of a hundred. */
export function percent(random: Random, chance: number): boolean {
  return random.nextFloat() * 100 < chance;
}

/** Some of them, at least one, in their order. */
export function someOf<Choice>(random: Random, choices: readonly Choice[]): Choice[] {
  const some = choices.filter(() => percent(random, 50));
  return some.length > 0 ? some : [oneOf(random, choices)];
}
