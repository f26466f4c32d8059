import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { ConnectorDefinition } from '../spi/index.ts';
import { type FileOptions, type FileOutcome, type FileRunner, runFile, type TestBuiltIns } from '../tools/sqltest/index.ts';
import { NoteBoard } from './note-board.ts';
import { slotRegistries } from './open-database.ts';
import { createRegistries, withConnectors } from './registries.ts';
import { TestGuard } from './test-guard.ts';
import type { WatchdogData } from './test-watchdog.ts';

/** A worker's start costs as much as so many small files. */
const FILES_A_WORKER_MIN = 32;

/** The program itself, in a worker: one bundle with one code cache. */
const WORKER_SCRIPT = "require(require('node:worker_threads').workerData.program).serveTests()";

/** Seconds that one record of a file, or the start or end of its database, may take. */
export const RECORD_SECONDS_MAX = 120;

export interface TestRunners {
  readonly runners: readonly FileRunner[];
  close(): Promise<void>;
}

export interface RunnersOptions {
  /** Null: as many as there are cores and the files are worth. */
  readonly jobs: number | null;
  readonly fileCount: number;
  /** For each record of a file. */
  readonly limitSeconds: number;
}

/** This thread and workers beside it, and one that watches all of them. */
export function startTestRunners({ jobs, fileCount, limitSeconds }: RunnersOptions): TestRunners {
  const worth = Math.min(availableParallelism(), Math.ceil(fileCount / FILES_A_WORKER_MIN));
  const count = Math.max(1, Math.min(jobs ?? worth, fileCount));
  const boards = Array.from({ length: count }, () => new NoteBoard());
  const guard = new TestGuard(limitSeconds, boards[0]);
  const workers = boards.slice(1).map((board) => startWorker(limitSeconds, board));
  const watchdog = startWatchdog({ boards: boards.map((board) => board.memory), limitSeconds });
  // Each worker has its next file at hand when it is done with one: this thread, which deals them out, runs files as well.
  return {
    runners: [localRunner(guard), ...workers.flatMap(({ runner }) => [runner, runner])],
    close: async () => {
      guard.close();
      watchdog.ref();
      watchdog.postMessage('end');
      await Promise.all([watchdog, ...workers.map(({ worker }) => worker)].map((worker) => worker.terminate()));
    },
  };
}

function startWatchdog(data: WatchdogData): Worker {
  const worker = new Worker(join(import.meta.dirname, 'test-watchdog.cjs'), { workerData: data });
  // What a file waits for does not come from here.
  worker.unref();
  return worker;
}

/** Files in this thread, with a turn for the messages of others between two of them. */
export function localRunner(guard = new TestGuard(RECORD_SECONDS_MAX)): FileRunner {
  const host = { builtIns: testBuiltIns(), guard };
  return async (file, options) => {
    const outcome = await runFile(file, options, host);
    await new Promise((resolve) => setImmediate(resolve));
    return outcome;
  };
}

interface WorkerData {
  readonly program: string;
  readonly limitSeconds: number;
  readonly board: SharedArrayBuffer;
}

interface FileRequest {
  readonly id: number;
  readonly file: string;
  readonly options: FileOptions;
}

interface FileAnswer {
  readonly id: number;
  readonly outcome: FileOutcome;
}

/** What a worker runs: one file after another, as they are asked for. */
export function serveTestFiles(): void {
  const { limitSeconds, board } = workerData as WorkerData;
  const host = { builtIns: testBuiltIns(), guard: new TestGuard(limitSeconds, new NoteBoard(board)) };
  let last: Promise<void> = Promise.resolve();
  parentPort!.on('message', ({ id, file, options }: FileRequest) => {
    last = last.then(async () => {
      const answer: FileAnswer = { id, outcome: await runFile(file, options, host) };
      parentPort!.postMessage(answer);
    });
  });
}

function startWorker(limitSeconds: number, { memory }: NoteBoard): { readonly worker: Worker; readonly runner: FileRunner } {
  const data: WorkerData = { program: join(import.meta.dirname, 'load-cli.cjs'), limitSeconds, board: memory };
  const worker = new Worker(WORKER_SCRIPT, { eval: true, workerData: data });
  const waiting = new Map<number, { readonly resolve: (outcome: FileOutcome) => void; readonly reject: (error: unknown) => void }>();
  let next = 0;
  worker.on('message', ({ id, outcome }: FileAnswer) => {
    waiting.get(id)!.resolve(outcome);
    waiting.delete(id);
  });
  worker.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  const runner: FileRunner = (file, options) =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, file, options } satisfies FileRequest);
    });
  return { worker, runner };
}

/** The built-ins for a database of a test, with the connectors the test adds. */
export function testBuiltIns(): (extra: readonly ConnectorDefinition[]) => TestBuiltIns {
  const registries = createRegistries();
  return (extra) => {
    const engine = withConnectors(registries, extra);
    return { engine, slots: slotRegistries(engine) };
  };
}
