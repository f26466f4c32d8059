import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Text on its way out. Waits while the reader behind it is slow; says nothing once that reader is gone. */
export class TextSink {
  readonly #stream: Writable;
  #gone = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', () => {
      this.#gone = true;
    });
  }

  /** The reader went away (a closed pipe): there is nobody to print for. */
  get gone(): boolean {
    return this.#gone;
  }

  async write(text: string | Uint8Array): Promise<void> {
    if (this.#gone || text.length === 0) return;
    if (this.#stream.write(text)) return;
    const settled = new AbortController();
    const { signal } = settled;
    const events = ['drain', 'close', 'error'].map((event) => once(this.#stream, event, { signal }).catch(() => undefined));
    await Promise.race(events);
    settled.abort();
  }

  /** Ends the stream and waits until all of it is written. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
  }
}
