import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { relationId } from '../session/index.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

const MADE = 'CREATE TABLE t (id INT PRIMARY KEY); CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM t; INSERT INTO t VALUES (1), (2)';

function stateOf({ engine }: Database): string | undefined {
  const id = relationId(engine.snapshot.relation('public', 'v')!);
  return engine.cluster.jobs().find(({ jobId }) => jobId === id)?.state;
}

/** Lets commits of the catalog fail as on a full disk, until it is told to stop. */
function failCommits({ engine: { catalog } }: Database): () => void {
  const { commit } = catalog;
  catalog.commit = () => Promise.reject(new SqlError({ code: SqlState.diskFull, message: 'no space left on device', class: 'external' }));
  return () => {
    catalog.commit = commit;
  };
}

/** Runs a PAUSE or RESUME; returns the data directory as a machine that stops between the catalog and the job would leave it. */
async function stoppedBehindCatalog(database: Database, dataDir: string, statement: string): Promise<string> {
  const left = join(temporaryDirectory(), 'data');
  const { cluster } = database.engine;
  const copied = (change: (ids: readonly string[]) => Promise<void>) => (ids: readonly string[]) => {
    cpSync(dataDir, left, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    return change.call(cluster, ids);
  };
  Object.assign(cluster, { pause: copied(cluster.pause), resume: copied(cluster.resume) });
  await runIn(database, statement);
  await database.close();
  return left;
}

test('a PAUSE that the catalog could not take leaves its view running, and a RESUME leaves it standing still; said again they hold', async () => {
  const database = await openInThread(join(temporaryDirectory(), 'data'));
  await runIn(database, MADE);

  const repairPause = failCommits(database);
  await expect(runIn(database, 'PAUSE v')).rejects.toMatchObject({ code: SqlState.diskFull });
  repairPause();
  expect(stateOf(database)).toBe('RUNNING');
  await runIn(database, 'INSERT INTO t VALUES (3); FLUSH');
  expect(await runIn(database, 'SELECT n FROM v')).toEqual(['3']);

  await runIn(database, 'PAUSE v');
  const repairResume = failCommits(database);
  await expect(runIn(database, 'RESUME v')).rejects.toMatchObject({ code: SqlState.diskFull });
  repairResume();
  expect(stateOf(database)).toBe('SUSPENDED');
  await runIn(database, 'PAUSE v; INSERT INTO t VALUES (4); FLUSH');
  expect(stateOf(database)).toBe('SUSPENDED');
  expect(await runIn(database, 'SELECT n FROM v')).toEqual(['3']);

  await runIn(database, 'RESUME v; FLUSH');
  expect(stateOf(database)).toBe('RUNNING');
  expect(await runIn(database, 'SELECT n FROM v')).toEqual(['4']);
  await database.close();
});

test('a RESUME that the cluster refuses leaves its view paused', async () => {
  const database = await openInThread(join(temporaryDirectory(), 'data'));
  await runIn(database, `${MADE}; CREATE MATERIALIZED VIEW doubled AS SELECT 2 * n AS n FROM v; PAUSE v`);
  await expect(runIn(database, 'RESUME doubled')).rejects.toMatchObject({ code: SqlState.objectNotInPrerequisiteState });
  await runIn(database, 'RESUME v; INSERT INTO t VALUES (3); FLUSH');
  expect(await runIn(database, 'SELECT n FROM doubled')).toEqual(['6']);
  await database.close();
});

test.each([
  { interrupted: 'PAUSE v', before: '', said: 'RESUME v', state: 'RUNNING' },
  { interrupted: 'PAUSE v', before: '', said: 'PAUSE v', state: 'SUSPENDED' },
  { interrupted: 'RESUME v', before: 'PAUSE v', said: 'RESUME v', state: 'RUNNING' },
  { interrupted: 'RESUME v', before: 'PAUSE v', said: 'PAUSE v', state: 'SUSPENDED' },
])(
  'after a stop in the middle of $interrupted, $said holds when it is answered, and after the next start',
  async ({ interrupted, before, said, state }) => {
    const dataDir = join(temporaryDirectory(), 'data');
    const first = await openInThread(dataDir, { checkpointIntervalMs: 0 });
    await runIn(first, `${MADE}; ${before}`);
    const left = await stoppedBehindCatalog(first, dataDir, interrupted);

    const second = await openInThread(left, { checkpointIntervalMs: 0 });
    await runIn(second, said);
    expect(stateOf(second)).toBe(state);
    await runIn(second, 'INSERT INTO t VALUES (3); FLUSH');
    expect(stateOf(second)).toBe(state);
    expect(await runIn(second, 'SELECT n FROM v')).toEqual([state === 'RUNNING' ? '3' : '2']);
    await second.close();

    const third = await openInThread(left);
    await runIn(third, 'FLUSH');
    expect(stateOf(third)).toBe(state);
    await third.close();
  },
);
