import type { Clock, Connection, ConnectionEvents, Network, NetworkListener, Random, ServerAddress } from '../../base/index.ts';
import type { ProcessLife } from './process-life.ts';

/** A process on the network. Several may have lived on one host, one after another, and even at once. */
export interface NetworkPlace {
  readonly host: string;
  readonly life: ProcessLife;
}

interface Listening extends NetworkPlace {
  readonly accept: (connection: Connection) => void;
}

/** A machine that cannot be reached does not say no. */
const CONNECT_MS_MAX = 10_000;
const CALM_MS_MAX = 2;
/** One delivery in so many comes in two pieces. */
const CUT_SHARE = 6;
const FIRST_FREE_PORT = 40_000;

/** TCP between the processes of the world: bytes keep their order, take time, wait while two hosts do not see each other, and are lost only with their connection. */
export class SimulatedNetwork {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #listeners = new Map<string, Listening>();
  readonly #pipes = new Set<Pipe>();
  /** Pairs of hosts of which the first does not reach the second. */
  readonly #parted = new Set<string>();
  #lastPort = FIRST_FREE_PORT;
  /** Bytes take at most so long. */
  delayMsMax = CALM_MS_MAX;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The network as one process has it. */
  of(place: NetworkPlace): Network {
    return {
      listen: (address, accept) => this.#listen(place, address, accept),
      connect: (address) => place.life.outside(() => this.#connect(place, address)),
    };
  }

  /** Nothing goes from one host to the other any more. */
  part(from: string, to: string): void {
    this.#parted.add(`${from}>${to}`);
  }

  isParted(from: string, to: string): boolean {
    return this.#parted.has(`${from}>${to}`);
  }

  join(from: string, to: string): void {
    this.#parted.delete(`${from}>${to}`);
    for (const pipe of this.#pipes) pipe.deliverSoon();
  }

  calm(): void {
    this.delayMsMax = CALM_MS_MAX;
  }

  /** All hosts reach each other, without delay. */
  heal(): void {
    this.calm();
    this.#parted.clear();
    for (const pipe of this.#pipes) pipe.deliverSoon();
  }

  /** Breaks some of the connections: both ends learn of it, and what was under way is lost. */
  breakSome(share: number): void {
    for (const pipe of [...this.#pipes]) if (this.#random.nextInt(share) === 0) pipe.break(new Error('read ECONNRESET'));
  }

  async #listen(place: NetworkPlace, { host, port }: ServerAddress, accept: (connection: Connection) => void): Promise<NetworkListener> {
    const address = { host, port: port === 0 ? ++this.#lastPort : port };
    const name = nameOf(address);
    const listening = { ...place, accept };
    this.#listeners.set(name, listening);
    const end = (): void => {
      if (this.#listeners.get(name) === listening) this.#listeners.delete(name);
    };
    place.life.onKill(end);
    return { address, close: async () => end() };
  }

  async #connect(from: NetworkPlace, address: ServerAddress): Promise<Connection> {
    const untilMs = this.#clock.monotonicMs() + CONNECT_MS_MAX;
    do await this.#pass(1 + this.#random.nextInt(this.delayMsMax));
    while (this.#isSilent(from.host, address.host) && this.#clock.monotonicMs() < untilMs);
    if (this.#isSilent(from.host, address.host)) throw new Error(`no answer within ${CONNECT_MS_MAX} ms`);
    const to = this.#listeners.get(nameOf(address));
    if (to === undefined) throw new Error(`connect ECONNREFUSED ${nameOf(address)}`);
    const there = this.#pipe(from, to);
    const back = this.#pipe(to, from);
    there.other = back;
    back.other = there;
    const caller = `${from.host}:${++this.#lastPort}`;
    to.life.happens(() => to.accept(endOf(back, there, caller)));
    return endOf(there, back, nameOf(address));
  }

  #isSilent(from: string, to: string): boolean {
    return this.isParted(from, to) || this.isParted(to, from);
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }

  #pipe(from: NetworkPlace, to: NetworkPlace): Pipe {
    const pipe: Pipe = new Pipe({
      from,
      to,
      soon: (run) => this.#clock.after(this.#random.nextInt(this.delayMsMax + 1), run),
      passes: () => !this.isParted(from.host, to.host),
      cut: (length) => (this.#random.nextInt(CUT_SHARE) === 0 ? 1 + this.#random.nextInt(length) : length),
      done: () => this.#pipes.delete(pipe),
    });
    this.#pipes.add(pipe);
    return pipe;
  }
}

interface PipeParts {
  readonly from: NetworkPlace;
  readonly to: NetworkPlace;
  /** Runs something when bytes sent now arrive. */
  readonly soon: (run: () => void) => void;
  readonly passes: () => boolean;
  /** Of so many bytes so many come first. */
  readonly cut: (length: number) => number;
  readonly done: () => void;
}

/** One direction of a connection. */
class Pipe {
  readonly #parts: PipeParts;
  #events: ConnectionEvents | null = null;
  #waiting: Uint8Array[] = [];
  #end: { readonly error: Error | null } | null = null;
  #scheduled = false;
  #closed = false;
  other: Pipe | null = null;

  constructor(parts: PipeParts) {
    this.#parts = parts;
    // The kernel of a killed process closes what it had open.
    parts.from.life.onKill(() => this.end(new Error('read ECONNRESET')));
    parts.to.life.onKill(() => this.#close());
  }

  send(bytes: Uint8Array): void {
    if (this.#end !== null || this.#parts.from.life.killed) return;
    this.#waiting.push(bytes.slice());
    this.deliverSoon();
  }

  receive(events: ConnectionEvents): void {
    this.#events = events;
    this.deliverSoon();
  }

  end(error: Error | null): void {
    this.#end ??= { error };
    this.deliverSoon();
  }

  break(error: Error): void {
    for (const pipe of [this, this.other]) {
      if (pipe === null) continue;
      pipe.#waiting = [];
      pipe.end(error);
    }
  }

  deliverSoon(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    this.#parts.soon(() => {
      this.#scheduled = false;
      this.#parts.to.life.happens(this.#deliver);
    });
  }

  /** All that has come; what does not pass comes when it does. */
  readonly #deliver = (): void => {
    if (this.#events === null || this.#closed || !this.#parts.passes()) return;
    const pieces = this.#waiting.splice(0);
    for (const piece of pieces) {
      const cut = this.#parts.cut(piece.length);
      this.#events.data(piece.subarray(0, cut));
      if (cut < piece.length) this.#events.data(piece.subarray(cut));
    }
    if (this.#end === null || this.#waiting.length > 0) return;
    const { error } = this.#end;
    this.#close();
    this.#events.closed(error);
  };

  #close(): void {
    this.#closed = true;
    this.#parts.done();
  }
}

function endOf(out: Pipe, incoming: Pipe, remote: string): Connection {
  return {
    remote,
    send: (bytes) => out.send(bytes),
    receive: (events) => incoming.receive(events),
    close: () => {
      out.end(null);
      incoming.end(null);
    },
  };
}

function nameOf({ host, port }: ServerAddress): string {
  return `${host}:${port}`;
}
