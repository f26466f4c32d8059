import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { eventually } from '../tools/processes/eventually.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

const PENDING = 'SELECT coalesce(sum(pending_rows), 0)::bigint FROM fsql_catalog.sink_progress';

/** Lines of all files that are visible, sorted. */
function linesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => readFileSync(join(directory, name), 'utf8').trim().split('\n')).sort();
}

async function allSent(database: Database): Promise<void> {
  await eventually(
    'what is due is committed',
    () => runIn(database, PENDING),
    ([pending]) => pending === '0',
  );
}

interface Given {
  readonly dataDir: string;
  readonly out: string;
  readonly sink: string;
}

function given(): Given {
  const [directory, out] = [temporaryDirectory(), join(temporaryDirectory(), 'out')];
  return {
    dataDir: join(directory, 'data'),
    out,
    sink: `SINK s WITH (connector = 'filesystem', path = '${out}', format = 'json') AS SELECT n FROM v`,
  };
}

const INPUT = 'CREATE STREAM t (n INT); INSERT INTO t VALUES (1), (2); CREATE MATERIALIZED VIEW v AS SELECT n FROM t';

/** Behind as many checkpoints as may come, what a machine that stops right before the catalog says anything would leave: the name of its directory. */
async function stoppedBeforeCatalog(database: Database, dataDir: string, definition: string): Promise<string> {
  const left = temporaryDirectory();
  const { catalog, cluster } = database.engine;
  const { commit } = catalog;
  catalog.commit = async (entries) => {
    await cluster.checkpoint();
    await allSent(database);
    cpSync(dataDir, left, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    return commit.call(catalog, entries);
  };
  await runIn(database, definition);
  catalog.commit = commit;
  return left;
}

/** No sink outlives the commit that names it: its slots are lost right behind that. */
async function withoutSlots(database: Database, work: () => Promise<void>): Promise<void> {
  const { cluster } = database.engine;
  const { deploy } = cluster;
  cluster.deploy = (graph, source, wanted) => {
    const lost = async (): Promise<void> => {
      await wanted?.beforeRows?.();
      await cluster.checkpoint();
      throw new SqlError({ code: SqlState.insufficientResources, message: 'no slots', class: 'external' });
    };
    return deploy.call(cluster, graph, source, graph.kind === 'sink' ? { ...wanted, beforeRows: lost } : wanted);
  };
  await work();
  cluster.deploy = deploy;
}

test.each(['CREATE', 'CREATE OR REPLACE'])('nothing of a new sink is out before the catalog names it: %s', async (create) => {
  const { dataDir, out, sink } = given();
  const first = await openInThread(dataDir, { checkpointIntervalMs: 0 });
  await runIn(first, INPUT);
  let before: string[] | null = null;
  const { commit } = first.engine.catalog;
  first.engine.catalog.commit = (entries) => {
    before ??= linesIn(out);
    return commit.call(first.engine.catalog, entries);
  };
  const left = await stoppedBeforeCatalog(first, dataDir, `${create} ${sink}`);
  expect(before).toEqual([]);
  await first.close();
  expect(linesIn(out)).toEqual(['{"n":1}', '{"n":2}']);

  const second = await openInThread(left, { checkpointIntervalMs: 0 });
  expect(await runIn(second, "SELECT count(*) FROM fsql_catalog.jobs WHERE name = 's'")).toEqual(['0']);
  await second.close();
});

test('a server that ends as soon as the catalog names a sink has it after its next start, and it sends everything once', async () => {
  const { dataDir, out, sink } = given();
  const first = await openInThread(dataDir, { checkpointIntervalMs: 0 });
  await runIn(first, INPUT);
  const left = temporaryDirectory();
  await withoutSlots(first, async () => {
    const { catalog } = first.engine;
    const { commit } = catalog;
    let commits = 0;
    catalog.commit = async (entries) => {
      const after = await commit.call(catalog, entries);
      if (commits++ === 0) cpSync(dataDir, left, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
      return after;
    };
    await expect(runIn(first, `CREATE ${sink}`)).rejects.toThrow('no slots');
    catalog.commit = commit;
  });
  await first.close();

  const second = await openInThread(left, { checkpointIntervalMs: 0 });
  await expect(runIn(second, `CREATE ${sink}`)).rejects.toMatchObject({ code: SqlState.duplicateTable });
  await runIn(second, 'INSERT INTO t VALUES (3); CHECKPOINT');
  await second.close();
  const third = await openInThread(left, { checkpointIntervalMs: 0 });
  await runIn(third, 'CHECKPOINT');
  await third.close();
  expect(linesIn(out)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
});

test('a sink whose OR REPLACE failed behind the commit goes on and sends nothing twice', async () => {
  const { dataDir, out, sink } = given();
  let database = await openInThread(dataDir, { checkpointIntervalMs: 0 });
  await runIn(database, `${INPUT}; CREATE ${sink}; CHECKPOINT`);
  await withoutSlots(database, async () => {
    await expect(runIn(database, `CREATE OR REPLACE ${sink} WHERE n > 1`)).rejects.toThrow('no slots');
  });
  await runIn(database, 'INSERT INTO t VALUES (3); CHECKPOINT');
  await database.close();
  database = await openInThread(dataDir, { checkpointIntervalMs: 0 });
  await runIn(database, 'INSERT INTO t VALUES (0); CHECKPOINT');
  await database.close();
  expect(linesIn(out)).toEqual(['{"n":0}', '{"n":1}', '{"n":2}', '{"n":3}']);
});

const BLOCK = 'BEGIN; DROP VIEW over_kept; DROP TABLE kept; CREATE SCHEMA other; CREATE TABLE other.made (n INT); INSERT INTO t VALUES (7);';

test.each([
  { what: 'a statement', begin: '', end: '' },
  { what: 'a block with all it does', begin: BLOCK, end: '; COMMIT' },
])('a sink that cannot begin is no more there than what was defined with it: $what', async ({ begin, end }) => {
  const { dataDir, out, sink } = given();
  const first = await openInThread(dataDir, { checkpointIntervalMs: 0 });
  await runIn(first, `${INPUT}; CREATE TABLE kept (n INT); CREATE VIEW over_kept AS SELECT n FROM kept; COMMENT ON TABLE kept IS 'of old'`);
  await withoutSlots(first, () => expect(runIn(first, `${begin} CREATE ${sink}${end}`)).rejects.toThrow('no slots'));
  const there = 'SELECT name FROM fsql_catalog.jobs ORDER BY 1';
  const shown = async (database: Database): Promise<unknown> => [
    await runIn(database, there),
    await runIn(database, 'SELECT n FROM t ORDER BY 1'),
    await runIn(database, 'SELECT count(*) FROM over_kept'),
    await runIn(database, "SELECT obj_description('kept'::regclass, 'pg_class')"),
    await runIn(database, "SELECT count(*) FROM pg_namespace WHERE nspname = 'other'"),
  ];
  const before = [['kept', 't', 'v'], ['1', '2'], ['0'], ['of old'], ['0']];
  expect(await shown(first)).toEqual(before);
  await first.close();
  const second = await openInThread(dataDir, { checkpointIntervalMs: 0 });
  expect(await shown(second)).toEqual(before);
  await runIn(second, `${begin} CREATE ${sink}${end}`);
  await runIn(second, 'CHECKPOINT');
  await second.close();
  expect(linesIn(out)).toEqual(begin === '' ? ['{"n":1}', '{"n":2}'] : ['{"n":1}', '{"n":2}', '{"n":7}']);
});
