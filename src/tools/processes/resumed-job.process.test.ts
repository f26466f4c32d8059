import { afterEach, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { freePort, TaskManagerChild } from './task-manager-process.ts';

const started: { dispose(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.dispose();
});

async function joined(port: number): Promise<TaskManagerChild> {
  const child = new TaskManagerChild(port, ['--slots', '1']);
  started.push(child);
  await child.joined();
  return child;
}

test('RESUME waits for a TaskManager that is lost and says so, as CREATE does; where none comes the job stays paused', {
  timeout: 300_000,
}, async () => {
  const port = await freePort();
  const server = await ServerProcess.start({ slots: 0, args: ['--parallelism', '1', '--listen-tasks', `127.0.0.1:${port}`] });
  started.push(server);
  const state = async (): Promise<string> =>
    (await server.rows("SELECT state || coalesce(': ' || error, '') FROM fsql_catalog.jobs WHERE name = 'v'"))[0]![0]!;
  await joined(port);
  await server.rows('CREATE TABLE t (n INT)');
  const lost = await joined(port);
  await server.rows("CREATE MATERIALIZED VIEW v WITH (slot_sharing_group = 'own') AS SELECT count(*) AS n FROM t");
  await server.rows('PAUSE v');
  await lost.dispose();
  const shortage = 'job "v" needs 1 slot of slot sharing group "own", 0 are there';
  await eventually('the loss is seen', state, (text) => text === `SUSPENDED: ${shortage}`);
  await server.rows('INSERT INTO t VALUES (1)');
  await expect(server.rows('RESUME v')).rejects.toMatchObject({ code: '53000', message: shortage });
  expect(await state()).toBe(`SUSPENDED: ${shortage}`);

  const resumed = server.rows('RESUME v');
  await joined(port);
  await resumed;
  await eventually(
    'it has gone on',
    () => server.rows('SELECT n FROM v'),
    (rows) => rows[0]?.[0] === '1',
  );
  expect(await state()).toBe('RUNNING');
});
