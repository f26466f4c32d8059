import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../../base/index.ts';
import { eventually, foldSubscription, KafkaFixture, runPsql, ServerProcess } from '../processes/index.ts';
import { EventFeed } from './event-feed.ts';
import type { Sample } from './flatness.ts';
import { events, orders, reads, transfers } from './habits.ts';
import { measureServer } from './server-sample.ts';
import { ACCOUNTS, FIRST_BALANCE, type SoakTopics, soakStatements } from './soak-statements.ts';
import { Users, WrongAnswer } from './user.ts';
import { viewChurn } from './view-churn.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly killEverySeconds: number;
  /** Between the end of a view and the making of the next one. */
  readonly churnEverySeconds: number;
  readonly sampleEverySeconds: number;
  readonly bidsPerSecond: number;
  readonly seed: number;
  /** A line for whoever watches. */
  readonly log: (line: string) => void;
  /** Appended to, a sample a line. */
  readonly samplesFile?: string;
}

export interface SoakOutcome {
  readonly samples: readonly Sample[];
  readonly kills: number;
  readonly checkpoints: number;
  /** Rounds by user, and bids in the relation. */
  readonly rounds: ReadonlyMap<string, number>;
  readonly bids: number;
  /** Nothing in here: every answer was right. */
  readonly failures: readonly string[];
}

const SUBSCRIPTION_MS = 3_000;
const CAUGHT_UP_MS = 60_000;
/** Topics of the input keep five minutes: a new view begins with what is there. */
const KEPT = { 'retention.ms': '300000', 'segment.ms': '30000' };

