import { expect, test } from 'vitest';
import { bindText, runPlan } from '../testing/plan-fixture.ts';
import { finish, limitHeld, PIECE_ROWS, sortInSteps } from './pieces.ts';

// Each of them never ends, or takes minutes, so they only end because they give way.
const HOGS = [
  'SELECT count(*) FROM generate_series(1, 1000000000)',
  'SELECT count(*) FROM generate_series(1, 3000) a, generate_series(1, 3000) b, generate_series(1, 3000) c',
  'SELECT (SELECT count(*) FROM generate_series(1, 1000000000)) FROM generate_series(1, 2)',
  'SELECT g FROM generate_series(1, 1000000000) g WHERE g < 0',
  'SELECT DISTINCT g % 10 FROM generate_series(1, 1000000000) g',
  'SELECT count(*) FROM generate_series(1, 100) a, LATERAL generate_series(1, a * 10000000) b',
  'SELECT count(*) FROM generate_series(1, 1000000) a WHERE (SELECT count(*) FROM generate_series(1, 1000) b WHERE b <> a) > 5',
  'SELECT g FROM generate_series(1, 1000000000) g EXCEPT ALL SELECT g FROM generate_series(1, 1000000000) g',
];

test.each(HOGS)('gives way, and can be stopped: %s', async (sql) => {
  let breaths = 0;
  const breathe = (): null => {
    if (++breaths === 20) throw new Error('stopped');
    return null;
  };
  await expect(runPlan(bindText(sql, []).plan, {}, breathe)).rejects.toThrow('stopped');
});

test('a LIMIT asks for no more than it takes', async () => {
  const { plan } = bindText('SELECT n * 2 FROM (SELECT g + 1 AS n FROM generate_series(1, 1000000000) g OFFSET 1) x LIMIT 2', []);
  expect(await runPlan(plan)).toEqual([[6], [8]]);
});

test('a subquery nobody asks for may fail', async () => {
  const { plan } = bindText('SELECT CASE WHEN g > 0 THEN g ELSE (SELECT 1 / x FROM (VALUES (0)) v (x)) END FROM generate_series(1, 2) g', []);
  expect(await runPlan(plan)).toEqual([[1], [2]]);
  const failing = bindText('SELECT CASE WHEN g > 1 THEN g ELSE (SELECT 1 / x FROM (VALUES (0)) v (x)) END FROM generate_series(1, 2) g', []);
  await expect(runPlan(failing.plan)).rejects.toMatchObject({ code: '22012' });
});

test('a step that holds too much ends the statement', () => {
  expect(() => limitHeld(1_000_000, 4)).not.toThrow();
  expect(() => limitHeld(20_000_000, 4)).toThrow(expect.objectContaining({ code: '53200' }));
});

test('sorting in steps is stable and complete', () => {
  const items = Array.from({ length: PIECE_ROWS * 5 + 17 }, (_, index) => ({ key: (index * 7919) % 101, index }));
  const compare = (left: { key: number }, right: { key: number }): number => left.key - right.key;
  expect(finish(sortInSteps(items, compare))).toEqual([...items].sort(compare));
});
