import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Random, seededRandom } from '../base/index.ts';
import { RealPostgres } from '../functions/testing/real-postgres.ts';
import { type ComparedQuery, ManyRows, ManyRowsQueries, manyRowsColumns, WindowedQueries, WindowedRows, windowedStream } from '../tools/law/index.ts';
import { eventually, testSeed } from '../tools/processes/index.ts';
import { configurations, multisetDifference, runSql, TestDatabase, textRows } from '../tools/sqltest/index.ts';
import { testBuiltIns } from './test-runners.ts';
import { comparedAnswer, comparedLine } from './testing/index.ts';

/** Programs of each test: a sample in `npm test`, FSQL_MANY_ROWS_PROGRAMS with `npm run test:many-rows`. */
const programs = Number(process.env.FSQL_MANY_ROWS_PROGRAMS ?? 1);
/** Rows of a program's largest table: more than any of the sizes from which on things are done in another way, but for those of files. */
const rowsMax = Number(process.env.FSQL_MANY_ROWS ?? 1200);
/** Views made before there are rows, and as many after. */
const VIEWS = Number(process.env.FSQL_MANY_ROWS_VIEWS ?? 3);
/** Rows of one statement. */
const STATEMENT_ROWS = [1, 30, 70, 600, 1100, 3000];
/** As long as a program of this size may take on a busy machine. */
const PROGRAM_MS = 60_000 + 40 * rowsMax;
const SPILL_BYTES = 20_000;

const plain = configurations[0]!;
const ways = [
  { ...plain, slots: 1 },
  { ...plain, slots: 2 },
  { ...plain, slots: 4 },
  { ...plain, interpreted: true },
  { ...plain, spillBytesMax: SPILL_BYTES },
];

let postgres: RealPostgres;
let folder: string;

beforeAll(async () => {
  postgres = await RealPostgres.start();
  folder = await mkdtemp(join(tmpdir(), 'fsql-many-rows-'));
});

afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

it(
  'tables and streams of many rows, and views of them, are what PostgreSQL says',
  () => runPrograms('many rows', tablesProgram),
  programs * PROGRAM_MS,
);

it('windows of many rows hold what PostgreSQL groups by their bounds', () => runPrograms('many windows', windowsProgram), programs * PROGRAM_MS);

it('many rows written as JSON are read as they were', () => runPrograms('many rows as JSON', filesProgram), programs * PROGRAM_MS);

async function runPrograms(name: string, program: (comparison: Comparison, random: Random) => Promise<void>): Promise<void> {
  const first = testSeed(name, `${programs} programs`);
  const differences: string[] = [];
  for (let seed = first; seed < first + programs; seed++) {
    const comparison = new Comparison(seed);
    try {
      await comparison.database.open();
      await program(comparison, seededRandom(seed));
    } finally {
      await comparison.database.close();
    }
    differences.push(...comparison.differences);
  }
  expect(differences.slice(0, 5)).toEqual([]);
}

async function tablesProgram(comparison: Comparison, random: Random): Promise<void> {
  const input = new ManyRows(random);
  const queries = new ManyRowsQueries(random);
  // What is only appended to is held in another way than what changes.
  const appended = random.nextInt(2) === 0;
  const insert = (table: string, count: number): Promise<void> =>
    inPortions(random, count, (some) => comparison.both(`INSERT INTO ${table} VALUES ${input.values(some)}`));
  await comparison.create({ name: 'm', columns: 'id int PRIMARY KEY', kind: 'TABLE' });
  await comparison.create({ name: 'o', columns: 'id int', kind: appended ? 'STREAM' : 'TABLE' });
  await comparison.createViews(() => queries.query());
  await insert('m', rowsMax);
  await insert('o', appended ? rowsMax : rowsMax / 4);
  await comparison.createViews(() => queries.query());
  await comparison.compare('inserts', { closed: false });
  for (let change = 0; change < 3; change++) {
    const table = !appended && random.nextInt(3) === 0 ? 'o' : 'm';
    const column = manyRowsColumns[random.nextInt(manyRowsColumns.length)]!.name;
    const where = [' WHERE id % 2 = 0', ' WHERE id % 7 < 5', ` WHERE id < ${input.someId()}`][random.nextInt(3)]!;
    await comparison.both(
      random.nextInt(3) === 0 ? `DELETE FROM ${table}${where}` : `UPDATE ${table} SET ${column} = ${input.value(column)}${where}`,
    );
  }
  await comparison.compare('changes', { closed: false });
  await comparison.both(`DELETE FROM ${appended || random.nextInt(2) === 0 ? 'm' : 'o'} WHERE id % 50 > 0`);
  await insert('m', rowsMax / 10);
  await insert('o', rowsMax / 10);
  await comparison.compare('deletes', { closed: false });
}

