import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Random, seededRandom, silentLogger } from '../base/index.ts';
import { testSeed } from '../tools/processes/index.ts';
import { openLocalSession, runText } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

/** Reads of a run: a sample in `npm test`, FSQL_BANK_READS with `npm run test:bank`. */
const READS = Number(process.env.FSQL_BANK_READS ?? 500);
/** A new bank after so many: its entries only grow, and a read looks at all of them. */
const ROUND_READS = 20_000;
const READ_MS = 1_000;
const READERS = 3;
const ACCOUNTS = 40;
const RESTARTS = 2;

/** Money moves by one row a transfer; each view below cuts it apart and puts it together in another way. */
const statements = [
  'CREATE TABLE account (id INT PRIMARY KEY, branch INT)',
  `INSERT INTO account SELECT g, g % 7 FROM generate_series(1, ${ACCOUNTS}) g`,
  'CREATE STREAM transfer (debtor INT, creditor INT, amount INT)',
  'CREATE MATERIALIZED VIEW entry AS SELECT debtor AS id, -amount AS amount FROM transfer UNION ALL SELECT creditor, amount FROM transfer',
  'CREATE MATERIALIZED VIEW balance AS SELECT a.id, a.branch, coalesce(sum(e.amount), 0) AS amount FROM account a LEFT JOIN entry e ON e.id = a.id GROUP BY a.id, a.branch',
  'CREATE MATERIALIZED VIEW neighbours AS SELECT x.id, x.amount - y.amount AS difference FROM balance x JOIN balance y ON y.id = x.id % 40 + 1',
  'CREATE MATERIALIZED VIEW branch AS SELECT branch, sum(amount) AS amount FROM balance GROUP BY branch',
  'CREATE MATERIALIZED VIEW bank AS SELECT sum(amount) AS amount, count(*) AS branches FROM branch',
];

/** Every one of them is 0 at every moment. */
const invariants = [
  'SELECT sum(amount) FROM balance',
  'SELECT sum(difference) FROM neighbours',
  'SELECT sum(amount) FROM branch',
  'SELECT amount FROM bank',
  'SELECT coalesce(sum(amount), 0) FROM entry',
];

let folder = '';
let database: Database;

const open = (): Promise<Database> => openDatabase({ dataDir: join(folder, 'data'), slots: 2, host: 'in-thread', logger: silentLogger });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fsql-bank-'));
  database = await open();
  const session = await openLocalSession(database, () => undefined);
  for (const statement of statements) await rowsOf(session, statement);
  const path = join(folder, 'entries');
  await rowsOf(session, `CREATE SINK entries WITH (connector = 'filesystem', path = '${path}', format = 'json') AS SELECT id, amount FROM entry`);
  await session.close();
});

