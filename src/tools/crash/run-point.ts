import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../../base/index.ts';
import { eventually, type KafkaFixture, type KafkaGate, RowWriter, temporaryDirectory } from '../processes/index.ts';
import { AccountClients } from './account-clients.ts';
import type { AccountTables } from './account-operations.ts';
import { Client } from './client.ts';
import { crashRow, messageOf } from './crash-row.ts';
import type { Point } from './point.ts';
import type { Names } from './program.ts';
import { TableWriter } from './table-writer.ts';
import type { Topology } from './topology.ts';

/** What all points of a run share. */
export interface Stage {
  readonly kafka: KafkaFixture;
  readonly gate: KafkaGate;
}

const PARTITIONS = 2;
const ANSWER_MS_MAX = 180_000;
/** Writers that are in the middle of something that does not come about. */
const WRITERS_MS_MAX = 5_000;
const POINT_MS_MAX = 900_000;
const BACKFILL_ROWS = 2_000;
const READ_PAUSE_MS = 20;
let points = 0;

/** Resolves when the program has come to the right answer in spite of the blow; rejects with what was wrong. */
export async function runPoint(stage: Stage, topology: Topology, point: Point): Promise<void> {
  const suffix = ++points;
  const names: Names = {
    suffix,
    servers: stage.gate.servers,
    inputTopic: `in${suffix}`,
    outputTopic: `out${suffix}`,
    folder: join(temporaryDirectory(), 'out'),
  };
  const run = new PointRun(stage, topology, { point, names });
  try {
    await inTime(run.run());
    await inTime(run.drop());
  } finally {
    stage.gate.watch = () => true;
    await run.end();
  }
}

