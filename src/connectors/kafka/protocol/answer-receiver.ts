import type { ReceiveBuffers } from './receive-buffers.ts';

/** Answers up to this size are received together and handed on as copies. */
const SMALL_BYTES = 64 * 1024;
/** Every answer begins with its length, which does not count these four bytes. */
const LENGTH_BYTES = 4;
/** No broker sends as much; a length beyond it is no length. */
const ANSWER_BYTES_MAX = 1024 * 1024 * 1024;

export interface ReceivedAnswers {
  /** A whole answer with its length. The bytes are the receiver's own, or, of a large one, in a receive buffer. */
  readonly answer: (bytes: Buffer, large: boolean) => void;
  /** What came is no answer. */
  readonly damaged: (lengthBytes: number) => void;
}

/** Cuts what a socket receives into answers; a large one is received where it stays, without a copy. */
export class AnswerReceiver {
  readonly #buffers: ReceiveBuffers;
  readonly #received: ReceivedAnswers;
  readonly #small = Buffer.allocUnsafeSlow(SMALL_BYTES);
  #smallFilled = 0;
  #large: Buffer | null = null;
  #largeFilled = 0;

  constructor(buffers: ReceiveBuffers, received: ReceivedAnswers) {
    this.#buffers = buffers;
    this.#received = received;
  }

  /** Where the next bytes have to be put; never empty. */
  target(): Uint8Array {
    return this.#large === null ? this.#small.subarray(this.#smallFilled) : this.#large.subarray(this.#largeFilled);
  }

  /** So many bytes have been put into the target. */
  filled(byteCount: number): void {
    if (this.#large === null) {
      this.#smallFilled += byteCount;
      this.#takeSmall();
      return;
    }
    this.#largeFilled += byteCount;
    if (this.#largeFilled < this.#large.length) return;
    const answer = this.#large;
    this.#large = null;
    this.#received.answer(answer, true);
  }

  #takeSmall(): void {
    const small = this.#small;
    const filled = this.#smallFilled;
    let at = 0;
    while (at + LENGTH_BYTES <= filled) {
      const length = small.readInt32BE(at);
      const size = LENGTH_BYTES + length;
      if (length < 0 || size > ANSWER_BYTES_MAX) {
        this.#received.damaged(length);
        return;
      }
      if (size > SMALL_BYTES) {
        this.#beginLarge(size, small.subarray(at, filled));
        at = filled;
      } else if (at + size > filled) break;
      else {
        this.#received.answer(Buffer.from(small.subarray(at, at + size)), false);
        at += size;
      }
    }
    small.copyWithin(0, at, filled);
    this.#smallFilled = filled - at;
  }

  #beginLarge(size: number, begun: Uint8Array): void {
    this.#large = this.#buffers.take(size).subarray(0, size);
    this.#large.set(begun);
    this.#largeFilled = begun.length;
  }
}
