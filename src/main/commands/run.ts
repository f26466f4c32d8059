import { readFile } from 'node:fs/promises';
import { resourceUsage } from 'node:process';
import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { SqlError } from '../../base/index.ts';
import { type Relation, storageNumber } from '../../catalog/index.ts';
import type { JobStatus } from '../../cluster/index.ts';
import type { ServerSession } from '../../session/index.ts';
import { splitStatements } from '../../sql/index.ts';
import { renderRows, scriptOf } from '../../tools/repl/index.ts';
import { intervalSpan, parseInterval } from '../../types/index.ts';
import { openLocalSession, runText, type TextOutcome } from '../local-session.ts';
import { type Database, defaultSlots, openDatabase } from '../open-database.ts';
import { errorText, UsageError } from '../print-error.ts';
import { RunProgress } from './run-progress.ts';

export interface RunOptions {
  readonly json?: boolean;
  readonly dataDir?: string;
  readonly memory?: boolean;
  readonly slots?: number;
  readonly stateMemoryMb?: number;
  readonly checkpointIntervalMs?: number;
  readonly fromSavepoint?: string;
  readonly allowDroppedState?: boolean;
  /** Text of an interval: jobs over unbounded inputs end the run when they have had no row for so long. */
  readonly untilIdle?: string;
}

const EXIT_OK = 0;
const EXIT_FAILED = 1;

/** Scripts within each other; one that runs itself ends here. */
const NESTED_SCRIPTS_MAX = 100;

/** `fsql run FILE`: runs the statements, waits until the bounded jobs are finished (Ctrl-C: stops), prints what each did. */
export async function runFile(file: string, options: RunOptions): Promise<number> {
  const idleMs = options.untilIdle === undefined ? null : millisecondsOf(options.untilIdle);
  const text = await textOf(file === '-' ? '/dev/stdin' : file);
  const dataDir = options.memory ? null : (options.dataDir ?? null);
  const database = await openDatabase({
    dataDir,
    fromSavepoint: options.fromSavepoint,
    allowDroppedState: options.allowDroppedState,
    slots: options.slots ?? defaultSlots(),
    host: 'workers',
    logger: consoleLogger('warn'),
    checkpointIntervalMs: options.checkpointIntervalMs,
    stateBytesMax: options.stateMemoryMb === undefined ? undefined : options.stateMemoryMb * 1024 * 1024,
  });
  try {
    return await runStatements(database, text, { ...options, idleMs });
  } finally {
    await database.close();
  }
}

async function runStatements(database: Database, text: string, options: RunOptions & { readonly idleMs: number | null }): Promise<number> {
  const session = await openLocalSession(database, (notice) => process.stderr.write(`${notice.severity}:  ${notice.message}\n`));
  if (!(await runScript(session, { text, depth: 0 }, options))) return EXIT_FAILED;
  const jobsOfRun = (): JobStatus[] => database.engine.cluster.jobs().filter((job) => job.kind === 'view' || job.kind === 'sink');
  const progress = new RunProgress({ jobs: jobsOfRun, clock: database.clock, output: process.stderr });
  const hide = progress.show();
  const outcome = await Promise.race([
    jobsFinished(database, () => (options.idleMs === null ? null : progress.untilIdle(options.idleMs))),
    interrupted(),
  ]);
  hide();
  await session.close();
  const jobs = jobsOfRun();
  for (const job of jobs) printJob(job, database, options);
  return outcome === 'failed' || jobs.some((job) => job.state === 'FAILED') ? EXIT_FAILED : EXIT_OK;
}

/** Runs a text with the files of its RUN SCRIPT statements in their places; what stands between two of them is one text. False when something failed, which has been told. */
async function runScript(
  session: ServerSession,
  { text, depth }: { readonly text: string; readonly depth: number },
  options: RunOptions,
): Promise<boolean> {
  const scripts = splitStatements(text).flatMap((statement) => {
    const path = scriptOf(statement.text);
    return path === null ? [] : [{ ...statement, path }];
  });
  let from = 0;
  for (const { start, end, path } of scripts) {
    if (!(await runPart(session, withPlaceOf(text, from, start), options))) return false;
    if (depth >= NESTED_SCRIPTS_MAX) throw new UsageError(`RUN SCRIPT: more than ${NESTED_SCRIPTS_MAX} files within each other`);
    if (!(await runScript(session, { text: await textOf(path), depth: depth + 1 }, options))) return false;
    from = end;
  }
  return runPart(session, withPlaceOf(text, from, text.length), options);
}

