import { expect, test } from 'vitest';
import { silentLogger } from '../base/index.ts';
import { openLocalSession } from './local-session.ts';
import { openDatabase } from './open-database.ts';
import { statusOf } from './status-source.ts';
import { rowsOf } from './testing/index.ts';

test('what runs can be read from SQL and from /metrics', async () => {
  const activity = () => [{ pid: 7, usename: 'fsql', state: 'active', query: 'SELECT 1', backend_type: 'client backend' }];
  const database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger, activity });
  try {
    const session = await openLocalSession(database, () => undefined);
    const run = (text: string): Promise<string[]> => rowsOf(session, text);
    await run(`CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE MATERIALIZED VIEW m AS SELECT v, count(*) AS n FROM t GROUP BY v;
      CREATE SINK nowhere WITH (connector = 'blackhole') AS SELECT v FROM m; INSERT INTO t VALUES (1, 1), (2, 1), (3, 2);`);
    await database.engine.cluster.checkpoint();
    await database.engine.cluster.flush();
    expect(await run(`SELECT DISTINCT j.name FROM fsql_catalog.job_vertices v JOIN fsql_catalog.jobs j USING (job_id) ORDER BY 1`)).toEqual([
      'm',
      'nowhere',
      't',
    ]);
    expect(await run(`SELECT DISTINCT state FROM fsql_catalog.subtasks`)).toEqual(['RUNNING']);
    expect(await run(`SELECT slots, free FROM fsql_catalog.task_managers`)).toEqual(['2 0']);
    expect(await run(`SELECT id, state FROM fsql_catalog.slots ORDER BY id`)).toEqual(['local/0 allocated', 'local/1 allocated']);
    expect(await run(`SELECT count(*) > 0 FROM fsql_catalog.epochs WHERE state = 'complete'`)).toEqual(['t']);
    expect(await run(`SELECT DISTINCT state, rows > 0 FROM fsql_catalog.checkpoints`)).toContain('complete t');
    expect(await run(`SELECT sink, committed_epoch > 0, pending_rows FROM fsql_catalog.sink_progress`)).toEqual(['nowhere t 0']);
    // Slots report once a second.
    const tables = (): Promise<string[]> => run(`SELECT DISTINCT table_name FROM fsql_catalog.operator_state WHERE keys = 2`);
    await expect.poll(tables, { timeout: 30_000 }).toContain('groups');
    expect(await run(`SELECT pid, state, query FROM pg_stat_activity`)).toEqual(['7 active SELECT 1']);
    const status = statusOf(database.engine, { stopping: () => false, sessions: () => 1 });
    const families = [...status.metrics()];
    for (const { name } of families) expect(name).toMatch(/^fsql_[a-z_]+_(total|ratio|bytes|keys|rows)$/);
    const rowsOut = families.find(({ name }) => name === 'fsql_subtask_rows_out_total')!;
    expect([...rowsOut.samples].some(({ labels, value }) => labels?.job === 't' && value > 0)).toBe(true);
    expect(status.checkpoints().at(-1)?.state).toBe('complete');
    await session.close();
  } finally {
    await database.close();
  }
});
