/**
 * `npm run savepoint:keep`: makes a savepoint of this version and keeps it in sql-tests/savepoints/VERSION, with what it says before and after more input. The
 * tests restore all that are kept (src/tools/processes/kept-savepoints.process.test.ts).
 *
 *   node src/tools/suite/keep-savepoint.mjs [--again]   --again: in the place of one of a version that is not released yet
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const kept = join(root, 'sql-tests/savepoints');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const target = join(kept, version);
const again = process.argv.includes('--again');

if (!again && (await readdir(kept)).includes(version)) {
  console.error(
    `sql-tests/savepoints/${version} is there already: what a released version wrote stays as it is. --again replaces that of a version to come.`,
  );
  process.exit(1);
}

// Relative paths of its program begin here, so that no file names this machine.
const place = await mkdtemp(join(tmpdir(), 'fsql-savepoint-'));
try {
  const programs = ['program.sql', 'input.sql', 'read.sql'];
  for (const name of programs) await cp(join(kept, name), join(place, name));
  await fsql('-q', '-f', 'program.sql');
  const before = await fsql('-q', '--csv', '-f', 'read.sql');
  const writtenBefore = new Set(await written());
  const after = await fsql('-q', '--csv', '-f', 'input.sql', '-f', 'read.sql');
  const since = (await written()).filter((line) => !writtenBefore.has(line));
  await rm(target, { recursive: true, force: true });
  await mkdir(target);
  for (const name of [...programs, 'savepoint']) await cp(join(place, name), join(target, name), { recursive: true });
  await writeFile(join(target, 'before.csv'), before);
  await writeFile(join(target, 'after.csv'), after);
  await writeFile(join(target, 'written.jsonl'), since.map((line) => `${line}\n`).join(''));
} finally {
  await rm(place, { recursive: true, force: true });
}
console.log(`sql-tests/savepoints/${version}`);

/** Runs the built command on the database in the making; what it prints. */
async function fsql(...args) {
  const command = [join(root, 'bin/fsql.js'), '--data-dir', 'data', ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: place });
  return stdout;
}

/** Lines of what the sink has written and committed. */
async function written() {
  const names = await readdir(join(place, 'out')).catch(() => []);
  const texts = await Promise.all(names.filter((name) => !name.startsWith('.')).map((name) => readFile(join(place, 'out', name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== '')).sort();
}
