import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { commitSteps, recoverySteps, whenSeen } from './commit-steps.ts';
import { eventually } from './eventually.ts';
import { KafkaFixture } from './kafka-fixture.ts';
import { KafkaApi, KafkaGate } from './kafka-gate.ts';
import { RowWriter } from './row-writer.ts';
import { ServerProcess } from './server-process.ts';

const skip = await reasonToSkipKafkaTests();
const PARTITIONS = 2;
const KEYS = 7;
const PAUSE_MS = 10;

describe.skipIf(skip !== undefined)('a sink with exactly-once delivery', () => {
  let kafka: KafkaFixture;
  let gate: KafkaGate;
  let server: ServerProcess;
  let writer: RowWriter;
  let name = 0;

  beforeAll(async () => {
    kafka = await KafkaFixture.start();
    gate = await KafkaGate.start(kafka.servers);
  }, 120_000);
  beforeEach(async () => {
    server = await ServerProcess.start();
    name++;
    await kafka.createTopic(`in${name}`, PARTITIONS);
    await kafka.createTopic(`copy${name}`, PARTITIONS);
    await kafka.createTopic(`counts${name}`, PARTITIONS);
    const options = (topic: string, more = ''): string =>
      `WITH (connector = 'kafka', topic = '${topic}', 'properties.bootstrap.servers' = '${gate.servers}', format = 'json'${more})`;
    await server.rows(`CREATE STREAM rows (id BIGINT) ${options(`in${name}`)}`);
    await server.rows(`CREATE SINK copy ${options(`copy${name}`, ", delivery = 'exactly_once'")} AS SELECT id FROM rows`);
    await server.rows(`CREATE SINK counts ${options(`counts${name}`, ", delivery = 'exactly_once', primary_key = 'k'")}
      AS SELECT id % ${KEYS} AS k, count(*) AS n FROM rows GROUP BY 1`);
    writer = new RowWriter(kafka, `in${name}`, PARTITIONS);
  });
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(`server log of the failed test:\n${server.log}\n`);
    gate.watch = () => true;
    await writer.stop();
    await server.dispose();
  });
  afterAll(async () => {
    await gate?.stop();
    await kafka?.stop();
  });

  /** Checkpoints until `done`, since only they let rows out. Whether one succeeds is not the point. */
  async function checkpointUntil(done: Promise<void>): Promise<void> {
    let going = true;
    void done.then(() => {
      going = false;
    });
    while (going) {
      await server.rows('CHECKPOINT').catch(() => undefined);
      await Promise.race([done, sleep(PAUSE_MS)]);
    }
  }

  /** All that went in came out: each row once, and each change of a count once and in its order. */
  async function compare(): Promise<void> {
    await writer.stop();
    const all = Array.from({ length: writer.count }, (_, id) => id);
    const copied = await eventually(
      'all rows are out',
      async () => {
        await server.rows('CHECKPOINT');
        return kafka.readCommitted(`copy${name}`);
      },
      (messages) => messages.length >= all.length,
      60_000,
    );
    const ids = copied.map(({ value }) => (JSON.parse(value!) as { id: number }).id);
    expect(ids.sort((left, right) => left - right)).toEqual(all);
    const counted = await eventually(
      'all counts are out',
      async () => {
        await server.rows('CHECKPOINT');
        const counts = new Map<number, number[]>();
        for (const { value } of await kafka.readCommitted(`counts${name}`)) {
          const { k, n } = JSON.parse(value!) as { k: number; n: number };
          counts.set(k, [...(counts.get(k) ?? []), n]);
        }
        return counts;
      },
      (counts) => [...counts.values()].reduce((sum, changes) => sum + changes.at(-1)!, 0) >= all.length,
      60_000,
    );
    for (const [key, changes] of counted) {
      expect(changes.at(-1)).toBe(all.filter((id) => id % KEYS === key).length);
      expect(changes, 'no change twice, none out of order').toEqual([...new Set(changes)].sort((left, right) => left - right));
    }
  }

  test('loses and doubles nothing, whatever step of the protocol the server is killed at', { timeout: 600_000 }, async () => {
    for (const step of commitSteps) {
      await checkpointUntil(whenSeen(gate, step, () => void server.kill()));
      await server.restart();
    }
    for (const step of recoverySteps) {
      await checkpointUntil(whenSeen(gate, commitSteps[4]!, () => void server.kill()));
      const again = whenSeen(gate, step, () => void server.kill());
      server.relaunch();
      await again;
      await server.restart();
    }
    await compare();
  });

  test('loses and doubles nothing when the connection breaks at any step', { timeout: 600_000 }, async () => {
    for (const step of [...commitSteps, ...recoverySteps]) {
      if (step.api === KafkaApi.initProducerId) gate.cut();
      await checkpointUntil(whenSeen(gate, step, () => gate.cut()));
    }
    await compare();
    expect(await server.rows("SELECT delivery, last_error, pending_bytes FROM fsql_catalog.sink_progress WHERE sink = 'copy'")).toEqual([
      ['exactly-once', null, '0'],
    ]);
  });
});
