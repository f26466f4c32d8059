import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RenderOptions } from './index.ts';
import { openTestServer, runTestTerminal, type TerminalRun, type TestServer } from './testing/index.ts';

let server: TestServer;
let directory: string;

beforeAll(async () => {
  server = await openTestServer();
  directory = await mkdtemp(join(tmpdir(), 'fsql-terminal-'));
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const script = (text: string, variables: [string, string][] = []): Promise<TerminalRun> => runTestTerminal(server, { text, variables });

/** Every statement in every format is compared with the output of the real psql on the same server. */
describe('prints what psql prints', { timeout: 60_000 }, () => {
  const statements = [
    "SELECT 1 a, 'x' b",
    'SELECT 1 a WHERE false',
    "SELECT E'a\\nbb' x, 2 y, E'c\\nddd\\ne' z",
    'SELECT 1 AS "a\nlong name", NULL b, \'\' c',
    "SELECT E'tab\\there' t, E'bell\\x07' b, E'cr\\rx' r",
    "VALUES (1, 'a'), (22, NULL), (333, 'ccc')",
    "SELECT '漢字' k, 'e\u0301' l, 'x' m",
    "SELECT 'a\"b,c' q, E'x\\ny' r, '\\.' d",
    'SELECT 1.50::numeric n, 2::float8 f, true t, now() IS NULL u',
    "SELECT 'x' AS a_very_long_column_name_for_this_test, 1 b",
    "SELECT E'left\\nright' AS only",
    "SELECT 3 AS n, E'a\\nb' AS n2",
    'SELECT n, n * n AS square FROM generate_series(1, 12) AS t(n)',
    'SHOW server_version',
    'BEGIN',
    'COMMIT',
  ];
  const formats: [string[], Partial<RenderOptions>][] = [
    [[], {}],
    [['-t'], { tuplesOnly: true }],
    [['-x'], { expanded: true }],
    [['-x', '-t'], { expanded: true, tuplesOnly: true }],
    [['-A'], { format: 'unaligned' }],
    [['-A', '-t'], { format: 'unaligned', tuplesOnly: true }],
    [['-A', '-x'], { format: 'unaligned', expanded: true }],
    [['-A', '-x', '-t'], { format: 'unaligned', expanded: true, tuplesOnly: true }],
    [['--csv'], { format: 'csv' }],
    [['--csv', '-t'], { format: 'csv', tuplesOnly: true }],
    [['--csv', '-x'], { format: 'csv', expanded: true }],
  ];

  for (const [flags, display] of formats) {
    it(flags.join(' ') || 'aligned', async () => {
      const commands = statements.flatMap((sql) => ['-c', sql]);
      const { stdout } = await promisify(execFile)('psql', ['-X', '-h', '127.0.0.1', '-p', String(server.port), '-U', 'fsql', ...flags, ...commands]);
      const ours = await runTestTerminal(server, { display, actions: statements.map((text) => ({ kind: 'sql', text })) });
      expect(ours).toEqual({ code: 0, output: stdout, errors: '' });
    });
  }

  it('errors', async () => {
    for (const sql of ['SELECT foo', "SELECT 1,\n  'é' || x\nFROM generate_series(1, 2)", 'SELEC 1', 'SELECT 1/0', 'CREATE TABLE e (a int, a int)']) {
      const theirs = await promisify(execFile)('psql', ['-X', '-h', '127.0.0.1', '-p', String(server.port), '-U', 'fsql', '-c', sql]).catch(
        (error: { stderr: string }) => error,
      );
      const ours = await runTestTerminal(server, { actions: [{ kind: 'sql', text: sql }] });
      expect(ours).toEqual({ code: 1, output: '', errors: theirs.stderr });
    }
  });
});

describe('scripts', () => {
  it('stop at the first error, unless ON_ERROR_STOP is off', async () => {
    const text = 'SELECT nothing;\nSELECT 2 AS two;\n';
    const stopped = await script(text);
    expect(stopped).toMatchObject({ code: 1, output: '' });
    expect(stopped.errors).toMatch(/^ERROR: {2}column "nothing" does not exist\nLINE 1: SELECT nothing;\n {15}\^\n/);
    expect(await script(text, [['ON_ERROR_STOP', '0']])).toMatchObject({ code: 0, output: ' two \n-----\n   2\n(1 row)\n\n' });
  });

  it('name the file and line of a statement that failed', async () => {
    const path = join(directory, 'job.sql');
    await writeFile(path, '-- a job\nSELECT 1 AS a;\n\nSELECT\n  nothing;\n');
    const run = await runTestTerminal(server, { actions: [{ kind: 'file', path }] });
    expect(run.code).toBe(1);
    expect(run.errors).toContain(`LOCATION:  ${path}:4\n`);
  });

  it('run everything or nothing with -1', async () => {
    const actions = ['CREATE TABLE one (a int)', 'INSERT INTO one VALUES (1)'].map((text) => ({ kind: 'sql', text }) as const);
    await runTestTerminal(server, { actions });
    const failing = ['INSERT INTO one VALUES (2)', 'SELECT nothing'].map((text) => ({ kind: 'sql', text }) as const);
    expect((await runTestTerminal(server, { actions: failing, singleTransaction: true })).code).toBe(1);
    const count = await runTestTerminal(server, { display: { format: 'json' }, actions: [{ kind: 'sql', text: 'SELECT count(*) AS n FROM one' }] });
    expect(count.output).toBe('{"n":1}\n');
  });

  it('put variables in, in SQL and in commands', async () => {
    const run = await script(
      "\\set who world\n\\set column name\n\\pset format unaligned\n\\t\nSELECT :'greeting' || :'who' AS :\"column\", ':who', 1::int, :n + 1; \\echo :who ':who' :'who'\n",
      [
        ['greeting', "it's "],
        ['n', '41'],
      ],
    );
    expect(run.output).toBe("Output format is unaligned.\nTuples only is on.\nit's world|:who|1|42\nworld :who 'world'\n");
  });

  it('copy in and out, in line and from files', async () => {
    const path = join(directory, 'rows.csv');
    await writeFile(path, '3,c\n4,\n');
    const out = join(directory, 'out.csv');
    const run = await script(
      `CREATE TABLE c (a int, b text);\nCOPY c FROM STDIN;\n1\ta\n2\t\\N\n\\.\n\\copy c from '${path}' with (format csv)\n\\copy (SELECT a, b FROM c ORDER BY a) to '${out}' csv\nCOPY (SELECT count(*) FROM c) TO STDOUT;\n`,
    );
    expect(run).toEqual({ code: 0, output: 'CREATE TABLE\nCOPY 2\nCOPY 2\nCOPY 4\n4\n', errors: '' });
    expect(await readFile(out, 'utf8')).toBe('1,a\n2,\n3,c\n4,\n');
  });

  it('go on behind a refused COPY with the statement that follows its data', async () => {
    const run = await script('COPY nowhere FROM STDIN;\nSELECT 1 AS a;\n', [['ON_ERROR_STOP', '0']]);
    expect(run.errors).toContain('relation "nowhere" does not exist');
    expect(run.output).toContain('(1 row)');
    const bad = await script('CREATE TABLE bad (a int);\nCOPY bad FROM STDIN;\nx\n\\.\nSELECT 7 AS seven;\n', [['ON_ERROR_STOP', '0']]);
    expect(bad.errors).toContain('invalid input syntax for type integer: "x"');
    expect(bad.output).toContain('seven');
  });

  it('write results to a file with \\o and read commands from one with \\i', async () => {
    const [results, commands] = [join(directory, 'results'), join(directory, 'commands.sql')];
    await writeFile(commands, "SELECT 'from a file' AS a;\n");
    const run = await script(`\\o ${results}\n\\i ${commands}\n\\o\n\\echo done\n`);
    expect(run).toEqual({ code: 0, output: 'done\n', errors: '' });
    expect(await readFile(results, 'utf8')).toContain('from a file');
  });

  it('cut statements at semicolons outside of quotes, comments and parentheses', async () => {
    const run = await script("\\t\n\\a\nSELECT ';' AS a, $$;\n;$$ /* ; /* ; */ */ -- ;\n; SELECT (\n2);SELECT E'\\';', 'it''s;'");
    expect(run.output).toBe("Tuples only is on.\nOutput format is unaligned.\n;|;\n;\n2\n';|it's;\n");
  });
});

describe('backslash commands', () => {
  beforeAll(async () => {
    await script(`CREATE TABLE items (id int PRIMARY KEY, price numeric(10,2) DEFAULT 0);
CREATE STREAM clicks (id int, at timestamp(3), WATERMARK FOR at AS at - INTERVAL '4 seconds');
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM items;`);
  });

  it('describes a relation with key and watermark', async () => {
    const { output } = await script('\\d items\n\\d clicks\n');
    expect(output).toContain(
      ' id     | integer       |           | not null | \n price  | numeric(10,2) |           |          | 0\nIndexes:\n    "items_pkey" PRIMARY KEY, btree (id)\n',
    );
    expect(output).toContain('Stream "public.clicks"');
    expect(output).toContain("Watermark: at AS at - INTERVAL '4 seconds'\n");
  });

  it('lists what there is', async () => {
    const run = await script('\\pset format csv\n\\dt items\n\\ds\n\\dm\n\\dn\n\\du\n\\l\n\\df lower\n');
    expect(run.errors).toBe('');
    for (const line of [
      'public,items,table,fsql',
      'public,clicks,stream,fsql',
      'public,counted,materialized view,fsql',
      'public,fsql',
      'fsql,Superuser',
      'fsql,fsql,UTF8',
      'pg_catalog,lower,',
    ]) {
      expect(run.output).toContain(line);
    }
  });

  it('says what it does not know', async () => {
    expect((await script('\\foo\n')).errors).toBe('invalid command \\foo. Try \\? for help.\n');
    expect((await script('\\d missing\n')).errors).toBe('Did not find any relation named "missing".\n');
    expect((await script('\\i /does/not/exist\n')).errors).toBe('/does/not/exist: No such file or directory\n');
  });

  it('runs the files of RUN SCRIPT, with the place of what fails', async () => {
    const file = join(directory, "it's.sql");
    await writeFile(file, 'SELECT 40 + 2 AS answer;\nSELECT nothing;\n');
    const run = await script(`-- a comment\nRUN SCRIPT '${file.replaceAll("'", "''")}';\nSELECT 7 AS behind;\n`, [['ON_ERROR_STOP', '0']]);
    expect(run.output).toContain('42');
    expect(run.output).toContain('behind');
    expect(run.errors).toContain('column "nothing" does not exist');
    expect(run.errors).toContain(`LOCATION:  ${file}:2`);
    expect((await script("RUN SCRIPT '/does/not/exist';\n")).errors).toContain('/does/not/exist: No such file or directory\n');
  });

  it('shows its own queries with ECHO_HIDDEN, time with \\timing, help with \\?', async () => {
    expect((await script('\\dn\n', [['ECHO_HIDDEN', 'on']])).output).toMatch(/^\*+ QUERY \*+\nSELECT n\.nspname/);
    expect((await script('\\timing on\nSELECT 1;\n')).output).toMatch(/Time: \d+\.\d{3} ms\n$/);
    expect((await script('\\?\n')).output).toContain('\\watch [SECONDS]');
  });

  it('watches, expands and prints the statement at hand', async () => {
    const run = await script('\\a\n\\t\nSELECT 5 AS five \\watch i=0 c=2\nSELECT 6 AS six \\gx\nSELECT 7 \\p\n\\r\n\\g\n');
    expect(run.output.match(/^5$/gm)).toHaveLength(2);
    expect(run.output).toContain('six|6\n');
    expect(run.output).toContain('SELECT 7 \n');
  });
});
