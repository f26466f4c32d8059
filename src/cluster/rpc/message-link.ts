import { type Clock, SqlError, SqlState, type Timer } from '../../base/index.ts';
import { violation } from './frame.ts';
import { FRAME_BYTES_MAX, type FramedConnection } from './framed-connection.ts';
import { decodePlain, encodePlain } from './plain-codec.ts';

const PART = 16;
const LAST_PART = 17;
const HEARTBEAT = 18;

export interface MessageLinkOptions {
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly heartbeatTimeoutMs: number;
  /**
   * True: time in which this process itself did not run (it was stopped, or its machine slept) does not count against the other side. False: a process
   * that has slept for too long takes itself for lost, because the others do.
   */
  readonly forgivesOwnSleep: boolean;
}

export interface MessageEvents {
  message(message: unknown): void;
  closed(error: SqlError): void;
}

/** Messages of plain data over a connection, with heartbeats in both directions. Whatever arrives is a sign of life. */
export class MessageLink {
  readonly #link: FramedConnection;
  readonly #options: MessageLinkOptions;
  readonly #parts: Uint8Array[] = [];
  #timer: Timer | null = null;
  #heardMs: number;
  #tickMs: number;
  #heardMicros: bigint;

  constructor(link: FramedConnection, options: MessageLinkOptions) {
    this.#link = link;
    this.#options = options;
    this.#heardMs = options.clock.monotonicMs();
    this.#tickMs = this.#heardMs;
    this.#heardMicros = options.clock.nowMicros();
  }

  /** Wall clock of the last sign of life. */
  get heardMicros(): bigint {
    return this.#heardMicros;
  }

  /** Since the last sign of life, on the monotonic clock. */
  get silentMs(): number {
    return this.#options.clock.monotonicMs() - this.#heardMs;
  }

  start(events: MessageEvents): void {
    const { clock, heartbeatMs } = this.#options;
    this.#timer = clock.every(heartbeatMs, () => this.#beat());
    this.#link.start({
      frame: (kind, payload) => {
        this.#heardMs = clock.monotonicMs();
        this.#heardMicros = clock.nowMicros();
        if (kind === PART || kind === LAST_PART) this.#take(kind, payload, events);
        else if (kind !== HEARTBEAT) throw violation(`There is no frame of kind ${kind}.`);
      },
      closed: (error) => {
        this.#timer?.cancel();
        events.closed(error);
      },
    });
  }

  send(message: unknown): void {
    const bytes = encodePlain(message);
    let at = 0;
    for (; bytes.length - at > FRAME_BYTES_MAX; at += FRAME_BYTES_MAX) this.#link.send(PART, bytes.subarray(at, at + FRAME_BYTES_MAX));
    this.#link.send(LAST_PART, bytes.subarray(at));
  }

  close(reason: SqlError): void {
    this.#link.close(reason);
  }

  #take(kind: number, payload: Uint8Array, events: MessageEvents): void {
    this.#parts.push(payload);
    if (kind === PART) return;
    const parts = this.#parts.splice(0);
    const whole = parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
    events.message(decodePlain(whole));
  }

  #beat(): void {
    const { clock, heartbeatMs, heartbeatTimeoutMs, forgivesOwnSleep } = this.#options;
    const now = clock.monotonicMs();
    const slept = now - this.#tickMs - heartbeatMs;
    this.#tickMs = now;
    if (forgivesOwnSleep && slept > heartbeatMs) this.#heardMs += slept;
    if (now - this.#heardMs > heartbeatTimeoutMs) this.#link.close(silent(this.#link.remote, heartbeatTimeoutMs));
    else this.#link.send(HEARTBEAT, new Uint8Array(0));
  }
}

function silent(remote: string, timeoutMs: number): SqlError {
  const message = `no sign of life from ${remote} for ${timeoutMs} ms`;
  return new SqlError({ code: SqlState.connectionFailure, message, class: 'external' });
}
