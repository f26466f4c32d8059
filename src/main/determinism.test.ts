import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { memoryStorage, type Random, seededRandom, silentLogger } from '../base/index.ts';
import { createCluster, inThreadSlots } from '../cluster/index.ts';
import { openEngine } from '../session/index.ts';
import { memoryScratchPlace } from '../state/index.ts';
import { openSimulatedStore, SimulatedDisk } from '../state/testing/index.ts';
import { TEST_CONNECTOR, TestTopics, testConnector, VirtualClock } from '../tools/sqltest/index.ts';
import { openLocalSession } from './local-session.ts';
import { slotRegistries } from './open-database.ts';
import { createRegistries, withConnectors } from './registries.ts';
import { rowsOf } from './testing/index.ts';

const STEPS = 10_000;
const START_MICROS = BigInt(Date.UTC(2024, 0, 1)) * 1000n;
const SLOTS = 2;
/** Turns of the promises between two movements of the clock: enough for what is under way to come to rest, or not. */
const TURNS = 60;

const statements = [
  `CREATE STREAM orders (item INT, price BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2 seconds')
   WITH (connector = 'kafka', topic = 'orders', properties.bootstrap.servers = 'none:1', format = 'json', idle_timeout = '1 s')`,
  'CREATE TABLE items (item INT PRIMARY KEY, name TEXT)',
  `INSERT INTO items VALUES (0, 'ink'), (1, 'jar'), (2, 'ink'), (3, 'lid')`,
  `CREATE MATERIALIZED VIEW windows AS SELECT item, window_end, count(*) AS n, sum(price * 2) AS total
   FROM TUMBLE(orders, ts, INTERVAL '10 seconds') WHERE price % 3 <> 0 GROUP BY item, window_start, window_end`,
  'CREATE MATERIALIZED VIEW named AS SELECT name, window_end, n, total FROM windows JOIN items USING (item)',
  'CREATE MATERIALIZED VIEW totals AS SELECT name, sum(n) AS n, sum(total) AS total FROM named GROUP BY name',
];

/** A whole fsql on a simulated clock, disk and transport, with its first scheduling steps in one hash. */
class SimulatedDatabase {
  readonly clock = new VirtualClock(START_MICROS);
  readonly topics = new TestTopics();
  readonly random: Random;
  readonly #disk: SimulatedDisk;
  readonly #hash = createHash('sha256');
  steps = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.#disk = new SimulatedDisk(seededRandom(seed + 1));
    this.topics.create('orders', 3);
  }

  async open() {
    const { clock, random } = this;
    const registries = withConnectors(createRegistries(), [testConnector(this.topics)]);
    const stateStore = await openSimulatedStore(this.#disk);
    const trace = (step: string): void => {
      if (this.steps++ < STEPS) this.#hash.update(`${step}\n`);
    };
    const pause = (): Promise<void> => Promise.resolve();
    const launcher = inThreadSlots({
      registries: slotRegistries(registries),
      clock,
      logger: silentLogger,
      scratch: memoryScratchPlace,
      random,
      pause,
      trace,
    });
    const engine = await openEngine({
      registries,
      catalogLog: stateStore.catalogLog,
      embeddedLog: stateStore.embeddedLog,
      clock,
      random,
      secretBytes: (count) => new Uint8Array(count),
      logger: silentLogger,
      parallelism: SLOTS,
      maxParallelism: 128,
      futureSkewGuard: false,
      offline: false,
      savepoints: { absolute: (path) => path, open: () => memoryStorage() },
      bindConnector: (options) => new Map([...options, ['connector', TEST_CONNECTOR]]),
      startCluster: (jobs) =>
        createCluster({ stateStore, launcher, clock, random, logger: silentLogger, slots: SLOTS, jobs, checkpointIntervalMs: 1_000 }),
    });
    const session = await openLocalSession({ engine }, () => undefined);
    return { engine, run: (text: string) => rowsOf(session, text) };
  }

  /** Orders come, time goes by. */
  async live(): Promise<void> {
    for (let row = this.random.nextInt(8); row > 0; row--) {
      const ts = new Date(Number(this.clock.nowMicros() / 1000n) - this.random.nextInt(4_000)).toISOString().replace('Z', '');
      const value = Buffer.from(JSON.stringify({ item: this.random.nextInt(5), price: this.random.nextInt(1000), ts }));
      this.topics.append('orders', this.random.nextInt(3), { key: null, value, timestampMs: 0 });
    }
    this.clock.advanceTo(this.clock.nowMicros() + BigInt(50 + this.random.nextInt(200)) * 1000n);
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
  }

  /** The machine stops: what was not brought to the disk is gone. */
  stop(): void {
    this.#disk.restart();
  }

  /** Hash of the steps, and of what the disk holds at the end. */
  traced(): string {
    for (const file of this.#disk.files()) this.#hash.update(`${file}\n`).update(this.#disk.peek(file));
    return this.#hash.digest('hex');
  }
}

async function run(seed: number): Promise<{ trace: string; totals: readonly string[] }> {
  const simulated = new SimulatedDatabase(seed);
  let database = await simulated.open();
  for (const statement of statements) await database.run(statement);
  while (simulated.steps < STEPS / 2) await simulated.live();
  await database.engine.cluster.close();
  simulated.stop();
  database = await simulated.open();
  while (simulated.steps < STEPS) await simulated.live();
  await database.engine.cluster.flush();
  const totals = await database.run('SELECT name, n, total FROM totals ORDER BY name');
  const query = `SELECT name, count(*), sum(price * 2) FROM orders JOIN items USING (item) WHERE price % 3 <> 0 GROUP BY name ORDER BY name`;
  expect(await database.run(query), `seed ${seed}`).toEqual(totals);
  await database.engine.cluster.close();
  return { trace: simulated.traced(), totals };
}

test('the shipped program, its operators included, runs the same 10,000 steps for the same seed, a crash in the middle', {
  timeout: 120_000,
}, async () => {
  const first = await run(41);
  expect(first.totals.length).toBe(3);
  expect(await run(41)).toEqual(first);
  expect((await run(42)).trace).not.toBe(first.trace);
});
