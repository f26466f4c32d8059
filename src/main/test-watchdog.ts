/**
 * A thread beside those that run test files: one of them that a loop holds cannot say so itself. It names what has been under way for too long and ends the
 * whole process, since a loop leaves no other way out of the main thread.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NoteBoard } from './note-board.ts';

export interface WatchdogData {
  /** Of the boards to read. */
  readonly boards: readonly SharedArrayBuffer[];
  readonly limitSeconds: number;
}

const LOOK_MS = 500;
/** What is not in a loop fails by itself, which leaves the other files their chance. */
const GRACE_MS = 5_000;
const STANDARD_ERROR = 2;

const { boards, limitSeconds } = workerData as WatchdogData;
const watched = boards.map((memory) => ({ board: new NoteBoard(memory), count: 0, sinceMs: performance.now() }));

/** Any message is the end of the run. */
parentPort!.once('message', () => process.exit());

setInterval(() => {
  for (const one of watched) {
    const { count } = one.board;
    if (count !== one.count) Object.assign(one, { count, sinceMs: performance.now() });
    const isBusy = count % 2 === 1;
    if (!isBusy || performance.now() - one.sinceMs < limitSeconds * 1000 + GRACE_MS) continue;
    writeSync(
      STANDARD_ERROR,
      `FAILED ${one.board.text}: not over after ${limitSeconds} s, and in a loop that cannot be interrupted; the run ends here\n`,
    );
    process.kill(process.pid, 'SIGKILL');
  }
}, LOOK_MS);