/** A part behind blanks, so that an error shows the line that it has in the file. */
function withPlaceOf(text: string, start: number, end: number): string {
  return text.slice(0, start).replace(/[^\n]/g, ' ') + text.slice(start, end);
}

async function runPart(session: ServerSession, text: string, options: RunOptions): Promise<boolean> {
  if (splitStatements(text).length === 0) return true;
  try {
    await runText(session, text, (outcome) => printOutcome(outcome, options), { commitEach: true });
    return true;
  } catch (error) {
    process.stderr.write(`${errorText(error, text)}\n`);
    return false;
  }
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`cannot read ${file}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`);
  });
}

function printOutcome({ result, tag }: TextOutcome, options: RunOptions): void {
  if (options.json) return;
  if (result === null) process.stderr.write(`${tag}\n`);
  else process.stdout.write(renderRows(result, { format: 'aligned', expanded: false, tuplesOnly: false }));
}

/** Waits for every job over bounded inputs only; where there are others, until these are idle, and without --until-idle until interrupted. */
async function jobsFinished(database: Database, idle: () => Promise<void> | null): Promise<'finished' | 'failed'> {
  const { engine } = database;
  const jobs = [...engine.snapshot.relations()].filter((relation) => relation.kind === 'materialized view' || relation.kind === 'sink');
  const bounded = jobs.filter((job) => isBounded(job, engine.snapshot.relationByOid.bind(engine.snapshot)));
  const results = await Promise.allSettled(bounded.map((job) => engine.cluster.jobFinished(String(storageNumber(job)))));
  for (const result of results) if (result.status === 'rejected') process.stderr.write(`${errorText(result.reason)}\n`);
  if (results.some((result) => result.status === 'rejected')) return 'failed';
  if (bounded.length < jobs.length) await (idle() ?? new Promise<never>(() => undefined));
  return 'finished';
}

function isBounded(relation: Relation, find: (oid: number) => Relation | null): boolean {
  if (relation.kind === 'stream' || relation.kind === 'table')
    return relation.options !== null && (relation.splits ?? []).every((split) => split.end !== null);
  return relation.dependsOn.every((oid) => {
    const input = find(oid);
    // It also depends on the functions it calls, which are no input.
    return input === null || isBounded(input, find);
  });
}

/** Errors: UsageError for what is no time, or none that passes. */
function millisecondsOf(text: string): number {
  const wrong = `--until-idle takes a time, as 5s or '2 minutes', not "${text}"`;
  let micros: bigint;
  try {
    micros = intervalSpan(parseInterval(text));
  } catch (error) {
    if (error instanceof SqlError) throw new UsageError(wrong);
    throw error;
  }
  if (micros <= 0n) throw new UsageError(wrong);
  return Number(micros / 1000n);
}

function interrupted(): Promise<'interrupted'> {
  return new Promise((resolve) => process.once('SIGINT', () => resolve('interrupted')));
}

/** Rows in are those of the sources the job reads, as the user counts them. */
function printJob(job: JobStatus, database: Database, options: RunOptions): void {
  const seconds = secondsOf(job, database);
  const rowsIn = job.rowsIn;
  const perSecond = seconds > 0 ? Math.round(rowsIn / seconds) : 0;
  if (options.json) {
    const usage = resourceUsage();
    const line = {
      job: job.name,
      state: job.state,
      rows_in: rowsIn,
      rows_out: job.rowsOut,
      bytes_in: job.bytesIn,
      seconds,
      rows_per_second: perSecond,
      cpu_seconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      peak_memory_bytes: usage.maxRSS * 1024,
      error: job.error?.message ?? null,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const error = job.error === null ? '' : ` · ${job.error.message}`;
  process.stderr.write(
    `${job.name}: ${job.state} · ${rowsIn} rows in, ${job.rowsOut} rows out, ${seconds.toFixed(2)} s, ${perSecond} rows/s${error}\n`,
  );
}

function secondsOf(job: JobStatus, database: Database): number {
  if (job.startedAtMicros === null) return 0;
  const end = job.finishedAtMicros ?? database.clock.nowMicros();
  return Number(end - job.startedAtMicros) / 1e6;
}
