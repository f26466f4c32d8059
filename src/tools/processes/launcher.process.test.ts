import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { V8_OPTION } from '../../main/load-bundle.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);
let installed = '';

/** An installation of the build, as a package manager makes one. */
beforeEach(() => {
  installed = temporaryDirectory();
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  for (const folder of ['bin', 'dist']) {
    mkdirSync(join(installed, folder));
    for (const name of readdirSync(join(root, folder))) copyFileSync(join(root, folder, name), join(installed, folder, name));
  }
});

const caches = (): string[] =>
  readdirSync(join(installed, 'dist'))
    .filter((name) => name.endsWith('.cache'))
    .map((name) => join(installed, 'dist', name));

/** What one statement prints, run from another directory. */
async function oneStatement(launcher = join(installed, 'bin/fsql.js')): Promise<string> {
  const { stdout } = await run(process.execPath, [launcher, '-Atc', 'SELECT 6 * 7'], { cwd: temporaryDirectory() });
  return stdout;
}

/** Prints which of the caches it is handed V8 takes. */
const acceptsCaches = `
  const { readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  const accepted = process.argv.slice(1).map((cachePath) => {
    const filename = cachePath.replace(/\\.cjs\\..*/, '.cjs');
    const text = '(function (exports, require, module, __filename, __dirname) {' + readFileSync(filename, 'latin1') + '\\n})';
    return new Script(text, { filename, cachedData: readFileSync(cachePath) }).cachedDataRejected === false;
  });
  console.log(JSON.stringify(accepted));
`;

describe('the command', { timeout: 60_000 }, () => {
  test('has a code cache for each bundle, which V8 takes', async () => {
    expect(caches().map((path) => path.replace(/.*\/(\w+)\.cjs\..*/, '$1'))).toEqual(['cli', 'http', 'slot']);
    // In a process of its own: V8 takes them under the options that the command sets only.
    const { stdout } = await run(process.execPath, [V8_OPTION, '-e', acceptsCaches, ...caches()]);
    expect(JSON.parse(stdout)).toEqual([true, true, true]);
  });

  test('runs through a symbolic link, from another directory', async () => {
    const link = join(temporaryDirectory(), 'fsql');
    symlinkSync(join(installed, 'bin/fsql.js'), link);
    expect(await oneStatement(link)).toBe('42\n');
  });

  test('run ends with its bounded jobs, also where they call functions of their own', async () => {
    const directory = temporaryDirectory();
    const lines = Array.from({ length: 20 }, (_, id) => JSON.stringify({ id }));
    writeFileSync(join(directory, 'in.json'), lines.join('\n'));
    writeFileSync(
      join(directory, 'job.sql'),
      `CREATE FUNCTION twice(n BIGINT) RETURNS BIGINT LANGUAGE javascript AS 'return n * 2';
       CREATE STREAM s (id BIGINT) WITH (connector = 'filesystem', path = '${join(directory, 'in.json')}', format = 'json');
       CREATE SINK doubled WITH (connector = 'filesystem', path = '${join(directory, 'out')}', format = 'csv') AS SELECT twice(id) AS n FROM s;`,
    );
    const args = [join(installed, 'bin/fsql.js'), 'run', join(directory, 'job.sql'), '--memory', '--slots', '1'];
    const { stderr } = await run(process.execPath, args, { cwd: directory });
    expect(stderr).toMatch(/doubled: FINISHED · 20 rows in, 20 rows out/);
  });

  test('writes nothing where it is installed', async () => {
    const folders = ['bin', 'dist'].map((folder) => join(installed, folder));
    const names = folders.map((folder) => readdirSync(folder));
    for (const folder of folders) chmodSync(folder, 0o555);
    expect(await oneStatement()).toBe('42\n');
    expect(folders.map((folder) => readdirSync(folder))).toEqual(names);
    for (const folder of folders) chmodSync(folder, 0o755);
  });

  test('runs with code caches that are cut short, and without', async () => {
    for (const path of caches()) truncateSync(path, 1000);
    expect(await oneStatement()).toBe('42\n');
    for (const path of caches()) unlinkSync(path);
    expect(await oneStatement()).toBe('42\n');
  });
});
