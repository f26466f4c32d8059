import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { FileWriter } from '../connectors/filesystem/file-writer.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

/** How often a commit fails before one succeeds: that takes 100, 200 and 400 ms. */
const FAILURES = 3;

afterEach(() => vi.restoreAllMocks());

function written(folder: string): string[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)).sort();
}

function failCommits(): void {
  const { commit } = FileWriter.prototype;
  let failures = 0;
  vi.spyOn(FileWriter.prototype, 'commit').mockImplementation(function (this: FileWriter, ...given) {
    if (failures++ < FAILURES) return Promise.reject(new SqlError({ code: SqlState.connectionFailure, message: 'away', class: 'external' }));
    return commit.apply(this, given);
  });
}

async function withSink(): Promise<{ database: Database; output: string; folder: string }> {
  const folder = temporaryDirectory();
  const output = join(folder, 'output');
  const database = await openInThread(join(folder, 'data'), { checkpointIntervalMs: 0 });
  await runIn(
    database,
    `CREATE STREAM t (n INT); CREATE SINK s WITH (connector = 'filesystem', path = '${output}', format = 'json') AS SELECT n FROM t`,
  );
  await runIn(database, 'INSERT INTO t VALUES (1), (2); FLUSH');
  failCommits();
  return { database, output, folder };
}

test.each([
  (): string => 'STOP JOB s',
  (folder: string): string => `STOP JOB s WITH SAVEPOINT '${folder}/savepoint'`,
  (): string => 'PAUSE s; STOP JOB s',
  (): string => 'STOP JOB s WITH DRAIN',
])('what a sink has taken is out when STOP JOB answers, though the other side was away for a while: %#', async (statement) => {
  const { database, output, folder } = await withSink();
  await runIn(database, statement(folder));
  expect(written(output)).toEqual(['{"n":1}', '{"n":2}']);
  await database.close();
});

test('and so it is of one that stood still while the server was killed', async () => {
  const { database, output, folder } = await withSink();
  await runIn(database, 'PAUSE s');
  const left = join(folder, 'left');
  cpSync(join(folder, 'data'), left, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
  vi.restoreAllMocks();
  failCommits();
  const second = await openInThread(left, { checkpointIntervalMs: 0 });
  await runIn(second, 'STOP JOB s');
  expect(written(output)).toEqual(['{"n":1}', '{"n":2}']);
  await second.close();
  await database.close();
});