/** A server, a broker and everything that works with them, for so long. */
export async function soak(options: SoakOptions): Promise<SoakOutcome> {
  const kafka = await KafkaFixture.start({ properties: { 'log.retention.check.interval.ms': '10000' } });
  const server = await ServerProcess.start({ slots: 2 });
  try {
    return await new Soak(options, kafka, server).run();
  } finally {
    await server.dispose();
    await kafka.stop();
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #kafka: KafkaFixture;
  readonly #server: ServerProcess;
  readonly #topics: SoakTopics;
  readonly #feed: EventFeed;
  readonly #users: Users;
  readonly #random: Random;
  readonly #samples: Sample[] = [];
  #startMs = performance.now();
  #life = 1;
  #starting = false;
  #checkpoints = 0;
  #newestCheckpoint = 0;

  constructor(options: SoakOptions, kafka: KafkaFixture, server: ServerProcess) {
    this.#options = options;
    this.#kafka = kafka;
    this.#server = server;
    this.#topics = { servers: kafka.servers, bids: 'bids', payments: 'payments', copy: 'copy', tops: 'tops' };
    this.#feed = new EventFeed(kafka, this.#topics, options);
    this.#users = new Users(server);
    this.#random = seededRandom(options.seed);
  }

  async run(): Promise<SoakOutcome> {
    const { bids, payments, copy, tops } = this.#topics;
    for (const topic of [bids, payments]) await this.#kafka.createTopic(topic, 2, KEPT);
    for (const topic of [copy, tops]) await this.#kafka.createTopic(topic, 2);
    const client = await this.#server.connect();
    for (const statement of soakStatements(this.#topics)) await client.query(statement);
    await client.end();
    this.#startMs = performance.now();
    this.#feed.start();
    this.#addUsers();
    const sampling = this.#whileRunning(this.#options.sampleEverySeconds, () => this.#sample());
    const kills = await this.#lives();
    // A short run on a busy machine: everybody comes by once.
    while (this.#users.failures.length === 0 && [...this.#users.rounds.values()].includes(0)) await sleep(100);
    await Promise.all([this.#users.stop(), sampling]);
    await this.#compare();
    await this.#feed.stop();
    const { rounds, failures } = this.#users;
    return { samples: this.#samples, kills, checkpoints: this.#checkpoints, rounds, bids: this.#feed.kept.size, failures };
  }

  get #seconds(): number {
    return (performance.now() - this.#startMs) / 1000;
  }

  get #over(): boolean {
    return this.#seconds >= this.#options.seconds || this.#users.failures.length > 0;
  }

  #addUsers(): void {
    this.#users.add('transfers', 100, transfers(this.#random));
    this.#users.add('orders', 100, orders(this.#random));
    this.#users.add('events', 100, events());
    this.#users.add('reads', 200, reads(this.#random));
    this.#users.add('views made and dropped', this.#options.churnEverySeconds * 1000, viewChurn(this.#feed));
    this.#users.add('subscriptions', 2 * SUBSCRIPTION_MS, { act: () => this.#subscribe() });
  }

  /** Lives between one kill and the next; resolves with the number of kills when the time is over. */
  async #lives(): Promise<number> {
    for (;;) {
      const endSeconds = Math.min(this.#options.seconds, this.#life * this.#options.killEverySeconds);
      while (this.#seconds < endSeconds && !this.#over) await sleep(100);
      if (this.#over) return this.#life - 1;
      this.#starting = true;
      await this.#server.kill();
      this.#life++;
      await this.#server.restart();
      this.#starting = false;
      this.#options.log(`${Math.round(this.#seconds)} s: killed and started again, life ${this.#life}`);
      await this.#compare();
    }
  }

  /** Folds the changes of a view that comes from transfers: money is neither made nor lost at any epoch. */
  async #subscribe(): Promise<void> {
    const copy = 'COPY (SUBSCRIBE by_owner WITH (SNAPSHOT, PROGRESS)) TO STDOUT';
    const { stdout } = await runPsql({ port: this.#server.port, args: ['-c', copy], interruptAfterMs: SUBSCRIPTION_MS });
    for (const [epoch, rows] of foldSubscription(stdout.slice(0, stdout.lastIndexOf('\n') + 1))) {
      const sum = rows.reduce((total, [, , balance]) => total + Number(balance), 0);
      if (sum !== ACCOUNTS * FIRST_BALANCE) throw new WrongAnswer(`subscribers see ${sum} at epoch ${epoch}`);
    }
  }

  /** With nothing on its way, views of the topics are compared with what was sent, and topics written exactly once with what went in. */
  async #compare(): Promise<void> {
    await this.#feed.pause();
    try {
      await this.#compareViews();
      await this.#compareSinks();
    } catch (error) {
      this.#users.fail(`life ${this.#life}`, error);
    } finally {
      this.#feed.resume();
    }
  }

  async #compareViews(): Promise<void> {
    const expected = (sums: ReadonlyMap<string, readonly number[]>): string =>
      JSON.stringify([...sums].map((entry) => entry.flat().join('|')).sort());
    for (const [view, sums] of [['per_channel', this.#feed.channels] as const, ['paid', this.#feed.paid] as const])
      await eventually(
        `${view} is ${expected(sums)}`,
        async () => (await this.#server.rows(`SELECT channel, n, total FROM ${view}`)).map((row) => row.join('|')).sort(),
        (rows) => JSON.stringify(rows) === expected(sums),
        CAUGHT_UP_MS,
      );
  }

  async #compareSinks(): Promise<void> {
    const { kept } = this.#feed;
    const closed = this.#feed.closedWindows();
    await this.#server.rows('CHECKPOINT');
    const ids = await this.#arrived(this.#topics.copy, kept.size, (row: { id: number }) => row.id);
    if (ids.length !== kept.size || new Set(ids).size !== kept.size || ids.some((id) => !kept.has(id)))
      throw new WrongAnswer(`the copy has ${ids.length} bids, ${new Set(ids).size} different ones, instead of ${kept.size}`);
    const windows = await this.#arrived(this.#topics.tops, closed.size, (row: { auction: number; window_end: string; bids: number; top: number }) => {
      const endMs = Date.parse(`${row.window_end.replace(' ', 'T')}Z`);
      return [`${row.auction}|${endMs}`, `${row.bids}|${row.top}`] as const;
    });
    const wrong = windows.filter(([key, value]) => closed.get(key) !== value);
    if (windows.length !== closed.size || wrong.length > 0)
      throw new WrongAnswer(`${windows.length} closed windows instead of ${closed.size}, wrong: ${JSON.stringify(wrong)}`);
  }

  /** What a reader of committed records finds, once it is as many. */
  async #arrived<Row, Value>(topic: string, count: number, read: (row: Row) => Value): Promise<Value[]> {
    const probe = () => this.#kafka.readCommitted(topic);
    await eventually(
      `${count} records in ${topic}`,
      async () => (await probe()).length,
      (length) => length >= count,
      CAUGHT_UP_MS,
    );
    return (await probe()).map(({ value }) => read(JSON.parse(value!) as Row));
  }

  async #whileRunning(everySeconds: number, act: () => Promise<void>): Promise<void> {
    for (let next = everySeconds; !this.#over; next += everySeconds) {
      while (this.#seconds < next && !this.#over) await sleep(100);
      const life = this.#life;
      // A server that is being killed has nothing to measure.
      await act().catch((error: unknown) => life === this.#life && !this.#starting && this.#users.fail('measuring', error));
    }
  }

  async #sample(): Promise<void> {
    const life = this.#life;
    const query = `SELECT count(*), coalesce(max(id), 0) FROM fsql_catalog.checkpoints WHERE failure IS NULL AND id > ${this.#newestCheckpoint}`;
    const [made, newest] = (await this.#server.rows(query))[0]!.map(Number) as [number, number];
    const values = await measureServer(this.#server);
    if (life !== this.#life) return;
    this.#checkpoints += made;
    this.#newestCheckpoint = Math.max(this.#newestCheckpoint, newest);
    const sample = { seconds: Math.round(this.#seconds), life, values };
    this.#samples.push(sample);
    if (this.#options.samplesFile !== undefined) await appendFile(this.#options.samplesFile, `${JSON.stringify(sample)}\n`);
  }
}
