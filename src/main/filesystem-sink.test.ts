import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../base/index.ts';
import { openLocalSession } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

const ROWS = 5000;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fsql-sink-'));
  const lines = Array.from({ length: ROWS }, (_, id) => `${JSON.stringify({ id, v: id % 7 })}\n`);
  await writeFile(join(root, 'in.jsonl'), lines.join(''));
});

afterEach(() => rm(root, { recursive: true }));

async function withDatabase(
  dataDir: string | null,
  use: (database: Database, run: (text: string) => Promise<string[]>) => Promise<void>,
): Promise<void> {
  const database = await openDatabase({ dataDir, slots: 2, host: 'in-thread', logger: silentLogger });
  try {
    const session = await openLocalSession(database, () => undefined);
    await use(database, (text) => rowsOf(session, text));
    await session.close();
  } finally {
    await database.close();
  }
}

function statements(): string {
  return `
    CREATE STREAM s (id BIGINT, v BIGINT) WITH (connector = 'filesystem', path = '${join(root, 'in.jsonl')}', format = 'json');
    CREATE SINK written WITH (connector = 'filesystem', path = '${join(root, 'out')}', format = 'json') AS SELECT id, v FROM s WHERE v <> 3;`;
}

async function writtenIds(): Promise<number[]> {
  const names = (await readdir(join(root, 'out'))).filter((name) => !name.startsWith('.'));
  const texts = await Promise.all(names.map((name) => readFile(join(root, 'out', name), 'utf8')));
  return texts
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .map((line) => (JSON.parse(line) as { id: number }).id)
    .sort((left, right) => left - right);
}

const expected = Array.from({ length: ROWS }, (_, id) => id).filter((id) => id % 7 !== 3);

async function finish(database: Database): Promise<void> {
  const sink = [...database.engine.snapshot.relations()].find((relation) => relation.name === 'written')!;
  await database.engine.cluster.jobFinished(String(sink.oid));
}

test('a bounded job that writes files is finished when all of its rows are visible', async () => {
  await withDatabase(null, async (database, run) => {
    await run(statements());
    await finish(database);
    expect(await writtenIds()).toEqual(expected);
    expect((await readdir(join(root, 'out'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

test('a restart after the end writes nothing again', async () => {
  const dataDir = join(root, 'data');
  await withDatabase(dataDir, async (database, run) => {
    await run(statements());
    await finish(database);
  });
  await withDatabase(dataDir, async (database) => {
    await finish(database);
    expect(await writtenIds()).toEqual(expected);
  });
});
