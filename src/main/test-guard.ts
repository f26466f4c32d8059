import { isMainThread } from 'node:worker_threads';
import { NeverEnds, type Place, type RecordGuard } from '../tools/sqltest/index.ts';
import { NoteBoard } from './note-board.ts';

/** Longest wait a timer knows. */
const LIMIT_MS_MAX = 2 ** 31 - 1;

/**
 * Fails what has no end where it stands: in the main thread at once when there is nothing left that could go on, and anywhere when it takes longer than the
 * limit. While a loop holds the thread no timer comes: for that case the place is on a board that another thread reads.
 */
export class TestGuard implements RecordGuard {
  readonly #limitMs: number;
  readonly #board: NoteBoard;
  #giveUp: ((reason: NeverEnds) => void) | null = null;
  /** One for all records, begun anew with each: where nothing is watched it does nothing. */
  readonly #timer: NodeJS.Timeout;
  readonly #idle = (): void =>
    this.#giveUp?.(
      new NeverEnds(
        'waits for something that cannot come\nHINT: What streams for ever has to end by itself here: LIMIT, or UP TO for a subscription.',
      ),
    );

  constructor(limitSeconds: number, board = new NoteBoard()) {
    this.#limitMs = Math.min(limitSeconds * 1000, LIMIT_MS_MAX);
    this.#board = board;
    this.#timer = setTimeout(() => this.#giveUp?.(new NeverEnds(`not over after ${this.#limitMs / 1000} s`)), this.#limitMs).unref();
    // A worker waits for its next message, and is never idle in this sense.
    if (isMainThread) process.on('beforeExit', this.#idle);
  }

  async watch<T>({ file, line }: Place, work: () => Promise<T>): Promise<T> {
    this.#board.begin(`${file}:${line}`);
    this.#timer.refresh();
    const never = new Promise<never>((_, reject) => {
      this.#giveUp = reject;
    });
    try {
      return await Promise.race([work(), never]);
    } finally {
      this.#giveUp = null;
      this.#board.end();
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    process.off('beforeExit', this.#idle);
  }
}
