import { resolve } from 'node:path';
import { diffSavepoints, type SavepointManifest } from '../../state/index.ts';
import { openSavepoint } from '../node-savepoints.ts';
import { runRepl } from './repl.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const MICROS_PER_MS = 1000;

/** Which database is saved: a server's, or that of a data directory nobody serves. */
export interface CreateSavepointOptions {
  readonly host?: string;
  readonly port?: number;
  readonly dataDir?: string;
  readonly version: string;
}

/** CREATE SAVEPOINT in a session of its own. The path is this process's, which a server on the same machine shares. */
export function createSavepoint(dir: string, { host, port, dataDir, version }: CreateSavepointOptions): Promise<number> {
  const text = `CREATE SAVEPOINT '${resolve(dir).replaceAll("'", "''")}'`;
  const server = { host: host ?? '127.0.0.1', ...(port !== undefined && { port }) };
  return runRepl({
    ...(dataDir === undefined ? server : { dataDir }),
    user: 'fsql',
    dbname: 'fsql',
    variable: [],
    align: true,
    expanded: true,
    quiet: true,
    actions: [{ kind: 'sql', text }],
    version,
  });
}

/** What is in a savepoint, for people or as JSON. */
export async function inspectSavepoint(dir: string, options: { readonly json?: boolean }): Promise<number> {
  const { manifest, place } = await openSavepoint(dir);
  process.stdout.write(options.json ? `${JSON.stringify(manifest)}\n` : `${describe(manifest, place).join('\n')}\n`);
  return EXIT_OK;
}

function describe(manifest: SavepointManifest, place: string): string[] {
  const { fsql, epoch, timestampMicros, jobs, files, state, stateSha256 } = manifest;
  const all = [...files, ...state];
  const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
  const rows = state.reduce((sum, file) => sum + file.rows, 0);
  const time = timestampMicros === null ? '' : ` at ${new Date(Number(timestampMicros) / MICROS_PER_MS).toISOString()}`;
  const lines = [
    `savepoint ${place}`,
    `made by fsql ${fsql}, ${epoch === null ? 'definitions only' : `epoch ${epoch}${time}`}`,
    `${rows} rows of state, ${bytes} bytes in ${all.length} files`,
    `state_sha256 ${stateSha256}`,
  ];
  for (const job of jobs) {
    lines.push(`${job.kind} ${job.name} (job ${job.id})`);
    for (const operator of job.operators.filter(({ kind }) => kind !== 'job')) {
      for (const table of operator.tables) {
        lines.push(`  ${operator.kind} ${operator.id} · ${table.name}: ${table.rows} rows (${table.columns.join(', ')})`);
      }
    }
  }
  return lines;
}

/** Reads every file; says which are not what was written. */
export async function verifySavepoint(dir: string): Promise<number> {
  const savepoint = await openSavepoint(dir);
  const problems = await savepoint.verify();
  for (const { file, problem } of problems) process.stdout.write(`${file}: ${problem}\n`);
  const { files, state } = savepoint.manifest;
  const verdict = problems.length === 0 ? 'sound' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  process.stdout.write(`${savepoint.place}: ${files.length + state.length} files, ${verdict}\n`);
  return problems.length === 0 ? EXIT_OK : EXIT_FAILED;
}

/** Rows of state that one savepoint has and the other has not, or has otherwise. */
export async function compareSavepoints(first: string, second: string): Promise<number> {
  const [left, right] = [await openSavepoint(first), await openSavepoint(second)];
  await left.requireSound();
  await right.requireSound();
  const differences = await diffSavepoints(left, right);
  for (const { job, operator, table, onlyInFirst, onlyInSecond, changed } of differences) {
    process.stdout.write(
      `${job} · ${operator} · ${table}: ${onlyInFirst} only in the first, ${onlyInSecond} only in the second, ${changed} changed\n`,
    );
  }
  if (differences.length === 0) process.stdout.write('the state is equal\n');
  return differences.length === 0 ? EXIT_OK : EXIT_FAILED;
}
