import { type AddressInfo, connect, type Socket } from 'node:net';
import { Parser } from 'pg-protocol/dist/parser.js';

export interface WireMessage {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** A client that sends bytes and shows the messages that come back, parsed by pg-protocol. */
export class WireClient {
  readonly socket: Socket;
  readonly messages: WireMessage[] = [];
  closed = false;
  #wake: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    const parser = new Parser();
    socket.on('data', (bytes) => {
      parser.parse(bytes, (message: unknown) => this.messages.push(message as WireMessage));
      this.#notify();
    });
    socket.on('close', () => {
      this.closed = true;
      this.#notify();
    });
    socket.on('error', () => undefined);
  }

  static async open(address: Pick<AddressInfo, 'port'>): Promise<WireClient> {
    const socket = connect({ host: '127.0.0.1', port: address.port, noDelay: true });
    const client = new WireClient(socket);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return client;
  }

  send(...parts: (Uint8Array | Buffer)[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Messages up to and with the first of that name; they are taken out of `messages`. */
  async until(name: string): Promise<WireMessage[]> {
    for (;;) {
      const index = this.messages.findIndex((message) => message.name === name);
      if (index >= 0) return this.messages.splice(0, index + 1);
      if (this.closed) throw new Error(`closed before ${name}: ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async untilClosed(): Promise<WireMessage[]> {
    while (!this.closed) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.messages.splice(0);
  }

  end(): void {
    this.socket.destroy();
  }

  #notify(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }
}
