import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { bidModel } from './bid-model.ts';
import { bidStatements } from './bid-statements.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { runPsql } from './run-psql.ts';
import { ServerProcess } from './server-process.ts';
import { testRandom } from './test-parameters.ts';

const skip = await reasonToSkipKafkaTests();

/** How often the pair is read, and how long at most: `npm test` shares the machine with other tests. */
const READS = 10_000;
const READ_SECONDS = Number(process.env.FSQL_CONSISTENCY_SECONDS ?? 15);

/** Several transactions a round trip: the reads are to be many, not their packets. */
const PAIRS_A_QUERY = 10;
const CONNECTIONS = 4;

interface PairsRead {
  readonly pairs: number;
  readonly different: number;
}

/** `BEGIN; two reads; COMMIT`, many times on several connections. Throws at the first pair that differs. */
async function readPairs(
  server: ServerProcess,
  limit: { readonly pairs: number; readonly seconds: number },
  views: readonly [string, string],
): Promise<PairsRead> {
  const deadline = performance.now() + limit.seconds * 1000;
  const seen = new Set<string>();
  let pairs = 0;
  const reader = async (): Promise<void> => {
    const client = await server.connect();
    while (pairs < limit.pairs && performance.now() < deadline) pairs += await readSome(client, views, seen);
    await client.end();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, reader));
  return { pairs, different: seen.size };
}

async function readSome(client: pg.Client, [left, right]: readonly [string, string], seen: Set<string>): Promise<number> {
  const text = `BEGIN; ${left}; ${right}; COMMIT;`.repeat(PAIRS_A_QUERY);
  const results = ((await client.query({ text, rowMode: 'array' })) as unknown as pg.QueryArrayResult[]).filter(
    (result) => result.command === 'SELECT',
  );
  expect(results.length).toBe(2 * PAIRS_A_QUERY);
  for (let pair = 0; pair < results.length; pair += 2) {
    const [a, b] = [JSON.stringify(results[pair]!.rows), JSON.stringify(results[pair + 1]!.rows)];
    if (a !== b) throw new Error(`${left} gave ${a}, ${right} gave ${b}`);
    seen.add(a);
  }
  return PAIRS_A_QUERY;
}

describe.skipIf(skip !== undefined)('reads while a producer writes at full speed', () => {
  let kafka: KafkaFixture;
  let server: ServerProcess;
  let writing: Promise<void> | undefined;
  let stopping = false;
  const model = bidModel();

  beforeAll(async () => {
    kafka = await KafkaFixture.start();
    await kafka.createTopic('bids');
    await kafka.createTopic('tops', 1);
    await kafka.produce('bids', model.next(1_000));
    server = await ServerProcess.start();
    const client = await server.connect();
    for (const statement of bidStatements({ servers: kafka.servers, topic: 'bids', sinkTopic: 'tops' })) await client.query(statement);
    await client.query('CREATE MATERIALIZED VIEW by_auction AS SELECT auction, count(*) AS n, sum(price) AS total FROM bids GROUP BY auction');
    await client.query('CREATE MATERIALIZED VIEW by_bidder AS SELECT bidder % 97 AS k, count(*) AS n, sum(price) AS total FROM bids GROUP BY 1');
    await client.end();
    writing = (async () => {
      while (!stopping) await kafka.produce('bids', model.next(500));
    })();
  }, 120_000);

  afterEach((context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(`server log of the failed test:\n${server.log}\n`);
  });

  afterAll(async () => {
    stopping = true;
    await writing?.catch(() => undefined);
    await server?.dispose();
    await kafka?.stop();
  });

  const viewOnView = ['SELECT sum(total) FROM per_channel', 'SELECT total FROM total'] as const;
  const diamond = ['SELECT sum(n), sum(total) FROM by_auction', 'SELECT sum(n), sum(total) FROM by_bidder'] as const;

  test('a view on a view is equal to its query in one transaction, always', { timeout: 1_000_000 }, async () => {
    const { pairs, different } = await readPairs(server, { pairs: READS, seconds: READ_SECONDS }, viewOnView);
    process.stderr.write(`consistency: ${pairs} equal pairs with ${different} different answers\n`);
    expect(different).toBeGreaterThan(5);
  });

  test('two views on one source show the same prefix of it', { timeout: 1_000_000 }, async () => {
    const { pairs, different } = await readPairs(server, { pairs: READS, seconds: READ_SECONDS / 2 }, diamond);
    process.stderr.write(`consistency: ${pairs} equal pairs of the diamond with ${different} different answers\n`);
    expect(different).toBeGreaterThan(5);
    expect(await server.value('SELECT (SELECT sum(n) FROM by_auction) - (SELECT sum(n) FROM by_bidder)')).toBe('0');
  });

  test('folding the changes of a subscription gives the view at each progressed epoch', { timeout: 120_000 }, async () => {
    const subscribe = async (view: string): Promise<Map<string, string[][]>> => {
      const copy = `COPY (SUBSCRIBE ${view} WITH (SNAPSHOT, PROGRESS)) TO STDOUT`;
      return fold((await runPsql({ port: server.port, args: ['-c', copy], interruptAfterMs: 4_000 })).stdout);
    };
    const [channels, totals] = await Promise.all([subscribe('per_channel'), subscribe('total')]);
    const common = [...channels.keys()].filter((epoch) => totals.has(epoch));
    expect(common.length).toBeGreaterThan(5);
    for (const epoch of common) {
      const sumOf = (column: number): string => String(channels.get(epoch)!.reduce((sum, row) => sum + BigInt(row[column]!), 0n));
      expect(totals.get(epoch), `epoch ${epoch}`).toEqual([[sumOf(1), sumOf(2)]]);
    }
  });

  test('across kill -9', { timeout: 120_000 }, async () => {
    const random = testRandom('consistency');
    let lowest = 0n;
    for (let round = 0; round < 3; round++) {
      await sleep(random.nextInt(1_000));
      await server.kill();
      await server.restart();
      const before = Number(await server.value('SELECT n FROM total'));
      await readPairs(server, { pairs: READS, seconds: 1 }, viewOnView);
      await readPairs(server, { pairs: READS, seconds: 1 }, diamond);
      // The writer only adds, so a smaller sum would be a step back.
      await eventually(
        'the server reads on',
        () => server.value('SELECT n FROM total'),
        (n) => Number(n) > before,
      );
      const now = BigInt((await server.value('SELECT total FROM total'))!);
      expect(now).toBeGreaterThan(lowest);
      lowest = now;
    }
  });
});

/** The content of a relation at every epoch reported as progressed, folded from the changes that COPY printed. */
function fold(copied: string): Map<string, string[][]> {
  const contents = new Map<string, string[][]>();
  const weights = new Map<string, number>();
  for (const line of copied.split('\n').slice(0, -1)) {
    const [epoch, progressed, diff, ...values] = line.split('\t');
    if (progressed === 't') {
      const present = [...weights].filter(([, weight]) => weight !== 0);
      expect(
        present.every(([, weight]) => weight === 1),
        `weights at ${epoch}: ${JSON.stringify(present)}`,
      ).toBe(true);
      contents.set(
        epoch!,
        present.map(([key]) => key.split('\t')),
      );
      continue;
    }
    const key = values.join('\t');
    weights.set(key, (weights.get(key) ?? 0) + Number(diff));
  }
  return contents;
}
