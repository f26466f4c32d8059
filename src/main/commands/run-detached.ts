import { ResultCollector, ServerConnection } from '../../tools/repl/index.ts';
import { DEFAULT_PORT, openSocket } from '../server-socket.ts';
import { runRepl } from './repl.ts';

export interface DetachedOptions {
  readonly host?: string;
  readonly port?: number;
  readonly json?: boolean;
  readonly version: string;
}

/** A job as the server names it. */
interface SubmittedJob {
  readonly job_id: string;
  readonly job: string;
  readonly state: string;
}

/**
 * `fsql run FILE --detach`: runs the statements on a server and prints the names of the jobs it has got by them, without waiting for these. At the first error it
 * stops with exit code 1; what the statements before it have made stays and is named, too.
 */
export async function runDetached(
  file: string,
  { host = '127.0.0.1', port = DEFAULT_PORT, json = false, version }: DetachedOptions,
): Promise<number> {
  const before = new Set((await jobsOf(host, port)).map((job) => job.job_id));
  const actions = [{ kind: 'file', path: file }] as const;
  const code = await runRepl({ host, port, user: 'fsql', dbname: 'fsql', variable: [], align: true, json, quiet: true, actions, version });
  for (const job of await jobsOf(host, port)) {
    if (!before.has(job.job_id)) process.stdout.write(`${json ? JSON.stringify(job) : job.job}\n`);
  }
  return code;
}

/** Jobs of views and sinks, in the order they were made. */
async function jobsOf(host: string, port: number): Promise<SubmittedJob[]> {
  const connection = await ServerConnection.open({
    dial: () => openSocket(host, port),
    user: 'fsql',
    database: 'fsql',
    onNotice: () => undefined,
  });
  try {
    const collector = new ResultCollector();
    await connection.run(`SELECT job_id, name, state FROM fsql_catalog.jobs WHERE kind IN ('view', 'sink') ORDER BY job_id::bigint`, collector);
    return collector.result.rows.map(([id, name, state]) => ({ job_id: id!, job: name!, state: state! }));
  } finally {
    connection.close();
  }
}
