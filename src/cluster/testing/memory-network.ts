import type { Connection, ConnectionEvents, Network, Random, ServerAddress } from '../../base/index.ts';

/** One direction of a connection: bytes wait until the receiver listens, and come in pieces of chance. */
class Pipe {
  readonly #random: Random;
  #events: ConnectionEvents | null = null;
  #waiting: Uint8Array[] = [];
  #ended = false;
  #closed = false;
  #scheduled = false;
  /** Nothing is delivered while it holds. */
  held = false;

  constructor(random: Random) {
    this.#random = random;
  }

  send(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#waiting.push(bytes.slice());
    this.deliverSoon();
  }

  receive(events: ConnectionEvents): void {
    this.#events = events;
    this.deliverSoon();
  }

  end(): void {
    this.#ended = true;
    this.deliverSoon();
  }

  deliverSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    void Promise.resolve().then(() => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    if (this.#events === null || this.held || this.#closed) return;
    const piece = this.#waiting.shift();
    if (piece !== undefined) {
      const cut = 1 + this.#random.nextInt(piece.length);
      if (cut < piece.length) this.#waiting.unshift(piece.subarray(cut));
      this.#events.data(piece.subarray(0, cut));
      this.deliverSoon();
    } else if (this.#ended) {
      this.#closed = true;
      this.#events.closed(null);
    }
  }
}

/** A network inside one thread. Bytes keep their order and arrive in pieces that a seed decides. */
export class MemoryNetwork implements Network {
  readonly #random: Random;
  readonly #listeners = new Map<number, (connection: Connection) => void>();
  readonly #pipes: Pipe[] = [];
  #lastPort = 40_000;

  constructor(random: Random) {
    this.#random = random;
  }

  async listen({ host, port }: ServerAddress, accept: (connection: Connection) => void) {
    const bound = port === 0 ? ++this.#lastPort : port;
    this.#listeners.set(bound, accept);
    return { address: { host, port: bound }, close: async () => void this.#listeners.delete(bound) };
  }

  async connect({ host, port }: ServerAddress): Promise<Connection> {
    const accept = this.#listeners.get(port);
    if (accept === undefined) throw new Error(`connect ECONNREFUSED ${host}:${port}`);
    const [there, back] = [new Pipe(this.#random), new Pipe(this.#random)];
    this.#pipes.push(there, back);
    const remote = `${host}:${port}`;
    accept(end(back, there, `${host}:${++this.#lastPort}`));
    return end(there, back, remote);
  }

  /** Holds every byte under way back, or lets all go on. */
  hold(held: boolean): void {
    for (const pipe of this.#pipes) {
      pipe.held = held;
      pipe.deliverSoon();
    }
  }

  /** Breaks every connection there is. */
  cut(): void {
    for (const pipe of this.#pipes) pipe.end();
  }
}

function end(out: Pipe, incoming: Pipe, remote: string): Connection {
  return {
    remote,
    send: (bytes) => out.send(bytes),
    receive: (events) => incoming.receive(events),
    close: () => {
      out.end();
      incoming.end();
    },
  };
}
