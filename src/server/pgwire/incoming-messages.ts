import type { Duplex } from 'node:stream';
import { FrontendDecoder } from './frontend-decoder.ts';
import type { FrontendMessage, StartupPacket } from './frontend-message.ts';

/** Whole messages waiting beyond this many bytes stop the reading: a client that pipelines is slowed by TCP, not kept in memory. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/** Each is called at most once. */
export interface GoneListener {
  /** The client sends nothing more; what it has sent is still served. */
  halfClosed(): void;
  /** The connection is closed or broken. */
  gone(): void;
}

/** The receiving side of a connection: messages in order, one at a time, null at the end. */
export class IncomingMessages {
  readonly #stream: Duplex;
  readonly #decoder = new FrontendDecoder();
  readonly #listener: GoneListener;
  #halfClosed = false;
  #gone = false;
  #stopped = false;
  readonly #waiting: (() => void)[] = [];

  constructor(stream: Duplex, listener: GoneListener) {
    this.#stream = stream;
    this.#listener = listener;
    stream.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    stream.on('end', () => this.#finishReading());
    stream.on('close', () => this.#finish());
    stream.on('error', () => this.#finish());
  }

  /** The next message; null at the end. Throws FramingError where the bytes make no sense any more. */
  async next(): Promise<FrontendMessage | null> {
    for (;;) {
      const message = this.take();
      if (message !== undefined) return message;
      await this.ready();
    }
  }

  /** The next message if it is there already, null at the end, undefined when `ready` has to be waited for. */
  take(): FrontendMessage | null | undefined {
    return this.#take(() => this.#decoder.nextMessage());
  }

  async nextStartupPacket(): Promise<StartupPacket | null> {
    for (;;) {
      const packet = this.#take(() => this.#decoder.nextStartupPacket());
      if (packet !== undefined) return packet;
      await this.ready();
    }
  }

  /** Resolves when more has arrived or nothing will. Giving up the wait loses nothing. */
  ready(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** No message will be read any more: a waiting reader gets null. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  #take<Message>(decode: () => Message | null): Message | null | undefined {
    if (this.#stopped || this.#gone) return null;
    const message = decode();
    if (this.#decoder.bufferedBytes < BUFFERED_BYTES_MAX && this.#stream.isPaused()) this.#stream.resume();
    if (message !== null) return message;
    return this.#halfClosed ? null : undefined;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#decoder.push(bytes);
    if (this.#decoder.bufferedBytes > BUFFERED_BYTES_MAX && this.#decoder.hasMessage) this.#stream.pause();
    this.#wake();
  }

  #finishReading(): void {
    if (this.#halfClosed) return;
    this.#halfClosed = true;
    this.#listener.halfClosed();
    this.#wake();
  }

  #finish(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#listener.gone();
    this.#wake();
  }
}
