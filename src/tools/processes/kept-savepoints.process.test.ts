import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { ServerProcess, spawnFsql } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** See its README. */
const kept = fileURLToPath(new URL('../../../sql-tests/savepoints', import.meta.url));
const versions = readdirSync(kept, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

let server: ServerProcess | null = null;
afterEach(async () => {
  await server?.dispose();
  server = null;
});

/** Runs files on the server; what they print. */
async function output(folder: string, ...files: readonly string[]): Promise<string> {
  const place = ['-h', '127.0.0.1', '-p', String(server!.port), '-q', '--csv'];
  const child = spawnFsql([...place, ...files.flatMap((file) => ['-f', join(folder, file)])]);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return text;
}

/** Lines of all files that the sink has committed. */
function written(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n')).filter((line) => line !== '');
}

describe('savepoints of earlier versions', { timeout: 120_000 }, () => {
  test('are there', () => expect(versions).not.toEqual([]));

  test.each(versions)('%s restores, says what it said, and goes on', async (version) => {
    const folder = join(kept, version);
    const golden = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const directory = temporaryDirectory();
    server = await ServerProcess.start({ slots: 2, directory, args: ['--from-savepoint', join(folder, 'savepoint')] });
    expect(await output(folder, 'read.sql')).toBe(golden('before.csv'));
    expect(await output(folder, 'input.sql', 'read.sql')).toBe(golden('after.csv'));
    await server.rows('CHECKPOINT');
    await server.kill();
    await server.restart();
    expect(await output(folder, 'read.sql')).toBe(golden('after.csv'));
    await expect
      .poll(
        () =>
          written(join(directory, 'out'))
            .sort()
            .map((line) => `${line}\n`)
            .join(''),
        { timeout: 30_000 },
      )
      .toBe(golden('written.jsonl'));
  });

  test.each(versions)('%s names no machine', (version) => {
    const state = join(kept, version, 'savepoint');
    for (const name of ['manifest.json', 'catalog.json', 'progress.json'])
      expect(readFileSync(join(state, name), 'utf8')).not.toMatch(/\/(tmp|home|work|Users)\//);
  });
});
