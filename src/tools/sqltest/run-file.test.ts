import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localRunner } from '../../main/test-runners.ts';
import { configurationNamed, type FileOptions, type FileOutcome, filesToRun, runFiles, watchFiles } from './index.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fsql-test-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const run = localRunner();
const options: FileOptions = { configuration: configurationNamed('compiled')!, seed: 7, rewrite: false, coverage: false, real: [] };

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const TABLE = 'CREATE TABLE t (a INT PRIMARY KEY, b TEXT);\n';

describe('a test that fails', () => {
  it('shows what is missing and what is too much, the epoch, and the command that repeats it', async () => {
    const file = write('rows.sql', `${TABLE}INSERT INTO t VALUES (1, 'x'), (2, NULL);\nASSERT ROWS t = (VALUES (1, 'x'), (3, 'y'));\n`);
    const { outcome, failures } = await run(file, options);
    expect(outcome).toBe('failed');
    expect(failures.map((text) => text.replace(/epoch \d+/, 'epoch n'))).toEqual([
      `${file}:3: expected and actual differ\n- 3\ty\n+ 2\tNULL\nat epoch n; repeat with: fsql test ${file} --seed 7 --config compiled`,
    ]);
  });

  it('names its test, and the others of the file go on', async () => {
    const file = write(
      'two.sql',
      `--@test: one\nSELECT * FROM u;\n--@test: two\n${TABLE}ASSERT EMPTY t;\n--@test: three\n--@expected.error: 42P01\nSELECT 1;\n`,
    );
    const { failures } = await run(file, options);
    expect(failures.map((text) => text.split('\n')[0])).toEqual([
      `${file}:2: one: 42P01 relation "u" does not exist`,
      `${file}:8: three: expected error 42P01, but nothing failed`,
    ]);
  });

  it('fails with the same difference in both forms', async () => {
    const sql = write('a.sql', `${TABLE}INSERT INTO t VALUES (1, 'x');\nASSERT CHANGES t = (VALUES ('-D', 1, 'x'));\n`);
    const slt = write(
      'a.slt',
      `# description: a\n\nstatement ok\n${TABLE}\nstatement ok\nINSERT INTO t VALUES (1, 'x')\n\nchanges t\n----\n-D\t1\tx\n`,
    );
    const differences = [sql, slt].map(async (file) => (await run(file, options)).failures[0]!.split('\n').slice(1, 3));
    expect(await Promise.all(differences)).toEqual([
      ['- -D\t1\tx', '+ +I\t1\tx'],
      ['- -D\t1\tx', '+ +I\t1\tx'],
    ]);
  });

  it.each([
    ['include nothing.sql', 'cannot read'],
    ['endloop', 'endloop without a loop'],
    ['loop i 0 3', 'loop without an endloop'],
    ['loop i 0 many', 'a loop is "loop NAME FIRST END"'],
    ['include self.slt', 'includes are nested more than 16 deep'],
    ['crash at manifest', '0A000 a crash at a step of a checkpoint is not supported'],
    ['nonsense', 'unknown directive "nonsense"'],
    ['query X\nSELECT 1', '"X" is no list of column types'],
    ['query I\nSELECT 1.5', 'column 1, "?column?", is no integer'],
    ['equivalent v sideways', 'it is "equivalent VIEW [shuffle SEED] [duplicate] [late]"'],
  ])('%s', async (record, message) => {
    const file = write('self.slt', `# description: d\n\n${record}\n`);
    const { failures } = await run(file, options);
    expect(failures[0]).toMatch(new RegExp(`^${file.replaceAll('.', '\\.')}:3: `));
    expect(failures[0]).toContain(message);
  });
});

