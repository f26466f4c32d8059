import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { bidModel } from './bid-model.ts';
import { bidStatements } from './bid-statements.ts';
import { eventually } from './eventually.ts';
import { foldSubscription } from './fold-subscription.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { type PairOfReads, PairReading } from './pair-reading.ts';
import { runPsql } from './run-psql.ts';
import { ServerProcess } from './server-process.ts';
import { testRandom } from './test-parameters.ts';

const skip = await reasonToSkipKafkaTests();

/** Pairs each test reads at least: `npm test` shares the machine with other tests and reads what its seconds give. */
const PAIRS = Number(process.env.FSQL_CONSISTENCY_PAIRS ?? 0);
/** Equal answers prove little while nothing changes. */
const DIFFERENT_MIN = 6;
const KILLS_MIN = 2;
/** Time a server lives between its first answer and its end, at most. */
const LIFE_MS = PAIRS > 0 ? 40_000 : 4_000;

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

  test('a view on a view is equal to its query in one transaction, always', { timeout: 2_000_000 }, () => readWhile(viewOnView, 8_000));

  test('two views on one source show the same prefix of it', { timeout: 2_000_000 }, async () => {
    await readWhile(diamond, 4_000);
    expect(await server.value('SELECT (SELECT sum(n) FROM by_auction) - (SELECT sum(n) FROM by_bidder)')).toBe('0');
  });

  test('folding the changes of a subscription gives the view at each progressed epoch', { timeout: 120_000 }, async () => {
    const subscribe = async (view: string): Promise<Map<string, string[][]>> => {
      const copy = `COPY (SUBSCRIBE ${view} WITH (SNAPSHOT, PROGRESS)) TO STDOUT`;
      return foldSubscription((await runPsql({ port: server.port, args: ['-c', copy], interruptAfterMs: 4_000 })).stdout);
    };
    const [channels, totals] = await Promise.all([subscribe('per_channel'), subscribe('total')]);
    const common = [...channels.keys()].filter((epoch) => totals.has(epoch));
    expect(common.length).toBeGreaterThan(5);
    for (const epoch of common) {
      const sumOf = (column: number): string => String(channels.get(epoch)!.reduce((sum, row) => sum + BigInt(row[column]!), 0n));
      expect(totals.get(epoch), `epoch ${epoch}`).toEqual([[sumOf(1), sumOf(2)]]);
    }
  });

  test('a view on a view is equal to its query across kill -9, and no reader ever steps back', { timeout: 2_000_000 }, async () => {
    const random = testRandom('consistency');
    const reading = new PairReading(server, viewOnView, { killed: true });
    const deadline = performance.now() + 20_000;
    let kills = 0;
    for (; kills < KILLS_MIN || performance.now() < deadline || reading.pairs < PAIRS; kills++) {
      await reading.more();
      await sleep(random.nextInt(LIFE_MS));
      await server.kill();
      await server.restart();
    }
    await reading.more();
    await ended(reading, `across ${kills} kill -9`);
    await readWhile(diamond, 1_000, 0);
    const before = Number(await server.value('SELECT n FROM total'));
    await eventually(
      'the server reads on',
      () => server.value('SELECT n FROM total'),
      (n) => Number(n) > before,
    );
  });

  async function readWhile(views: PairOfReads, milliseconds: number, pairs = PAIRS): Promise<void> {
    const reading = new PairReading(server, views, { killed: false });
    const deadline = performance.now() + milliseconds;
    do await reading.more();
    while (performance.now() < deadline || reading.pairs < pairs || reading.different < DIFFERENT_MIN);
    await ended(reading, views === diamond ? 'of the diamond' : 'of a view on a view');
  }

  async function ended(reading: PairReading, what: string): Promise<void> {
    await reading.stop();
    process.stderr.write(`consistency: ${reading.pairs} equal pairs ${what}, ${reading.different} different answers\n`);
    expect(reading.different).toBeGreaterThanOrEqual(DIFFERENT_MIN);
  }
});
