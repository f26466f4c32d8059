import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { eventually } from '../tools/processes/eventually.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

/** Lines of all files that are visible, sorted. */
function linesIn(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => readFileSync(join(directory, name), 'utf8').trim().split('\n')).sort();
}

/** Replaces the sink where there are no slots for the new one, behind another checkpoint. */
async function failToReplace(database: Database, statement: string, meanwhile: () => void): Promise<void> {
  const { cluster } = database.engine;
  const { deploy } = cluster;
  cluster.deploy = async () => {
    await cluster.checkpoint();
    meanwhile();
    throw new SqlError({ code: SqlState.insufficientResources, message: 'no slots', class: 'external' });
  };
  await expect(runIn(database, statement)).rejects.toMatchObject({ code: SqlState.insufficientResources });
  cluster.deploy = deploy;
}

test('a sink whose OR REPLACE failed, or was interrupted by a crash, goes on and sends nothing twice, though a checkpoint came meanwhile', async () => {
  const [directory, out] = [temporaryDirectory(), join(temporaryDirectory(), 'out')];
  const [dataDir, left] = [join(directory, 'data'), join(directory, 'left')];
  const sink = (query: string): string => `SINK s WITH (connector = 'filesystem', path = '${out}', format = 'json') AS ${query}`;
  const replace = `CREATE OR REPLACE ${sink('SELECT n FROM t WHERE n > 0')}`;
  const first = await openInThread(dataDir, { checkpointIntervalMs: 0 });
  await runIn(first, `CREATE STREAM t (n INT); CREATE ${sink('SELECT n FROM t')}; INSERT INTO t VALUES (1), (2); CHECKPOINT`);
  await failToReplace(first, replace, () => cpSync(dataDir, left, { recursive: true, filter: (path) => !path.endsWith('LOCK') }));
  await first.close();
  expect(linesIn(out)).toEqual(['{"n":1}', '{"n":2}']);

  const crashed = await openInThread(left, { checkpointIntervalMs: 0 });
  await runIn(crashed, 'INSERT INTO t VALUES (3)');
  const sent = async (): Promise<string[]> => {
    await runIn(crashed, 'CHECKPOINT');
    return linesIn(out);
  };
  await eventually('what comes after the start is sent', sent, (lines) => lines.length > 2);
  expect(linesIn(out)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  await failToReplace(crashed, replace, () => undefined);
  await runIn(crashed, 'INSERT INTO t VALUES (4); CHECKPOINT');
  await crashed.close();
  expect(linesIn(out)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}']);
});
