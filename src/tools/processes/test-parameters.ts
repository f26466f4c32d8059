import { type Random, seededRandom } from '../../base/index.ts';

/** Randomness of one test; its seed is printed, and FSQL_TEST_SEED gives it back. */
export function testRandom(name: string): Random {
  const given = process.env.FSQL_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  process.stderr.write(`${name}: FSQL_TEST_SEED=${seed}\n`);
  return seededRandom(seed);
}

/** How often a crash test kills its server: `sample` in `npm test`, FSQL_CRASH_ROUNDS when somebody has more time. */
export function crashRounds(sample: number): number {
  const given = Number(process.env.FSQL_CRASH_ROUNDS ?? '');
  return Number.isInteger(given) && given > 0 ? given : sample;
}
