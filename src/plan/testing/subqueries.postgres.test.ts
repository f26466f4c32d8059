import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealPostgres } from '../../functions/testing/real-postgres.ts';
import type { Row } from '../reference/index.ts';
import { answerOfPostgres, loadRows, ownAnswer, withoutExtraPosition } from './compare-with-postgres.ts';
import { differentialSetup } from './differential-tables.ts';
import { subqueryQueries } from './subquery-queries.ts';

const QUERIES = Number(process.env.FSQL_SUBQUERY_COUNT ?? 120);
const SEED = Number(process.env.FSQL_SUBQUERY_SEED ?? 7);

/** Generated correlated subqueries, as bound and as joins, against a real PostgreSQL. */
describe(`subqueries answer as PostgreSQL's do (seed ${SEED})`, () => {
  let postgres: RealPostgres;
  let data: Record<string, readonly Row[]>;

  beforeAll(async () => {
    postgres = await RealPostgres.start();
    await postgres.run(differentialSetup);
    data = await loadRows(postgres);
  }, 60_000);

  afterAll(async () => {
    await postgres.stop();
  });

  for (const [index, sql] of subqueryQueries(SEED, QUERIES).entries()) {
    it(`${index}: ${sql}`, async () => {
      const expected = await answerOfPostgres(sql, postgres);
      for (const how of ['as bound', 'once', 'continuous'] as const) {
        expect(withoutExtraPosition(await ownAnswer(sql, data, how), expected), how).toEqual(expected);
      }
    });
  }
});