async function windowsProgram(comparison: Comparison, random: Random): Promise<void> {
  const input = new WindowedRows(random);
  const queries = new WindowedQueries(random);
  const { columns, watermark } = windowedStream;
  const query = (): ComparedQuery =>
    random.nextInt(4) === 0 ? queries.query('p', { onClose: false }) : queries.query('e', { onClose: random.nextInt(2) === 0 });
  const insert = (count: number): Promise<void> =>
    inPortions(random, count, async (some) => {
      const values = input.values(some);
      await comparison.both(`INSERT INTO e VALUES ${values}`);
      await comparison.both(`INSERT INTO p VALUES ${values}`);
    });
  await comparison.inPostgres(`DROP TABLE IF EXISTS e, p; CREATE TABLE e (${columns})`);
  await runSql(comparison.database, `CREATE STREAM e (${columns}, ${watermark})`);
  await comparison.both(`CREATE TABLE p (${columns}, PRIMARY KEY (id))`);
  await comparison.createViews(query);
  await insert(rowsMax);
  await comparison.createViews(query);
  await comparison.compare('inserts', { closed: false });
  const change = ['k = 3', 'k = NULL', 't = NULL', "at = at + INTERVAL '3 seconds'", 'w = NULL', 'at = NULL'][random.nextInt(6)]!;
  await comparison.both(`UPDATE p SET ${change} WHERE id % 3 > 0`);
  await comparison.compare('changes', { closed: false });
  await comparison.both('DELETE FROM p WHERE id % 5 > 0');
  await insert(rowsMax / 3);
  await comparison.both(`INSERT INTO e VALUES ${input.last()}`);
  await comparison.compare('the last row', { closed: true });
}

async function filesProgram(comparison: Comparison, random: Random): Promise<void> {
  const { database } = comparison;
  const input = new ManyRows(random);
  const path = join(folder, String(random.nextInt(2 ** 30)));
  const files = `WITH (connector = 'filesystem', path = '${path}', format = 'json')`;
  await comparison.create({ name: 'o', columns: 'id int', kind: 'STREAM' });
  await runSql(database, `CREATE SINK written ${files} AS SELECT * FROM o`);
  await inPortions(random, 2 * rowsMax, (some) => comparison.both(`INSERT INTO o VALUES ${input.values(some)}`));
  await database.settle();
  await database.engine.cluster.checkpoint();
  // Files get their names when the checkpoint is durable, and nobody waits for that.
  await eventually(
    'the files of the checkpoint',
    () => readdir(path),
    (names) => names.length > 0 && names.every((name) => !name.startsWith('.')),
  );
  await runSql(database, `CREATE STREAM back (${columnsOf('id int')}) ${files}`);
  await comparison.createView({ sql: 'SELECT * FROM back', postgres: 'SELECT * FROM o', ordered: false, onClose: false });
  await comparison.compare('files', { closed: false });
}

/** Statements of different sizes until there are `count` rows. */
async function inPortions(random: Random, count: number, insert: (some: number) => Promise<void>): Promise<void> {
  for (let done = 0; done < count; ) {
    const some = Math.min(Math.ceil(count) - done, STATEMENT_ROWS[random.nextInt(STATEMENT_ROWS.length)]!);
    await insert(some);
    done += some;
  }
}

function columnsOf(first: string): string {
  return [first, ...manyRowsColumns.map(({ name, type }) => `${name} ${type}`)].join(', ');
}

/** The same statements on both sides, and what is seen of them. */
class Comparison {
  readonly database: TestDatabase;
  readonly differences: string[] = [];
  readonly #seed: number;
  readonly #views: ComparedQuery[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.database = new TestDatabase({ configuration: ways[seed % ways.length]!, seed, builtIns: testBuiltIns() });
  }

  async both(sql: string): Promise<void> {
    await runSql(this.database, sql);
    await this.inPostgres(sql);
  }

  async inPostgres(sql: string): Promise<void> {
    await postgres.run(sql);
  }

  async create({ name, columns, kind }: { readonly name: string; readonly columns: string; readonly kind: 'TABLE' | 'STREAM' }): Promise<void> {
    await this.inPostgres(`DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name} (${columnsOf(columns)})`);
    await runSql(this.database, `CREATE ${kind} ${name} (${columnsOf(columns)})`);
  }

  async createViews(query: () => ComparedQuery): Promise<void> {
    for (let view = 0; view < VIEWS; view++) await this.createView(query());
  }

  async createView(query: ComparedQuery): Promise<void> {
    await runSql(this.database, `CREATE MATERIALIZED VIEW v${this.#views.length} AS ${query.sql}`);
    this.#views.push(query);
  }

  /** Each view and its query; what leaves windows when they close only when all have. */
  async compare(after: string, { closed }: { readonly closed: boolean }): Promise<void> {
    await this.database.settle();
    for (const [index, query] of this.#views.entries()) {
      if (query.onClose && !closed) continue;
      const expected = await comparedAnswer(async () => (await postgres.table(query.postgres)).rows.map(comparedLine));
      const asked = query.onClose ? [] : [{ what: 'query', sql: query.sql, ordered: query.ordered }];
      for (const { what, sql, ordered } of [...asked, { what: 'view', sql: `SELECT * FROM v${index}`, ordered: false }]) {
        const difference = differenceOf(expected, await comparedAnswer(() => textRows(this.database, sql)), ordered);
        if (difference !== null) this.differences.push(`seed ${this.#seed} after ${after}, ${what}: ${query.sql}\n${difference}`);
      }
    }
  }
}

/** What is missing and what is too much, shortened; null: nothing. */
function differenceOf(expected: readonly string[], found: readonly string[], ordered: boolean): string | null {
  const [left, right] = [expected.map(zero), found.map(zero)];
  const difference = multisetDifference(left, right, 'by value');
  if (difference === null) return ordered && left.join('\n') !== right.join('\n') ? 'another order' : null;
  const lines = difference.split('\n').map((line) => line.slice(0, 300));
  return `${lines.length} lines, of ${expected.length} rows and ${found.length}\n${[...lines.slice(0, 5), ...lines.slice(5).slice(-5)].join('\n')}`;
}

/** Which of the spellings of zero a group keeps is nobody's fact. */
function zero(row: string): string {
  return row.replace(/(?<![^\t])-0(?![^\t])/g, '0');
}
