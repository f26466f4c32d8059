import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../base/index.ts';
import type { Datum } from '../../../types/index.ts';
import { printLogicalPlan, verifyLogicalPlan } from '../../logical/index.ts';
import type { Row } from '../../reference/index.ts';
import { aggregates, bindText, evaluation, formatRows, lookup, runPlan } from '../../testing/plan-fixture.ts';
import { planRelations } from '../../testing/plan-relations.ts';
import { optimize } from '../optimize.ts';
import { optimizerRules } from './index.ts';

interface RuleCases {
  readonly expect: readonly string[];
  readonly expectNot: readonly string[];
  /** Changed in a view, left alone in a query that runs once. */
  readonly expectInViews?: readonly string[];
}

/** For each rule: queries it changes, and queries it must leave alone. */
const cases: Readonly<Record<string, RuleCases>> = {
  'fold-constants': {
    expect: ['SELECT id FROM t WHERE id > 1 + 2', 'SELECT id FROM t WHERE 1 = 2', 'SELECT id FROM t WHERE true AND id = 1'],
    // An operation that fails stays where it is; no row may reach it.
    expectNot: ['SELECT id FROM t WHERE id > 1', 'SELECT CASE WHEN id < 0 THEN 1 / 0 ELSE id END FROM t', 'SELECT id FROM t WHERE v > dice()'],
  },
  'inline-row-subqueries': {
    expect: ['SELECT (SELECT t.id) FROM t', 'SELECT id FROM t WHERE (SELECT v > 1)', 'SELECT (SELECT (SELECT t.id)) FROM t'],
    expectNot: ['SELECT (SELECT max(id) FROM u) FROM t', 'SELECT EXISTS (SELECT t.id) FROM t', 'SELECT (VALUES (1), (t.id)) FROM t WHERE false'],
  },
  'split-join-subqueries': {
    expect: ['SELECT t.id FROM t JOIN u ON t.id = u.id AND EXISTS (SELECT FROM u x WHERE x.w = u.w)'],
    expectNot: ['SELECT t.id FROM t JOIN u ON t.id = u.id', 'SELECT t.id FROM t FULL JOIN u ON t.id = u.id AND t.id IN (SELECT id FROM u)'],
    expectInViews: [
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id AND EXISTS (SELECT FROM u x WHERE x.w = u.w AND x.id = t.id)',
      'SELECT t.id FROM t RIGHT JOIN u ON t.id IN (SELECT id FROM u x WHERE x.w = u.w)',
    ],
  },
  'join-subquery-conditions': {
    expect: [
      'SELECT id FROM t WHERE EXISTS (SELECT FROM u WHERE u.id = t.id)',
      'SELECT id FROM t WHERE NOT EXISTS (SELECT FROM u WHERE u.id > t.id)',
      'SELECT id FROM t WHERE id IN (SELECT id FROM u)',
      'SELECT id FROM t WHERE id NOT IN (SELECT id FROM u WHERE w = t.name)',
      'SELECT id FROM t WHERE id > ALL (SELECT id FROM u)',
      'SELECT id FROM t WHERE (id, name) IN (SELECT id, w FROM u)',
      "SELECT id AS c0, v AS c1, name AS c2, w AS c3 FROM t WHERE '' = ANY (SELECT min(w) FROM u GROUP BY w)",
    ],
    expectNot: [
      'SELECT id FROM t WHERE id IN (1, 2)',
      'SELECT id FROM t WHERE EXISTS (SELECT FROM u WHERE u.id = t.id) OR id = 1',
      'SELECT id FROM t WHERE id IN (SELECT dice()::int FROM u)',
    ],
    expectInViews: ['SELECT id FROM t WHERE EXISTS (SELECT FROM u)', 'SELECT id FROM t WHERE id IN (SELECT 100 / id FROM u WHERE u.w = t.name)'],
  },
  'join-subquery-values': {
    expect: [
      'SELECT (SELECT count(*) FROM u WHERE u.id = t.id) FROM t',
      'SELECT id IN (SELECT id FROM u) FROM t',
      'SELECT id FROM t WHERE EXISTS (SELECT FROM u WHERE u.id = t.id) OR id = 1',
      'SELECT id FROM t ORDER BY (SELECT max(w) FROM u WHERE u.id = t.id), id',
      'SELECT sum((SELECT count(*) FROM u WHERE u.id = t.id)) FROM t',
      'SELECT ARRAY(SELECT w FROM u WHERE u.id = t.id ORDER BY w) FROM t',
    ],
    expectNot: ['SELECT (SELECT max(id) FROM u) FROM t', 'SELECT (SELECT w FROM u WHERE u.id = t.id) FROM t WHERE false'],
    expectInViews: [
      'SELECT (SELECT max(id) FROM u) FROM t',
      'SELECT (SELECT w FROM u WHERE u.id = t.id LIMIT 5) FROM t WHERE false',
      'SELECT (SELECT max(100 / id) FROM u WHERE u.id = t.id) FROM t',
    ],
  },
  'unnest-lateral-joins': {
    expect: [
      'SELECT t.id, l.m FROM t, LATERAL (SELECT max(w) AS m FROM u WHERE u.id = t.id) l',
      'SELECT t.id, l.id FROM t LEFT JOIN LATERAL (SELECT id FROM u WHERE u.id < t.id ORDER BY id LIMIT 1) l ON true',
      'SELECT t.id, x FROM t, LATERAL (VALUES (t.id), (-t.id)) l (x)',
    ],
    expectNot: ['SELECT t.id, g FROM t, generate_series(1, t.id) g', 'SELECT t.id FROM t JOIN u ON t.id = u.id'],
  },
  'merge-filters': {
    expect: ['SELECT id FROM vw WHERE id < 3', 'SELECT dummy.id FROM (SELECT id FROM t WHERE v > 1) dummy WHERE id < 3'],
    expectNot: ['SELECT id FROM t WHERE id > 1', 'SELECT id FROM (SELECT id FROM t WHERE id > 1 LIMIT 2) s WHERE id < 3'],
  },
  'push-filter-into-project': {
    expect: ['SELECT n FROM vw WHERE id = 1', 'SELECT d FROM (SELECT v * 2 AS d FROM t) s WHERE d > 3'],
    expectNot: ['SELECT d FROM (SELECT dice() AS d FROM t) s WHERE d > 0.5', 'SELECT id FROM (SELECT id FROM t LIMIT 2) s WHERE id = 1'],
  },
  'push-filter-into-union': {
    expect: [
      'SELECT id FROM (SELECT id FROM t UNION ALL SELECT id FROM u) s WHERE id = 1',
      'SELECT id FROM (SELECT id FROM t UNION SELECT id FROM u) s WHERE id = 1',
    ],
    expectNot: ['SELECT id FROM (SELECT id FROM t EXCEPT SELECT id FROM u) s WHERE id = 1'],
  },
  'push-filter-below-sort': {
    expect: ['SELECT id FROM (SELECT id FROM t ORDER BY id) s WHERE id > 1', 'SELECT id FROM (SELECT DISTINCT id FROM u) s WHERE id > 1'],
    expectNot: ['SELECT id FROM (SELECT DISTINCT ON (w) id, w FROM u ORDER BY w, id) s WHERE id > 1'],
  },
  'push-filter-into-aggregate': {
    expect: ["SELECT w, count(*) FROM u GROUP BY w HAVING w > 'a'"],
    expectNot: [
      'SELECT w, count(*) FROM u GROUP BY w HAVING count(*) > 1',
      "SELECT w, count(*) FROM u GROUP BY ROLLUP (w) HAVING w > 'a'",
      'SELECT id, count(*) FROM u GROUP BY id HAVING 10 / id > 1',
      'SELECT count(*) FROM u HAVING 1 = 2',
    ],
  },
  'push-filter-into-over': {
    expect: [
      "SELECT * FROM (SELECT id, w, row_number() OVER (PARTITION BY w ORDER BY id) AS n FROM u) s WHERE w = 'a' AND n < 3",
      "SELECT * FROM (SELECT id, w, count(*) OVER (PARTITION BY w), rank() OVER (PARTITION BY id, w ORDER BY w) FROM u) s WHERE w = 'a'",
    ],
    expectNot: [
      'SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY w ORDER BY id) AS n FROM u) s WHERE id = 1',
      "SELECT * FROM (SELECT w, count(*) OVER (PARTITION BY w), rank() OVER (ORDER BY w) FROM u) s WHERE w = 'a'",
      'SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY id ORDER BY w) AS n FROM u) s WHERE 10 / id > 1',
    ],
  },
  'push-filter-into-window': {
    expect: ["SELECT price FROM TUMBLE(bids, ts, INTERVAL '10 seconds') WHERE price > 100"],
    expectNot: [
      "SELECT price FROM TUMBLE(bids, ts, INTERVAL '10 seconds') WHERE window_start > ts",
      "SELECT price FROM TUMBLE(bids, ts, INTERVAL '10 seconds') WHERE 100 / price > 1",
      "SELECT price FROM SESSION(TABLE bids PARTITION BY auction, DESCRIPTOR(ts), INTERVAL '1 second') WHERE price > 1",
    ],
  },
  'push-filter-into-join': {
    expect: [
      'SELECT t.id FROM t, u WHERE t.id = u.id',
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE t.name = 'a'",
      "SELECT t.id FROM t JOIN u ON t.id = u.id WHERE u.w = 'a'",
    ],
    expectNot: [
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE u.w IS NULL',
      "SELECT t.id FROM t RIGHT JOIN u ON t.id = u.id WHERE coalesce(t.name, 'a') = 'a'",
      "SELECT t.id FROM t FULL JOIN u ON t.id = u.id WHERE coalesce(u.w, 'a') = 'a'",
    ],
  },
  'narrow-outer-join': {
    expect: [
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE u.w = 'a'",
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE u.id IS NOT NULL OR u.w > t.name',
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE NOT (u.id IS NULL)',
      "SELECT u.id FROM t RIGHT JOIN u ON t.id = u.id WHERE t.name IN ('a', 'b') AND u.w = 'a'",
      'SELECT t.id, u.id FROM t FULL JOIN u ON t.id = u.id WHERE t.id + 1 > 2',
      "SELECT t.id, u.id FROM t FULL JOIN u ON t.id = u.id WHERE u.w || 'x' > 'b'",
      'SELECT t.id, u.id FROM t FULL JOIN u ON t.id = u.id WHERE t.id < u.id + 3',
      'SELECT t.id, u.id FROM t FULL JOIN u ON t.id = u.id WHERE coalesce(u.w, u.w) = name',
    ],
    expectNot: [
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE u.w IS NULL',
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE t.name = 'a'",
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE u.w = 'a' OR t.name = 'b'",
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE coalesce(u.w, 'a') = 'a'",
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE CASE WHEN u.w = 'a' THEN false ELSE true END",
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE u.w IS DISTINCT FROM 'a'",
      'SELECT t.id, u.id FROM t FULL JOIN u ON t.id = u.id WHERE t.id IS NULL OR u.id IS NULL',
    ],
  },
  'push-condition-into-join': {
    expect: [
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id AND u.w > 'a'",
      "SELECT u.id FROM t RIGHT JOIN u ON t.id = u.id AND t.name > 'a'",
      "SELECT u.id FROM t JOIN u ON t.id = u.id AND t.name > 'a'",
      "SELECT u.id, t.id FROM t JOIN u ON u.w > 'a'",
    ],
    expectNot: [
      "SELECT t.id FROM t LEFT JOIN u ON t.id = u.id AND t.name > 'a'",
      "SELECT u.id FROM t RIGHT JOIN u ON t.id = u.id AND u.w > 'a'",
      "SELECT u.id FROM t FULL JOIN u ON t.id = u.id AND u.w > 'a' AND t.name > 'a'",
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id AND 10 / u.id > 2',
      'SELECT t.id FROM t LEFT JOIN LATERAL (SELECT 10 / u.id AS q FROM u WHERE u.id = t.id) s ON s.q > 2',
    ],
  },
  'merge-projects': {
    expect: ['SELECT d + 1 FROM (SELECT v * 2 AS d FROM t) s', 'SELECT n, n FROM (SELECT name AS n FROM t) s'],
    expectNot: ['SELECT d + d FROM (SELECT v * 2 AS d FROM t) s', 'SELECT d FROM (SELECT dice() AS d FROM t) s'],
  },
  'read-fields-in-scan': {
    expect: ['SELECT (bid).a FROM bids', "SELECT count(*) FROM bids WHERE (bid).b = 'x'"],
    expectNot: ['SELECT bid, (bid).a FROM bids', 'SELECT price FROM bids'],
  },
  'prune-columns': {
    expect: ['SELECT id FROM t', 'SELECT t.id FROM t JOIN u ON t.id = u.id', 'SELECT c FROM (SELECT w, count(*) c, max(id) m FROM u GROUP BY w) s'],
    expectNot: ['SELECT id, w FROM u', 'SELECT DISTINCT id, w FROM u'],
  },
  'remove-trivial-projects': {
    expect: ['SELECT * FROM u', 'SELECT w AS a, count(*) AS b FROM u GROUP BY w'],
    expectNot: ['SELECT w, id FROM u', 'SELECT id AS a, w AS b FROM u'],
  },
  'aggregate-in-two-phases': {
    expect: [
      'SELECT w, count(*) FROM u GROUP BY w',
      "SELECT count(id) FILTER (WHERE w > 'a'), min(w), max(id), sum(id), avg(id) FROM u",
      'SELECT w, count(DISTINCT id) FROM u GROUP BY w HAVING sum(id) > 2',
      'SELECT w, id, count(*) FROM u GROUP BY GROUPING SETS ((w), (id))',
    ],
    // Sums of other types are not the sum of one value by its weight; lists are made of every row.
    expectNot: [
      'SELECT id, w FROM u',
      "SELECT w, count(*), string_agg(w, ',') FROM u GROUP BY w",
      'SELECT sum(v) FROM t',
      'SELECT sum(id::float8) FROM t',
      'SELECT w, array_agg(id ORDER BY id) FROM u GROUP BY w',
    ],
  },
  'distinct-in-two-phases': {
    expect: [],
    expectNot: [
      'SELECT count(id) FROM t',
      'SELECT w, count(DISTINCT id) FROM u GROUP BY w',
      'SELECT array_agg(DISTINCT id ORDER BY id) FROM u',
      'SELECT w, count(DISTINCT id) FROM u GROUP BY ROLLUP (w)',
    ],
    expectInViews: ['SELECT count(DISTINCT id) FROM t', "SELECT count(*), sum(DISTINCT id) FILTER (WHERE w = 'a'), count(DISTINCT w) FROM u"],
  },
};

