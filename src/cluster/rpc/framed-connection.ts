import { type Connection, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { decodePreamble, encodeFrame, encodePreamble, FrameReader, PREAMBLE_BYTES, PROTOCOL_VERSION } from './frame.ts';

/** Who has called, and has not said yet who it is, may not send more at once. */
export const STRANGER_BYTES_MAX = 16 * 1024;
/** Larger messages travel in parts. */
export const FRAME_BYTES_MAX = 1024 * 1024;

export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

export interface FrameEvents {
  frame(kind: number, payload: Uint8Array): void;
  /** Called once: the connection is over. */
  closed(error: SqlError): void;
}

/** A connection that carries frames: says who it is, checks who the other side is, and hands frames over, first one by one, then as they come. */
export class FramedConnection {
  readonly remote: string;
  readonly #connection: Connection;
  readonly #reader: FrameReader;
  #preamble: Uint8Array | null = new Uint8Array(0);
  #version: number | null = null;
  #frames: Frame[] = [];
  #events: FrameEvents | null = null;
  #ended: SqlError | null = null;
  #wake: (() => void) | null = null;

  /** `payloadBytesMax` holds until `start`. */
  constructor(connection: Connection, payloadBytesMax: number) {
    this.#connection = connection;
    this.#reader = new FrameReader(payloadBytesMax);
    this.remote = connection.remote;
    connection.receive({
      data: (bytes) => this.#receive(bytes),
      closed: (error) => {
        if (this.#ended === null) this.#end(closedError(this.remote, error));
      },
    });
    connection.send(encodePreamble());
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Resolves when the other side has said that it speaks this protocol. Errors: 08P01 when it speaks another one, 08006 when it goes. */
  async greeted(): Promise<void> {
    await this.#until(() => this.#preamble === null);
    if (this.#version === PROTOCOL_VERSION) return;
    throw new SqlError({
      code: SqlState.protocolViolation,
      message: `${this.remote} speaks version ${this.#version} of the protocol between processes, this program speaks version ${PROTOCOL_VERSION}`,
      hint: 'Run the same version of fsql everywhere.',
    });
  }

  /** The next frame. Errors: 08006, 08P01 when there will be none. */
  async next(): Promise<Frame> {
    await this.#until(() => this.#frames.length > 0);
    return this.#frames.shift()!;
  }

  /** Both sides know each other: frames go to `events` from now on, those first that have come already. */
  start(events: FrameEvents): void {
    this.#reader.payloadBytesMax = FRAME_BYTES_MAX;
    this.#events = events;
    for (const { kind, payload } of this.#frames.splice(0)) events.frame(kind, payload);
    if (this.#ended !== null) events.closed(this.#ended);
  }

  send(kind: number, payload: Uint8Array): void {
    this.sendSealed(encodeFrame(kind, payload));
  }

  /** A frame of FrameBuilder.seal. */
  sendSealed(frame: Uint8Array): void {
    if (this.#ended === null) this.#connection.send(frame);
  }

  /** Ends it; `closed` is told why. */
  close(reason: SqlError): void {
    this.#end(reason);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#ended !== null) return;
    try {
      const rest = this.#preamble === null ? bytes : this.#readPreamble(bytes);
      this.#reader.push(rest, (kind, payload) => {
        if (this.#events === null) this.#frames.push({ kind, payload });
        else if (this.#ended === null) this.#events.frame(kind, payload);
      });
    } catch (error) {
      this.#end(toSqlError(error));
    }
    this.#woken();
  }

  #readPreamble(bytes: Uint8Array): Uint8Array {
    const before = this.#preamble!;
    const all = new Uint8Array(before.length + bytes.length);
    all.set(before);
    all.set(bytes, before.length);
    if (all.length < PREAMBLE_BYTES) {
      this.#preamble = all;
      return new Uint8Array(0);
    }
    const version = decodePreamble(all);
    if (version === null) throw notFsql(this.remote);
    this.#preamble = null;
    this.#version = version;
    return version === PROTOCOL_VERSION ? all.subarray(PREAMBLE_BYTES) : new Uint8Array(0);
  }

  async #until(test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.#ended !== null) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #end(reason: SqlError): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#connection.close();
    this.#events?.closed(reason);
    this.#woken();
  }

  #woken(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

function notFsql(remote: string): SqlError {
  return new SqlError({
    code: SqlState.protocolViolation,
    message: `${remote} does not speak the protocol between fsql's processes`,
    hint: 'The port for TaskManagers is the one of --listen-tasks, not the PostgreSQL or HTTP port; and either all processes use TLS (--tls-cert) or none.',
  });
}

function closedError(remote: string, error: Error | null): SqlError {
  return new SqlError({
    code: SqlState.connectionFailure,
    message: `the connection with ${remote} was closed`,
    detail: error?.message,
    class: 'external',
  });
}
