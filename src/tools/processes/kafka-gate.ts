import { connect, createServer, type Server, type Socket } from 'node:net';

/** A whole request or answer on its way, by Kafka's number of the request type. */
export interface PassingFrame {
  readonly side: 'request' | 'answer';
  readonly api: number;
  /** From its length on. */
  readonly bytes: Buffer;
}

/** Numbers of request types (kafka.apache.org/protocol, "Api Keys"). */
export const KafkaApi = {
  produce: 0,
  metadata: 3,
  findCoordinator: 10,
  apiVersions: 18,
  initProducerId: 22,
  addPartitionsToTransaction: 24,
  endTransaction: 26,
} as const;

const HOST = '127.0.0.1';
/** length INT32, then of a request api_key INT16, api_version INT16, correlation_id INT32, of an answer correlation_id INT32. */
const FramePosition = { api: 4, requestCorrelation: 8, answerCorrelation: 4, answer: 8 } as const;
const NO_VERSION = 99;

/**
 * Stands between a client and one broker and sees every request and answer before it is passed on, so that a test can do something at a step of the protocol
 * without the client knowing of any test. Answers that name the broker's address name the gate's instead.
 */
export class KafkaGate {
  readonly #server: Server;
  readonly #brokerPort: number;
  readonly #sockets = new Set<Socket>();
  /** False: the frame does not get through, and all connections break. A promise: it gets through when that resolves. */
  watch: (frame: PassingFrame) => boolean | Promise<void> = () => true;
  /** A request type the broker seems not to understand in any version that exists. */
  hidden: number | null = null;

  static async start(bootstrapServers: string): Promise<KafkaGate> {
    const gate = new KafkaGate(Number(bootstrapServers.split(':').at(-1)));
    await new Promise<void>((resolve) => gate.#server.listen(0, HOST, resolve));
    return gate;
  }

  private constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
    this.#server = createServer((client) => this.#join(client));
  }

  get servers(): string {
    return `${HOST}:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(client: Socket): void {
    const broker = connect(this.#brokerPort, HOST);
    const apis = new Map<number, number>();
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    client.on(
      'data',
      frames((frame) => {
        const api = frame.readInt16BE(FramePosition.api);
        apis.set(frame.readInt32BE(FramePosition.requestCorrelation), api);
        this.#pass(broker, { side: 'request', api, bytes: frame });
      }),
    );
    broker.on(
      'data',
      frames((frame) => {
        const api = apis.get(frame.readInt32BE(FramePosition.answerCorrelation)) ?? -1;
        if (api === KafkaApi.metadata || api === KafkaApi.findCoordinator) this.#readdress(frame);
        if (api === KafkaApi.apiVersions) this.#hide(frame);
        this.#pass(client, { side: 'answer', api, bytes: frame });
      }),
    );
  }

  #pass(to: Socket, frame: PassingFrame): void {
    if (to.destroyed) return;
    const fate = this.watch(frame);
    if (fate === false) this.cut();
    else if (fate === true) to.write(frame.bytes);
    else void fate.then(() => to.write(frame.bytes));
  }

  /** Before the compact versions: error_code INT16, [api_key INT16, min_version INT16, max_version INT16]. */
  #hide(frame: Buffer): void {
    for (let at = FramePosition.answer + 6; at + 6 <= frame.length; at += 6) {
      if (frame.readInt16BE(at) !== this.hidden) continue;
      frame.writeInt16BE(NO_VERSION, at + 2);
      frame.writeInt16BE(NO_VERSION, at + 4);
      return;
    }
  }

  /** host STRING, port INT32 in place: another port is as long. */
  #readdress(frame: Buffer): void {
    const host = Buffer.from(`\0${String.fromCharCode(HOST.length)}${HOST}`, 'latin1');
    for (let at = frame.indexOf(host); at >= 0; at = frame.indexOf(host, at + host.length)) {
      const port = at + host.length;
      if (frame.readInt32BE(port) === this.#brokerPort) frame.writeInt32BE(this.#port, port);
    }
  }
}

/** Puts whole frames together. */
function frames(whole: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      whole(Buffer.from(rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
  };
}
