import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { KafkaApi, KafkaGate } from './kafka-gate.ts';
import { RowWriter } from './row-writer.ts';
import type { ServerProcess } from './server-process.ts';
import { type StandbyCluster, standbyCluster } from './standby-cluster.ts';
import { sampleOf } from './test-parameters.ts';

const skip = await reasonToSkipKafkaTests();
const PARTITIONS = 2;
const PAUSE_MS = 10;
const TEST_MS_MAX = 120_000;
/** Of an answer to EndTxn: length, correlation_id, throttle_time_ms, then error_code INT16. */
const END_TRANSACTION_ERROR = 12;
/** INVALID_PRODUCER_EPOCH and PRODUCER_FENCED: somebody else writes under this id now. */
const FENCED = [47, 90];

describe.skipIf(skip !== undefined)('an exactly-once sink whose JobManager is replaced', () => {
  const started: { dispose(): Promise<void> }[] = [];
  let kafka: KafkaFixture;
  let gate: KafkaGate;
  let writer: RowWriter;
  let name = 0;

  beforeAll(async () => {
    kafka = await KafkaFixture.start();
    gate = await KafkaGate.start(kafka.servers);
  }, TEST_MS_MAX);
  afterEach(async (context) => {
    gate.watch = () => true;
    await writer?.stop();
    for (const one of started.splice(0).reverse()) {
      if (context.task.result?.state === 'fail') process.stderr.write(`log of the failed test:\n${(one as ServerProcess).log}\n`);
      await one.dispose();
    }
  });
  afterAll(async () => {
    await gate?.stop();
    await kafka?.stop();
  });

  /** A cluster that copies rows from one topic to another while they are written. */
  async function copying(slots: number): Promise<StandbyCluster> {
    const cluster = await standbyCluster((one) => {
      started.push(one);
      return one;
    }, slots);
    name++;
    for (const topic of [`in${name}`, `copy${name}`]) await kafka.createTopic(topic, PARTITIONS);
    const options = (topic: string, more = ''): string =>
      `WITH (connector = 'kafka', topic = '${topic}', 'properties.bootstrap.servers' = '${gate.servers}', format = 'json'${more})`;
    await cluster.leader.rows(`CREATE STREAM rows (id BIGINT) ${options(`in${name}`)}`);
    await cluster.leader.rows(`CREATE SINK copy ${options(`copy${name}`, ", delivery = 'exactly_once'")} AS SELECT id FROM rows`);
    writer = new RowWriter(kafka, `in${name}`, PARTITIONS);
    await eventually(
      'the first rows are out',
      () => checkpointed(cluster.leader),
      ({ length }) => length > 0,
      TEST_MS_MAX,
    );
    return cluster;
  }

  /** What a reader of committed records finds behind one more checkpoint. */
  async function checkpointed(server: ServerProcess): Promise<number[]> {
    await server.rows('CHECKPOINT');
    return (await kafka.readCommitted(`copy${name}`)).map(({ value }) => (JSON.parse(value!) as { id: number }).id);
  }

  /** Checkpoint after checkpoint, each with a transaction behind it, until there is no answer any more. */
  function checkpointing(server: ServerProcess): void {
    void (async () => {
      const client = await server.connect();
      for (;;) await client.query('CHECKPOINT');
    })().catch(() => undefined);
  }

  /** Every row that went in came out, and none twice. */
  async function compare(server: ServerProcess): Promise<void> {
    await writer.stop();
    const all = Array.from({ length: writer.count }, (_, id) => id);
    const copied = await eventually(
      'all rows are out',
      () => checkpointed(server),
      ({ length }) => length >= all.length,
      TEST_MS_MAX,
    );
    expect(copied.sort((left, right) => left - right)).toEqual(all);
  }

  async function isReplaced(signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
    const { leader, standby, taskManagers } = await copying(0);
    checkpointing(leader);
    await sleep(20 * PAUSE_MS);
    leader.signal(signal);
    await standby.ready();
    await Promise.all(taskManagers.map((taskManager) => taskManager.joined(2)));
    if (signal === 'SIGSTOP') leader.signal('SIGCONT');
    expect(await leader.end()).toEqual(signal === 'SIGSTOP' ? { code: 1, signal: null } : { code: null, signal });
    await compare(standby);
  }

  /** The leader is stopped when it asks for a commit; `late`: the broker hears of it only when another one leads. */
  async function isStoppedWhileItCommits(late: boolean): Promise<void> {
    const { leader, standby } = await copying(2);
    const outcomes: number[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const stopped = new Promise<void>((resolve) => {
      gate.watch = ({ side, api }) => {
        if (side !== 'request' || api !== KafkaApi.endTransaction) return true;
        leader.signal('SIGSTOP');
        gate.watch = () => true;
        resolve();
        return late ? released : true;
      };
    });
    checkpointing(leader);
    await stopped;
    const replaced = new Promise<void>((resolve) => {
      gate.watch = ({ side, api, bytes }) => {
        if (side === 'answer' && api === KafkaApi.endTransaction) outcomes.push(bytes.readInt16BE(END_TRANSACTION_ERROR));
        if (side === 'answer' && api === KafkaApi.initProducerId) resolve();
        return true;
      };
    });
    await standby.ready();
    await replaced;
    await checkpointed(standby);
    release();
    if (late) {
      const refused = async (): Promise<number[]> => outcomes.filter((code) => FENCED.includes(code));
      await eventually('the late commit is refused', refused, ({ length }) => length === 1);
    }
    leader.signal('SIGCONT');
    expect(await leader.end()).toEqual({ code: 1, signal: null });
    await compare(standby);
  }

  const cases = [
    { when: 'killed, tasks in two TaskManagers', happens: () => isReplaced('SIGKILL') },
    { when: 'stopped, tasks in two TaskManagers', happens: () => isReplaced('SIGSTOP') },
    { when: 'stopped while it commits, and the commit comes late and is refused', happens: () => isStoppedWhileItCommits(true) },
    { when: 'stopped while it commits, and the commit was done, which it never learns', happens: () => isStoppedWhileItCommits(false) },
  ];
  test.each(sampleOf('a sink under a standby', cases, 1))(
    'loses and doubles nothing when the leader is $when',
    { timeout: TEST_MS_MAX },
    ({ happens }) => happens(),
  );
});
