import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealPostgres } from '../../functions/testing/real-postgres.ts';
import type { Row } from '../reference/index.ts';
import { answerOfPostgres, loadRows, ownAnswer, withoutExtraPosition } from './compare-with-postgres.ts';
import { differentialQueries } from './differential-queries.ts';
import { differentialSetup } from './differential-tables.ts';

/** Binder, rules and reference executor against a real PostgreSQL: names, types, rows, errors. */
describe('queries answer as PostgreSQL does', () => {
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

  for (const [subject, queries] of Object.entries(differentialQueries)) {
    describe(subject, () => {
      for (const sql of queries) {
        it(sql, async () => {
          const expected = await answerOfPostgres(sql, postgres);
          expect(withoutExtraPosition(await ownAnswer(sql, data, 'as bound'), expected)).toEqual(expected);
          expect(withoutExtraPosition(await ownAnswer(sql, data, 'once'), expected), 'optimized').toEqual(expected);
        });
      }
    });
  }
});
