import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SqlError, SqlState } from '../../base/index.ts';

/** A nested call or condition can take the parser minutes. */
const LIMIT_MS = 5_000;
const LENGTH_MAX = 100_000;

/** Runs in the worker: a text of its own, since it has to load one file of a package that no bundle holds. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { createRequire } = require('node:module');
const { Parser } = createRequire(workerData.from)('node-sql-parser/build/' + workerData.dialect);
try {
  parentPort.postMessage({ ast: JSON.stringify(new Parser().astify(workerData.text, { database: workerData.dialect })) });
} catch (error) {
  parentPort.postMessage({ offset: error.location ? error.location.start.offset : 0, found: error.found || '' });
}`;

type Answer = { readonly ast: string } | { readonly offset: number; readonly found: string };

/** The tree of node-sql-parser. Errors: 42601 with the position, 54001 past the time or length limit. */
export async function parseInWorker(text: string, dialect: string): Promise<unknown> {
  if (text.length > LENGTH_MAX) throw tooComplex(`the statement is longer than ${LENGTH_MAX} characters`);
  const worker = new Worker(program, { eval: true, workerData: { text, dialect, from: join(import.meta.dirname, 'parser.cjs') } });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      timer = setTimeout(() => reject(tooComplex(`the statement could not be read within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if ('ast' in answer) return JSON.parse(answer.ast);
    const near = answer.found === '' ? 'at end of input' : `at or near "${answer.found}"`;
    throw new SqlError({ code: SqlState.syntaxError, message: `syntax error ${near} in ${dialect}`, position: answer.offset });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function tooComplex(message: string): SqlError {
  return new SqlError({ code: SqlState.statementTooComplex, message, hint: 'Write the statement in the postgres dialect.' });
}
