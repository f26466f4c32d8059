import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../base/index.ts';
import { openLocalSession } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

/** Pairs to read, two a transaction: a sample in `npm test`. The process tests read such pairs from a server of its own, with Kafka and `kill -9`. */
const TRANSACTIONS = Number(process.env.FSQL_CONSISTENCY_PAIRS ?? 600) / 2;
const SESSIONS = 4;
/** Answers that differ: a writer that has stood still would show nothing. A busy machine needs more reads for as many. */
const DIFFERENT_MIN = 20;

const statements = [
  `CREATE STREAM bids (auction BIGINT, bidder BIGINT, price BIGINT, "dateTime" TIMESTAMP(3)) WITH (connector = 'datagen', "rows-per-second" = '20000')`,
  'CREATE MATERIALIZED VIEW per_auction AS SELECT auction % 97 AS k, count(*) AS n, sum(price % 1000) AS total FROM bids GROUP BY 1 HAVING count(*) > 1',
  'CREATE MATERIALIZED VIEW total AS SELECT sum(n) AS n, sum(total) AS total FROM per_auction',
  'CREATE MATERIALIZED VIEW by_auction AS SELECT auction % 89 AS k, count(*) AS n, sum(price % 1000) AS total FROM bids GROUP BY 1',
  'CREATE MATERIALIZED VIEW by_bidder AS SELECT bidder % 101 AS k, count(*) AS n, sum(price % 1000) AS total FROM bids GROUP BY 1',
];

let folder = '';
let database: Database;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fsql-consistent-'));
  database = await openDatabase({ dataDir: join(folder, 'data'), slots: 2, host: 'in-thread', logger: silentLogger });
  const session = await openLocalSession(database, () => undefined);
  for (const statement of statements) await rowsOf(session, statement);
  await session.close();
});

afterAll(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

const pairs = [
  ['SELECT sum(n), sum(total) FROM per_auction', 'SELECT n, total FROM total'],
  ['SELECT sum(n), sum(total) FROM by_auction', 'SELECT sum(n), sum(total) FROM by_bidder'],
] as const;

test('a view on a view is equal to its query, and two views on one source show the same prefix of it, at every moment', {
  timeout: 900_000,
}, async () => {
  const text = `BEGIN; ${pairs.flat().join('; ')}; COMMIT`;
  const seen = new Set<string>();
  let transactions = 0;
  const reader = async (): Promise<void> => {
    const session = await openLocalSession(database, () => undefined);
    while (transactions++ < TRANSACTIONS || seen.size <= DIFFERENT_MIN) {
      const rows = await rowsOf(session, text);
      expect(rows.length).toBe(4);
      pairs.forEach(([left, right], index) => {
        const [a, b] = rows.slice(2 * index);
        if (a !== b) throw new Error(`${left} gave ${a}, ${right} gave ${b}`);
      });
      seen.add(rows.join());
    }
    await session.close();
  };
  await Promise.all(Array.from({ length: SESSIONS }, reader));
  expect(seen.size).toBeGreaterThan(DIFFERENT_MIN);
});
