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
  readonly #idle = (): void =>
    this.#giveUp?.(
      new NeverEnds(
        'waits for something that cannot come\nHINT: What streams for ever has to end by itself here: LIMIT, or UP TO for a subscription.',
      ),
    );

  constructor(limitSeconds: number, board = new NoteBoard()) {
    this.#limitMs = Math.min(limitSeconds * 1000, LIMIT_MS_MAX);
    this.#board = board;
    // A worker waits for its next message, and is never idle in this sense.
    if (isMainThread) process.on('beforeExit', this.#idle);
  }

  async watch<T>({ file, line }: Place, work: () => Promise<T>): Promise<T> {
    this.#board.begin(`${file}:${line}`);
    let timer: NodeJS.Timeout | undefined;
    const never = new Promise<never>((_, reject) => {
      this.#giveUp = reject;
      timer = setTimeout(() => reject(new NeverEnds(`not over after ${this.#limitMs / 1000} s`)), this.#limitMs);
      timer.unref();
    });
    try {
      return await Promise.race([work(), never]);
    } finally {
      clearTimeout(timer);
      this.#giveUp = null;
      this.#board.end();
    }
  }

  close(): void {
    process.off('beforeExit', this.#idle);
  }
}