afterEach(async () => {
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

const firstSeed = testSeed('bank transfer', `${READS} reads`);
const rounds = Array.from({ length: Math.ceil(READS / ROUND_READS) }, (_, round) => {
  return { seed: firstSeed + round, reads: Math.min(ROUND_READS, READS - round * ROUND_READS) };
});

test.each(rounds)(
  'money is neither made nor lost at any moment: in $reads reads, in every epoch of a subscription, in a view being made, in files, over restarts (seed $seed)',
  {
    timeout: ROUND_READS * READ_MS,
  },
  async ({ seed, reads }) => {
    const random = seededRandom(seed);
    const counts = { reads: 0, epochs: 0, backfills: 0, transfers: 0 };
    for (let life = 0; life <= RESTARTS; life++) {
      const until = ((life + 1) * reads) / (RESTARTS + 1);
      const [writing, watching] = [{ stopped: false }, { stopped: false }];
      const writer = transferAll(random, writing, counts);
      const watchers = [subscribe(watching, counts), makeViews(watching, counts)];
      try {
        await Promise.all(Array.from({ length: READERS }, () => read(until, counts)));
      } finally {
        watching.stopped = true;
        // A subscriber hears that it may stop with the next change.
        await Promise.all(watchers);
        writing.stopped = true;
        await writer;
      }
      await database.close();
      database = await open();
    }
    process.stderr.write(
      `bank transfer: ${Object.entries(counts)
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}\n`,
    );
    expect(counts.epochs).toBeGreaterThan(RESTARTS);
    expect(counts.backfills).toBeGreaterThan(RESTARTS);
    const session = await openLocalSession(database, () => undefined);
    await rowsOf(session, 'CHECKPOINT');
    const [rows] = await rowsOf(session, 'SELECT count(*) FROM entry');
    await session.close();
    await checkFiles(Number(rows), counts.transfers);
  },
);

interface Running {
  stopped: boolean;
}

interface Counts {
  reads: number;
  epochs: number;
  backfills: number;
  transfers: number;
}

/** Transfers at full speed; now and then an account is closed and opened anew, whose entries wait meanwhile. */
async function transferAll(random: Random, state: Running, counts: Counts): Promise<void> {
  const session = await openLocalSession(database, () => undefined);
  const account = (): number => 1 + random.nextInt(ACCOUNTS);
  while (!state.stopped) {
    const rows = Array.from({ length: 1 + random.nextInt(20) }, () => `(${account()}, ${account()}, ${random.nextInt(100)})`);
    await rowsOf(session, `INSERT INTO transfer VALUES ${rows.join(', ')}`);
    counts.transfers += rows.length;
    if (random.nextInt(10) === 0) await rowsOf(session, `UPDATE account SET branch = ${random.nextInt(7)} WHERE id = ${account()}`);
  }
  await session.close();
}

async function read(until: number, counts: Counts): Promise<void> {
  const session = await openLocalSession(database, () => undefined);
  const text = `BEGIN; ${invariants.join('; ')}; COMMIT`;
  while (counts.reads < until) {
    const sums = await rowsOf(session, text);
    expect(sums).toEqual(invariants.map(() => '0'));
    counts.reads += invariants.length;
  }
  await session.close();
}

/** Folds the changes of the balances: their sum has to be 0 whenever an epoch is complete. */
async function subscribe(state: Running, counts: Counts): Promise<void> {
  const session = await openLocalSession(database, () => undefined);
  let sum = 0;
  await rowsOf(session, 'BEGIN; DECLARE changes CURSOR FOR SUBSCRIBE balance WITH (SNAPSHOT, PROGRESS)');
  while (!state.stopped) {
    await runText(session, 'FETCH 50 FROM changes', ({ result }) => {
      for (const [, progressed, diff, , , amount] of result?.rows ?? []) {
        if (progressed === 't') {
          expect(sum).toBe(0);
          counts.epochs++;
        } else sum += Number(diff) * Number(amount);
      }
    });
  }
  await rowsOf(session, 'CLOSE changes; COMMIT');
  await session.close();
}

/** A view made while the money moves is right from its first moment. */
async function makeViews(state: Running, counts: Counts): Promise<void> {
  const session = await openLocalSession(database, () => undefined);
  while (!state.stopped) {
    await rowsOf(
      session,
      'CREATE MATERIALIZED VIEW late AS SELECT b.branch, sum(e.amount) AS amount FROM entry e JOIN balance b ON b.id = e.id GROUP BY b.branch',
    );
    expect(await rowsOf(session, 'BEGIN; SELECT coalesce(sum(amount), 0) FROM late; SELECT amount FROM bank; COMMIT')).toEqual(['0', '0']);
    await rowsOf(session, 'DROP MATERIALIZED VIEW late');
    counts.backfills++;
  }
  await session.close();
}

/** Both entries of a transfer are in the same file, once. */
async function checkFiles(rows: number, transfers: number): Promise<void> {
  expect(rows).toBe(2 * transfers);
  const names = (await readdir(join(folder, 'entries'))).filter((name) => !name.startsWith('.'));
  let lines = 0;
  for (const name of names) {
    const text = await readFile(join(folder, 'entries', name), 'utf8');
    for (const line of text.split('\n')) if (line !== '') lines++;
  }
  expect(lines).toBe(rows);
}