/** A point that hangs is one that has failed. */
async function inTime(running: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not over within ${POINT_MS_MAX} ms`)), POINT_MS_MAX);
  });
  running.catch(() => undefined);
  await Promise.race([running, late]).finally(() => clearTimeout(timer));
}

class PointRun {
  readonly #stage: Stage;
  readonly #topology: Topology;
  readonly #point: Point;
  readonly #names: Names;
  readonly #random: Random;
  readonly #client: Client;
  readonly #readers: Client[] = [];
  #writer: RowWriter | null = null;
  #tableWriter: TableWriter | null = null;
  #accounts: AccountClients | null = null;
  #reading = true;

  constructor(stage: Stage, topology: Topology, { point, names }: { readonly point: Point; readonly names: Names }) {
    this.#stage = stage;
    this.#topology = topology;
    this.#point = point;
    this.#names = names;
    this.#random = seededRandom(point.seed);
    this.#client = new Client(topology);
  }

  async run(): Promise<void> {
    const { moment } = this.#point;
    await this.#makeInputs();
    const definitions = this.#definitions();
    const last = definitions.pop()!;
    for (const definition of definitions) await this.#client.persist(definition);
    if (moment.whileDefining) await this.#define(last);
    else await this.#runThrough(last);
    await this.#compare();
  }

  /** Stops everything. */
  async end(): Promise<void> {
    this.#reading = false;
    const writing = Promise.allSettled([this.#writer?.stop(), this.#tableWriter?.stop(), this.#accounts?.stop()]);
    await Promise.race([writing, sleep(WRITERS_MS_MAX)]);
    for (const client of [...this.#readers, this.#client]) client.close();
  }

  /** What the program made goes, so that the next one has the processes for itself. */
  async drop(): Promise<void> {
    const { suffix } = this.#names;
    for (const { kind, name } of [...this.#point.program.define(this.#names)].reverse()) await this.#client.persist(`DROP ${kind} IF EXISTS ${name}`);
    await this.#client.persist(`DROP STREAM IF EXISTS s${suffix}`);
    for (const table of ['t', 'a', 'b']) await this.#client.persist(`DROP TABLE IF EXISTS ${table}${suffix}`);
  }

  #definitions(): string[] {
    return this.#point.program.define(this.#names).map(({ kind, name, rest }) => `CREATE ${kind} IF NOT EXISTS ${name} ${rest}`);
  }

  async #makeInputs(): Promise<void> {
    const { suffix, servers, inputTopic, outputTopic } = this.#names;
    await Promise.all([inputTopic, outputTopic].map((topic) => this.#stage.kafka.createTopic(topic, PARTITIONS)));
    await this.#client.persist(`CREATE STREAM IF NOT EXISTS s${suffix} (id BIGINT, k BIGINT, v BIGINT, at TIMESTAMP(3),
      WATERMARK FOR at AS at - INTERVAL '2 seconds') WITH (connector = 'kafka', topic = '${inputTopic}',
      properties.bootstrap.servers = '${servers}', scan.startup.mode = 'earliest-offset', format = 'json')`);
    const { table } = this.#point.program;
    if (table === 'accounts') for (const definition of AccountClients.definitions(this.#accountTables)) await this.#client.persist(definition);
    if (table === 'none' || table === 'accounts') return;
    await this.#client.persist(`CREATE TABLE IF NOT EXISTS t${suffix} (id BIGINT PRIMARY KEY, v BIGINT)`);
    await this.#client.persist(`INSERT INTO t${suffix} SELECT g, g FROM generate_series(0, 6) g ON CONFLICT (id) DO NOTHING`);
  }

  /** Rows come until the end, `first` of them at once. */
  #write(first: number): void {
    const { kafka } = this.#stage;
    this.#writer = new RowWriter(kafka, this.#names.inputTopic, PARTITIONS, { rowOf: messageOf, first });
    const { table } = this.#point.program;
    if (table === 'none') return;
    if (table === 'accounts') {
      const total = this.#point.program.define(this.#names).at(-1)!.name;
      this.#accounts = new AccountClients({ tables: this.#accountTables, total, random: this.#random, newClient: () => this.#newReader() });
      return;
    }
    const client = this.#newReader();
    this.#tableWriter = new TableWriter(client, `t${this.#names.suffix}`, { goes: table === 'comes and goes', random: this.#random });
  }

  get #accountTables(): AccountTables {
    const { suffix } = this.#names;
    return { keyed: `a${suffix}`, unkeyed: `b${suffix}` };
  }

  #newReader(): Client {
    const client = new Client(this.#topology);
    this.#readers.push(client);
    return client;
  }

  /** The blow falls while rows come. */
  async #runThrough(last: string): Promise<void> {
    await this.#client.persist(last);
    this.#write(0);
    const rising = this.#readRising();
    rising.catch(() => undefined);
    await this.#progress();
    await this.#strike();
    await this.#topology.makeWhole();
    await this.#accounts?.check(this.#client);
    await this.#progress();
    this.#reading = false;
    await rising;
  }

  /** The blow falls while the last definition is made over rows that are there. Acknowledged, it is there afterwards. */
  async #define(last: string): Promise<void> {
    this.#write(BACKFILL_ROWS);
    await eventually(
      'rows to begin with',
      async () => this.#writer!.count,
      (count) => count >= BACKFILL_ROWS,
      ANSWER_MS_MAX,
    );
    const definer = this.#newReader();
    const defined = definer.rows(last).then(
      () => true,
      () => false,
    );
    await this.#strike();
    await this.#topology.makeWhole();
    const acknowledged = await defined;
    await this.#accounts?.check(this.#client);
    const { name } = this.#point.program.define(this.#names).at(-1)!;
    const found = await this.#client.persist(`SELECT count(*) FROM fsql_catalog.jobs WHERE name = '${name}'`);
    if (acknowledged && found[0]![0] !== '1') throw new Error(`${name} was acknowledged and is gone`);
    await this.#client.persist(last);
    await this.#progress();
  }

  async #strike(): Promise<void> {
    const { moment, victim } = this.#point;
    const { gate } = this.#stage;
    const blow = { topology: this.#topology, victim, random: this.#random, gate, client: this.#newReader(), progress: () => this.#progress() };
    await moment.strike(blow);
    gate.watch = () => true;
  }

  /** Resolves when the answer has changed: rows that come now get through. Where no statement says so, a checkpoint has to succeed. */
  async #progress(): Promise<void> {
    const { rising } = this.#point.program;
    await this.#accounts?.progress();
    if (rising === null) {
      await this.#client.persist('CHECKPOINT');
      return;
    }
    const read = async (): Promise<number> => Number((await this.#client.persist(rising(this.#names)))[0]![0]);
    const before = await read();
    const { name } = this.#point.program;
    // The largest values are found once and for all after a while.
    await eventually(`more rows in ${name} than ${before}`, read, (now) => now > before || (name === 'top-n' && before > 0), ANSWER_MS_MAX);
  }

  /** What no reader may see get smaller, whatever happens meanwhile. */
  async #readRising(): Promise<void> {
    const { rising } = this.#point.program;
    if (rising === null) return;
    const client = this.#newReader();
    let newest = 0;
    while (this.#reading) {
      const value = await client.rows(rising(this.#names)).then(
        (rows) => Number(rows[0]![0]),
        () => null,
      );
      if (value !== null && value < newest) throw new Error(`a reader saw ${value} after ${newest}`);
      newest = value ?? newest;
      await sleep(READ_PAUSE_MS);
    }
  }

  async #compare(): Promise<void> {
    await Promise.all([this.#writer!.stop(), this.#tableWriter?.stop(), this.#accounts?.stop()]);
    await this.#accounts?.check(this.#client);
    const rows = (await this.#ids()).map(crashRow);
    const [table, accounts] = [this.#tableWriter?.rows ?? new Map(), this.#accounts?.journal.certain ?? new Map()];
    const expected = this.#point.program.expected({ rows, table, accounts }).sort();
    const wanted = JSON.stringify(expected);
    let found: string[] = [];
    const isRight = await eventually(
      'the answer',
      async () => {
        found = (await this.#answer()).sort();
        if (found.length > expected.length && this.#point.program.rising === null) throw new Error(differences(found, expected));
        return JSON.stringify(found) === wanted;
      },
      (equal) => equal,
      ANSWER_MS_MAX,
    ).catch(() => false);
    if (!isRight) throw new Error(differences(found, expected));
  }

  /** Of the rows in the topic. What was sent to a broker while it was killed may be there, or not. */
  async #ids(): Promise<number[]> {
    const { count, refused } = this.#writer!;
    if (!refused && this.#point.victim !== 'broker') return Array.from({ length: count }, (_, id) => id);
    const records = await this.#stage.kafka.readCommitted(this.#names.inputTopic);
    return records.map(({ value }) => (JSON.parse(value!) as { id: number }).id).sort((left, right) => left - right);
  }

  async #answer(): Promise<string[]> {
    const answer = this.#point.program.answer(this.#names);
    if (answer.kind === 'query') return (await this.#client.rows(answer.sql)).map((row) => row.join('|'));
    await this.#client.rows('CHECKPOINT');
    if (answer.kind === 'lines') return linesIn(this.#names.folder);
    const records = await this.#stage.kafka.readCommitted(this.#names.outputTopic);
    if (answer.kind === 'records') return records.map(({ value }) => value!);
    const newest = new Map<string, string>();
    for (const { key, value } of records) {
      const [before, now] = [countOf(newest.get(key!) ?? null), countOf(value)];
      if (now <= before) throw new Error(`key ${key}: ${now} after ${before}`);
      newest.set(key!, value!);
    }
    return [...newest.values()];
  }
}

function countOf(value: string | null): number {
  return value === null ? 0 : (JSON.parse(value) as { n: number }).n;
}

async function linesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

/** The first lines that only one side has, and how many there are. */
function differences(found: readonly string[], expected: readonly string[]): string {
  const [left, right] = [countLines(found), countLines(expected)];
  const more = [...left].filter(([line, count]) => count > (right.get(line) ?? 0)).map(([line]) => line);
  const missing = [...right].filter(([line, count]) => count > (left.get(line) ?? 0)).map(([line]) => line);
  const some = (lines: readonly string[]): string => `${lines.length} (${lines.slice(0, 3).join(', ')})`;
  return `${found.length} lines instead of ${expected.length}; too many: ${some(more)}, missing: ${some(missing)}`;
}

function countLines(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
