import { describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { testSeed } from '../processes/index.ts';
import { crashMatrix, POINTS_TOGETHER } from './crash-matrix.ts';
import { passedPoints } from './passed-points.ts';
import { choosePoints, type Point, parsePoint, pointName, pointsInAll } from './point.ts';
import { victims } from './topology.ts';

const skip = await reasonToSkipKafkaTests();
const given = process.env.FSQL_CRASH_POINTS;
/** Names of points, a line each. */
const named = process.env.FSQL_CRASH_POINT?.split('\n');
/** The sample of `npm test`. A server starts in a second, a cluster in a few, and it does so once. */
const sample = [
  { count: 10, victims: ['server'] },
  { count: 5, victims: victims.filter((victim) => victim !== 'server' && victim !== 'broker') },
] as const;
const HOURS_MAX_MS = 100 * 3_600_000;
const together = POINTS_TOGETHER;

async function points(): Promise<Point[]> {
  if (named !== undefined) return named.map(parsePoint);
  const count = given === undefined ? 15 : Number(given);
  const seed = testSeed('crash', `${count} of ${pointsInAll()} points`);
  if (given === undefined) return sample.flatMap((part) => choosePoints({ ...part, seed, together }));
  return choosePoints({ count, seed, together, passed: await passedPoints() });
}

test('points have names that lead back to them, and none comes twice before all have come', () => {
  const all = choosePoints({ count: pointsInAll(), seed: 1, together });
  expect(new Set(all.map((point) => pointName({ ...point, seed: 0 }))).size).toBe(pointsInAll());
  for (const point of all) expect(parsePoint(pointName(point))).toEqual(point);
});

test('every program meets every victim before one of them meets another twice', () => {
  const pairs = choosePoints({ count: 104, seed: 1, together }).map(({ program, victim }) => `${program.name}/${victim}`);
  expect(new Set(pairs).size).toBe(104);
});

test('what was not passed comes first', () => {
  const all = choosePoints({ count: pointsInAll(), seed: 1, together });
  const passed = all.slice(30).map(pointName);
  const next = choosePoints({ count: 30, seed: 2, together, passed }).map((point) => pointName({ ...point, seed: 0 }));
  expect(next.sort()).toEqual(
    all
      .slice(0, 30)
      .map((point) => pointName({ ...point, seed: 0 }))
      .sort(),
  );
});

test('the list of points that were passed names points that there are, each once and in order', async () => {
  const names = await passedPoints();
  expect(names.map((name) => pointName(parsePoint(name)))).toEqual(names);
  expect([...new Set(names)].sort()).toEqual(names);
});

describe.skipIf(skip !== undefined)('a crash matrix', () => {
  test('every answer is right, whoever is hit whenever', { timeout: HOURS_MAX_MS }, async () => {
    const failures = await crashMatrix(await points(), (line) => process.stderr.write(`${line}\n`));
    for (const { name, logs } of failures) process.stderr.write(`npm run test:crash -- --point '${name}'   (logs: ${logs})\n`);
    expect(failures.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
  });
});
