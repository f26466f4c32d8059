import { type Random, seededRandom } from '../../base/index.ts';

/** Seed of one test: it is printed, with what else describes the run, and FSQL_TEST_SEED gives it back. */
export function testSeed(name: string, about?: string): number {
  const given = process.env.FSQL_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(given);
  process.stderr.write(`${name}: FSQL_TEST_SEED=${seed}${about === undefined ? '' : `, ${about}`}\n`);
  return seed;
}

/** Randomness of one test, from its seed. */
export function testRandom(name: string, about?: string): Random {
  return seededRandom(testSeed(name, about));
}

/** Some of the cases of a test, by a seed that is printed: `count` in `npm test`, all when somebody has more time (FSQL_CRASH_ROUNDS). */
export function sampleOf<T>(name: string, cases: readonly T[], count: number): T[] {
  if (process.env.FSQL_CRASH_ROUNDS !== undefined) return [...cases];
  const random = seededRandom(testSeed(name, `${count} of ${cases.length} cases`));
  const left = [...cases];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.nextInt(left.length), 1)[0]!);
}

/** How often a crash test kills its server: `sample` in `npm test`, FSQL_CRASH_ROUNDS when somebody has more time. */
export function crashRounds(sample: number): number {
  const given = Number(process.env.FSQL_CRASH_ROUNDS ?? '');
  return Number.isInteger(given) && given > 0 ? given : sample;
}
