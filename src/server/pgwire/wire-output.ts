import type { Duplex } from 'node:stream';
import { CHUNK_BYTES, WireBuffer } from './wire-buffer.ts';

/**
 * The sending side of a connection: messages collect in `buffer` and leave it by `flush`. A producer of many messages calls
 * `flushIfFull` between them and then waits for `drained` when it says so, which bounds memory to a few chunks for each connection.
 */
export class WireOutput {
  readonly buffer = new WireBuffer();
  readonly #stream: Duplex;
  #bytesSent = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  get needsDrain(): boolean {
    return this.#stream.writableNeedDrain && !this.#stream.destroyed;
  }

  flush(): void {
    if (this.buffer.position === 0) return;
    const bytes = this.buffer.take();
    this.#bytesSent += bytes.length;
    if (this.#stream.writable) this.#stream.write(bytes);
  }

  /** Sends a full chunk; true when the producer has to wait for `drained`. */
  flushIfFull(): boolean {
    if (this.buffer.position >= CHUNK_BYTES) this.flush();
    return this.needsDrain;
  }

  /** Resolves when the client has taken what was sent, or is gone. */
  drained(): Promise<void> {
    const stream = this.#stream;
    if (!this.needsDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        stream.off('drain', finish);
        stream.off('close', finish);
        resolve();
      };
      stream.on('drain', finish);
      stream.on('close', finish);
    });
  }
}