const context = { functions: lookup, aggregates, continuous: false, evaluation };

function applied(rule: string, sql: string, continuous = false): boolean {
  const names: string[] = [];
  // Alone where it can act alone; otherwise after the others have brought its nodes together.
  const only = optimizerRules.filter((one) => one.name === rule);
  const { plan } = bindText(sql, planRelations);
  optimize(plan, { ...context, continuous }, { rules: only, trace: (name) => names.push(name) });
  if (names.length === 0) optimize(plan, { ...context, continuous }, { trace: (name) => names.push(name) });
  return names.includes(rule);
}

describe('optimizer rules', () => {
  it('have a case each', () => {
    expect(Object.keys(cases).sort()).toEqual(optimizerRules.map((rule) => rule.name).sort());
  });

  for (const [rule, { expect: positive, expectNot, expectInViews = [] }] of Object.entries(cases)) {
    describe(rule, () => {
      for (const sql of positive) it(`changes ${sql}`, () => expect(applied(rule, sql)).toBe(true));
      for (const sql of expectNot) it(`leaves ${sql}`, () => expect(applied(rule, sql)).toBe(false));
      for (const sql of expectInViews) {
        it(`changes ${sql} in a view`, () => expect(applied(rule, sql, true)).toBe(true));
        it(`leaves ${sql} in a query that runs once`, () => expect(applied(rule, sql)).toBe(false));
      }
    });
  }

  it('reads only the fields that are used', () => {
    const { plan } = bindText("SELECT (bid).a, count(*) FROM bids WHERE (bid).b = 'x' GROUP BY (bid).a", planRelations);
    expect(printLogicalPlan(optimize(plan, context))).toBe(`Aggregate count(*) by a
└─ Filter b = 'x'
   └─ Scan bids (bid.a, bid.b)`);
  });
});