it('shows which views, windows and branches no row reached', async () => {
  const file = write(
    'covered.sql',
    `CREATE STREAM s (v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (connector = 'kafka', topic = 's', properties.bootstrap.servers = 'none:1', format = 'json');
CREATE MATERIALIZED VIEW sized AS SELECT CASE WHEN v > 10 THEN 'large' WHEN v > 5 THEN 'medium' ELSE 'small' END AS size FROM s;
CREATE MATERIALIZED VIEW negative AS SELECT window_start, count(*) AS n FROM TUMBLE((SELECT * FROM s WHERE v < 0), ts, INTERVAL '1 minute') GROUP BY window_start, window_end;
INSERT INTO s VALUES (7, '2024-01-01 00:00:01');
ASSERT ROWS sized = (VALUES ('medium'));
`,
  );
  const { failures, coverage } = await run(file, { ...options, coverage: true });
  expect(failures).toEqual([]);
  expect(coverage.map(({ relation, text, reached }) => `${relation} ${text}: ${reached}`)).toEqual([
    'sized : true',
    "sized WHEN v > 10 THEN 'large': false",
    "sized WHEN v > 5 THEN 'medium': true",
    "sized ELSE 'small': false",
    'negative : false',
    'negative tumble on ts: false',
  ]);
});

it('replays rows in other places, twice and late', async () => {
  const file = write(
    'order.sql',
    `CREATE STREAM s (v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1 hour') WITH (connector = 'kafka', topic = 's', properties.bootstrap.servers = 'none:1', format = 'json');
CREATE MATERIALIZED VIEW m AS SELECT sum(v) AS total, count(*) AS n FROM s;
INSERT INTO s VALUES (1, '2024-01-01 00:00:01'), (2, '2024-01-01 00:00:02'), (3, '2024-01-01 00:00:03');
ASSERT EQUIVALENT m SHUFFLE 1;
ASSERT EQUIVALENT m SHUFFLE 2 DUPLICATE LATE;
`,
  );
  expect((await run(file, options)).failures).toEqual([]);
});

const everything = { filter: null, shuffleSeed: null, shard: null };

it('cuts a run into parts that are all of it, in any order', () => {
  for (let index = 0; index < 10; index++) write(`${index}.sql`, `${TABLE}ASSERT EMPTY t;\n`);
  const files = filesToRun([folder], everything);
  const part = (first: number, last: number): string[] => filesToRun([folder], { filter: null, shuffleSeed: 7, shard: { first, last, count: 3 } });
  const parts = [1, 2, 3].map((index) => part(index, index));
  expect(parts.map((part) => part.length)).toEqual([4, 3, 3]);
  expect(parts.flat().sort()).toEqual(files);
  expect(part(2, 3).sort()).toEqual([...parts[1]!, ...parts[2]!].sort());
});

it('gives the same outcomes in the same order whatever the number of runners', async () => {
  for (let index = 0; index < 9; index++)
    write(`${index}.sql`, `${TABLE}INSERT INTO t VALUES (${index}, 'x');\nASSERT ROWS t = (VALUES (${index % 4}, 'x'));\n`);
  write('pipeline.sql', TABLE);
  const files = filesToRun([folder], everything);
  expect(files).toHaveLength(9);
  const outcomes = async (count: number): Promise<unknown> => {
    const told: string[] = [];
    const runners = Array.from({ length: count }, () => run);
    const found = await runFiles(files, { ...options, runners, onFile: (one) => told.push(one.file) });
    expect(told).toEqual(files);
    return found.map(({ milliseconds: _, ...outcome }) => outcome);
  };
  expect(await outcomes(3)).toEqual(await outcomes(1));
});

it('runs again what includes a file that changes', async () => {
  mkdirSync(join(folder, 'tests'));
  write('pipeline.sql', TABLE);
  const including = write('tests/including.sql', '\\i ../pipeline.sql\nASSERT EMPTY t;\n');
  const other = write('tests/other.sql', `${TABLE}ASSERT EMPTY t;\n`);
  const abort = new AbortController();
  const rounds: (readonly FileOutcome[])[] = [];
  await watchFiles({
    list: () => filesToRun([join(folder, 'tests')], everything),
    run: async (files) => {
      const outcomes = await Promise.all(files.map((file) => run(file, options)));
      rounds.push(outcomes);
      if (rounds.length === 1) setTimeout(() => write('pipeline.sql', 'CREATE TABLE renamed (a INT);\n'), 50);
      else abort.abort();
      return outcomes;
    },
    signal: abort.signal,
  });
  expect(rounds.map((outcomes) => outcomes.map(({ file, outcome }) => [file, outcome]))).toEqual([
    [
      [including, 'passed'],
      [other, 'passed'],
    ],
    [[including, 'failed']],
  ]);
});
