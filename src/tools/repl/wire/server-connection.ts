import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { serialize } from 'pg-protocol';
import type { BackendMessage } from './backend-message.ts';
import { MessageQueue } from './message-queue.ts';
import type { ResultReceiver } from './result-receiver.ts';
import { ConnectionLostError, ServerError, type ServerMessage, serverMessageOf } from './server-error.ts';

/** Opens a byte stream to the server: a socket, or a pair of streams in this process. */
export type Dial = () => Promise<Duplex>;

export interface ConnectionOptions {
  readonly dial: Dial;
  readonly user: string;
  readonly database: string;
  readonly onNotice: (notice: ServerMessage) => void;
}

/** `I` idle, `T` in a transaction block, `E` in a failed one. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** Rows handed on at a time. */
const ROWS_MAX = 1024;

/** A client of the PostgreSQL protocol: simple queries, COPY both ways, notices, cancel. One query at a time. */
export class ServerConnection {
  readonly parameters = new Map<string, string>();
  readonly #options: ConnectionOptions;
  readonly #stream: Duplex;
  readonly #messages: MessageQueue;
  #processId = 0;
  #secretKey = 0;
  #status: TransactionStatus = 'I';

  private constructor(stream: Duplex, options: ConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#messages = new MessageQueue(stream);
  }

  /** Rejects with ServerError when the server refuses, with the dial's error when there is none. */
  static async open(options: ConnectionOptions): Promise<ServerConnection> {
    const connection = new ServerConnection(await options.dial(), options);
    await connection.#startup();
    return connection;
  }

  get transactionStatus(): TransactionStatus {
    return this.#status;
  }

  get processId(): number {
    return this.#processId;
  }

  /**
   * Runs every statement of a text. Rejects with ServerError once the server is ready again (what came before the error was received),
   * with ConnectionLostError when it is gone.
   */
  async run(text: string, receiver: ResultReceiver): Promise<void> {
    this.#stream.write(serialize.query(text));
    let failure: ServerError | null = null;
    for (;;) {
      const message = await this.#messages.next();
      switch (message.name) {
        case 'rowDescription':
          receiver.columns(message.fields.map((field) => ({ name: field.name, typeOid: field.dataTypeID })));
          await this.#readRows(receiver);
          break;
        case 'commandComplete':
          await receiver.complete(message.text);
          break;
        case 'emptyQuery':
          await receiver.complete('');
          break;
        case 'copyData':
          await receiver.copyOut(message.chunk);
          break;
        case 'copyInResponse':
          await this.#sendCopy(receiver.copyIn());
          break;
        case 'readyForQuery':
          this.#status = message.status as TransactionStatus;
          if (failure !== null) throw failure;
          return;
        case 'error':
          failure = new ServerError(serverMessageOf(message));
          if (failure.fields.severity === 'FATAL') throw failure;
          break;
        default:
          this.#note(message);
      }
    }
  }

  /** Asks the server to stop the running statement, on a connection of its own as the protocol wants it. */
  async cancel(): Promise<void> {
    const stream = await this.#options.dial();
    stream.on('error', () => undefined);
    stream.end(serialize.cancel(this.#processId, this.#secretKey));
    stream.resume();
    if (!stream.closed) await once(stream, 'close');
  }

  close(): void {
    this.#stream.end(serialize.end());
  }

  async #startup(): Promise<void> {
    const { user, database } = this.#options;
    this.#stream.write(serialize.startup({ user, database, application_name: 'fsql', client_encoding: 'UTF8' }));
    for (;;) {
      const message = await this.#messages.next();
      if (message.name === 'readyForQuery') {
        this.#status = message.status as TransactionStatus;
        return;
      }
      if (message.name === 'error') throw new ServerError(serverMessageOf(message));
      if (message.name === 'backendKeyData') {
        this.#processId = message.processID;
        this.#secretKey = message.secretKey;
      } else if (message.name.startsWith('authentication') && message.name !== 'authenticationOk') {
        this.#stream.destroy();
        throw new ConnectionLostError('the server asks for a password, which this client cannot give');
      } else this.#note(message);
    }
  }

  /** Rows as many at a time as have arrived; stops at the first message that is none, which stays for `run`. */
  async #readRows(receiver: ResultReceiver): Promise<void> {
    for (;;) {
      let message: BackendMessage | null = await this.#messages.next();
      const rows: (readonly (string | null)[])[] = [];
      while (message !== null && message.name === 'dataRow' && rows.push(message.fields) < ROWS_MAX) message = this.#messages.take();
      if (rows.length > 0) await receiver.rows(rows);
      if (message === null || message.name === 'dataRow') continue;
      if (message.name !== 'notice' && message.name !== 'parameterStatus') return this.#messages.putBack(message);
      this.#note(message);
    }
  }

  async #sendCopy(data: AsyncIterable<string | Uint8Array>): Promise<void> {
    try {
      for await (const piece of data) {
        // Once the server has refused the data, the rest is read from its source but goes nowhere.
        if (this.#messages.hasError()) continue;
        const room = this.#stream.write(serialize.copyData(Buffer.from(piece)));
        if (!room) await Promise.race([once(this.#stream, 'drain'), once(this.#stream, 'close')]);
      }
      this.#stream.write(serialize.copyDone());
    } catch (error) {
      this.#stream.write(serialize.copyFail(error instanceof Error ? error.message : String(error)));
    }
  }

  #note(message: BackendMessage): void {
    if (message.name === 'notice') this.#options.onNotice(serverMessageOf(message));
    if (message.name === 'parameterStatus') this.parameters.set(message.parameterName, message.parameterValue);
  }
}
