import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqlState, silentLogger } from '../base/index.ts';
import { relationId, type ServerSession } from '../session/index.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { jobControlOf } from './job-control.ts';
import { openLocalSession } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

let database: Database;
let session: ServerSession;

beforeEach(async () => {
  database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger });
  session = await openLocalSession(database, () => undefined);
  await rowsOf(
    session,
    `CREATE TABLE t (id INT PRIMARY KEY, n INT);
     CREATE SCHEMA "Od d";
     CREATE MATERIALIZED VIEW "Od d"."v'w" AS SELECT n, count(*) AS rows FROM t GROUP BY n;
     CREATE SINK nowhere WITH (connector = 'blackhole') AS SELECT n FROM "Od d"."v'w";
     INSERT INTO t VALUES (1, 1), (2, 1)`,
  );
});

afterEach(async () => {
  await session.close();
  await database.close();
});

const idOf = (schema: string, name: string): string => relationId(database.engine.snapshot.relation(schema, name)!);
const stateOf = (id: string): string | undefined => database.engine.cluster.jobs().find(({ jobId }) => jobId === id)?.state;
const signal = new AbortController().signal;

test('a job is paused, goes on, restarts and is given other subtasks', async () => {
  const control = jobControlOf(database.engine);
  const id = idOf('Od d', "v'w");
  expect(await control.run(id, { action: 'pause' }, signal)).toEqual({
    savepoint: null,
    notices: [{ severity: 'NOTICE', message: 'sink nowhere pauses, too' }],
  });
  expect(stateOf(id)).toBe('SUSPENDED');
  await rowsOf(session, 'INSERT INTO t VALUES (3, 2)');
  await control.run(id, { action: 'resume' }, signal);
  expect(stateOf(id)).toBe('RUNNING');
  await control.run(id, { action: 'restart' }, signal);
  await control.run(id, { action: 'rescale', parallelism: 1 }, signal);
  expect(database.engine.cluster.jobs().find(({ jobId }) => jobId === id)?.parallelism).toBe(1);
  await control.run(id, { action: 'rescale', parallelism: null }, signal);
  await control.run(id, { action: 'checkpoint' }, signal);
  await rowsOf(session, 'DELETE FROM t WHERE id = 1; FLUSH');
  expect(await rowsOf(session, `SELECT n, rows FROM "Od d"."v'w" ORDER BY n`)).toEqual(['1 1', '2 1']);
});

test('a sink ends with a savepoint; a view does not end, nor does what is not there', async () => {
  const control = jobControlOf(database.engine);
  const directory = join(temporaryDirectory(), "it's");
  const { savepoint, notices } = await control.run(idOf('public', 'nowhere'), { action: 'stop', savepoint: directory, drain: true }, signal);
  expect(savepoint).toMatchObject({
    savepoint_path: directory,
    epoch: expect.any(Number),
    rows: expect.any(Number),
    state_sha256: expect.any(String),
  });
  expect(notices).toEqual([
    { severity: 'NOTICE', message: "sink nowhere reads materialized view v'w, which goes on: windows of its query stay open" },
  ]);
  expect(database.engine.snapshot.relation('public', 'nowhere')).toBeNull();
  const view = idOf('Od d', "v'w");
  await expect(control.run(view, { action: 'stop', savepoint: null, drain: false }, signal)).rejects.toMatchObject({
    code: SqlState.wrongObjectType,
  });
  await expect(control.run(view, { action: 'savepoint', directory }, signal)).rejects.toMatchObject({
    code: SqlState.objectNotInPrerequisiteState,
  });
  await expect(control.run('4711', { action: 'pause' }, signal)).rejects.toMatchObject({ code: SqlState.undefinedObject });
});
