import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parentPort, Worker } from 'node:worker_threads';
import type { ConnectorDefinition } from '../spi/index.ts';
import { type FileOptions, type FileOutcome, type FileRunner, runFile, type TestBuiltIns } from '../tools/sqltest/index.ts';
import { slotRegistries } from './open-database.ts';
import { createRegistries, withConnectors } from './registries.ts';

/** A worker's start costs as much as so many small files. */
const FILES_A_WORKER_MIN = 32;

/** The program itself, in a worker: one bundle with one code cache. */
const WORKER_SCRIPT = "require(require('node:worker_threads').workerData).serveTests()";

export interface TestRunners {
  readonly runners: readonly FileRunner[];
  close(): Promise<void>;
}

/** This thread and workers beside it. `jobs` null: as many as there are cores and the files are worth. */
export function startTestRunners(jobs: number | null, fileCount: number): TestRunners {
  const worth = Math.min(availableParallelism(), Math.ceil(fileCount / FILES_A_WORKER_MIN));
  const count = Math.max(1, Math.min(jobs ?? worth, fileCount));
  const workers = Array.from({ length: count - 1 }, startWorker);
  // Each worker has its next file at hand when it is done with one: this thread, which deals them out, runs files as well.
  return {
    runners: [localRunner(), ...workers.flatMap(({ runner }) => [runner, runner])],
    close: async () => void (await Promise.all(workers.map(({ worker }) => worker.terminate()))),
  };
}

/** Files in this thread, with a turn for the messages of others between two of them. */
export function localRunner(): FileRunner {
  const builtIns = testBuiltIns();
  return async (file, options) => {
    const outcome = await runFile(file, options, builtIns);
    await new Promise((resolve) => setImmediate(resolve));
    return outcome;
  };
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
  const builtIns = testBuiltIns();
  let last: Promise<void> = Promise.resolve();
  parentPort!.on('message', ({ id, file, options }: FileRequest) => {
    last = last.then(async () => {
      const answer: FileAnswer = { id, outcome: await runFile(file, options, builtIns) };
      parentPort!.postMessage(answer);
    });
  });
}

function startWorker(): { readonly worker: Worker; readonly runner: FileRunner } {
  const worker = new Worker(WORKER_SCRIPT, { eval: true, workerData: join(import.meta.dirname, 'load-cli.cjs') });
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