describe('every rule keeps the answer', () => {
  const seed = 20_240_131;
  const queries = Object.values(cases)
    .flatMap((one) => [...one.expect, ...one.expectNot, ...(one.expectInViews ?? [])])
    .filter((sql) => !sql.includes('dice()'));

  for (const rule of [null, 'in a view', ...optimizerRules] as const) {
    const name = rule === null ? 'all together' : rule === 'in a view' ? rule : rule.name;
    it(`${name} (seed ${seed})`, async () => {
      const data = randomData(seed);
      for (const sql of new Set(queries)) {
        const { plan } = bindText(sql, planRelations);
        const alone = rule === null || rule === 'in a view' ? {} : { rules: [rule] };
        const changed = optimize(plan, { ...context, continuous: rule === 'in a view' }, alone);
        verifyLogicalPlan(changed);
        expect(
          changed.fields.map((field) => field.name),
          sql,
        ).toEqual(plan.fields.map((field) => field.name));
        const expected = formatRows(await runPlan(plan, data), plan).sort();
        expect(formatRows(await runPlan(changed, data), plan).sort(), sql).toEqual(expected);
      }
    });
  }
});

/** Rows with many NULLs and many equal values; no zeros, so that no query fails. */
function randomData(seed: number): Record<string, readonly Row[]> {
  const random = seededRandom(seed);
  const pick = (limit: number): number => 1 + Math.floor(random.nextFloat() * limit);
  const orNull = (value: Datum): Datum | null => (random.nextFloat() < 0.2 ? null : value);
  const rows = (count: number, make: (index: number) => Row): Row[] => Array.from({ length: count }, (_, index) => make(index));
  const text = (): Datum | null => orNull('abcx'[pick(4) - 1]!);
  return {
    bids: rows(30, () => [
      orNull(BigInt(pick(3))),
      BigInt(pick(200)),
      text(),
      orNull(BigInt(pick(40)) * 1_000_000n),
      orNull({ fields: [orNull(pick(3)), text()] }),
    ]),
    t: rows(8, (index) => [index + 1, orNull({ mantissa: BigInt(pick(500)), scale: 2 }), text(), null]),
    u: rows(12, () => [orNull(pick(8)), text()]),
  };
}
