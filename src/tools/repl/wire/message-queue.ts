import type { Duplex } from 'node:stream';
import { Parser } from 'pg-protocol/dist/parser.js';
import type { BackendMessage } from './backend-message.ts';
import { ConnectionLostError } from './server-error.ts';

/** Messages waiting for the reader before the stream is told to pause: a slow terminal holds the server back, not the memory. */
const WAITING_MESSAGES_MAX = 4096;

/** The server's messages in order, read when the client is ready for them. */
export class MessageQueue {
  readonly #stream: Duplex;
  #waiting: BackendMessage[] = [];
  #next = 0;
  #failure: ConnectionLostError | null = null;
  #wake: (() => void) | null = null;

  constructor(stream: Duplex) {
    this.#stream = stream;
    const parser = new Parser();
    stream.on('data', (bytes: Buffer) => {
      try {
        parser.parse(bytes, (message) => this.#waiting.push(message as unknown as BackendMessage));
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
        stream.destroy();
      }
      if (this.#waiting.length - this.#next > WAITING_MESSAGES_MAX) stream.pause();
      this.#notify();
    });
    stream.on('error', (error: Error) => this.#fail(error.message));
    stream.on('end', () => this.#fail('server closed the connection unexpectedly'));
    stream.on('close', () => this.#fail('server closed the connection unexpectedly'));
  }

  /** A message if one is there already. */
  take(): BackendMessage | null {
    if (this.#next >= this.#waiting.length) return null;
    const message = this.#waiting[this.#next++]!;
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
      if (this.#stream.isPaused()) this.#stream.resume();
    }
    return message;
  }

  /** Makes a message that was taken the next one again. */
  putBack(message: BackendMessage): void {
    if (this.#next > 0) this.#waiting[--this.#next] = message;
    else this.#waiting.unshift(message);
  }

  /** The next message; rejects when the connection is gone and everything that came is read. */
  async next(): Promise<BackendMessage> {
    for (;;) {
      const message = this.take();
      if (message !== null) return message;
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** An error waits to be read: the server has stopped listening to what is being sent. */
  hasError(): boolean {
    return this.#failure !== null || this.#waiting.some((message, index) => index >= this.#next && message.name === 'error');
  }

  #fail(message: string): void {
    this.#failure ??= new ConnectionLostError(message);
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
