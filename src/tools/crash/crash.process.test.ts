import { describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { testSeed } from '../processes/index.ts';
import { crashMatrix, POINTS_TOGETHER } from './crash-matrix.ts';
import { choosePoints, parsePoint, pointName, pointsInAll } from './point.ts';

const skip = await reasonToSkipKafkaTests();
const SAMPLE = 15;
const given = process.env.FSQL_CRASH_POINTS;
const count = Number(given ?? SAMPLE);
/** The sample of `npm test` keeps to one process, which starts in a second. */
const among = given === undefined ? (['server'] as const) : undefined;
/** Names of points, a line each. */
const named = process.env.FSQL_CRASH_POINT?.split('\n');
const HOURS_MAX_MS = 100 * 3_600_000;

test('points have names that lead back to them, and none comes twice before all have come', () => {
  const all = choosePoints(pointsInAll(), 1, POINTS_TOGETHER);
  expect(new Set(all.map((point) => pointName({ ...point, seed: 0 }))).size).toBe(pointsInAll());
  for (const point of all) expect(parsePoint(pointName(point))).toEqual(point);
});

describe.skipIf(skip !== undefined)('a crash matrix', () => {
  test('every answer is right, whoever is hit whenever', { timeout: HOURS_MAX_MS }, async () => {
    const points =
      named === undefined
        ? choosePoints(count, testSeed('crash', `${count} of ${pointsInAll()} points`), POINTS_TOGETHER, among)
        : named.map(parsePoint);
    const failures = await crashMatrix(points, (line) => process.stderr.write(`${line}\n`));
    for (const { name, logs } of failures) process.stderr.write(`npm run test:crash -- --point '${name}'   (logs: ${logs})\n`);
    expect(failures.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
  });
});
