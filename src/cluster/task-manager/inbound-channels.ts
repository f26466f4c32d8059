import { ByteReader, type SqlError } from '../../base/index.ts';
import type { BellPull, Ring } from '../../runtime/index.ts';
import { type FramedConnection, violation } from '../rpc/index.ts';
import { CLOSE, creditFrame, DATA, DATA_HEADER_BYTES, OPEN } from './channel-frames.ts';

/** Room is granted in shares of the ring, so that a byte read is not a frame sent. */
const GRANT_SHARE = 4;

interface InboundChannel {
  readonly ring: Ring;
  readonly receiver: BellPull;
  /** The connection it comes over, once that has opened it. */
  link: InboundLink | null;
  number: number;
  /** Granted, and not received yet. */
  outstanding: number;
}

interface InboundLink {
  readonly from: string;
  readonly connection: FramedConnection;
  /** Ids by number; a channel may be opened here before its receiver is deployed. */
  readonly opened: Map<number, string>;
}

/** Channels that lead into this process. A sender may send what its channel's ring has room for; bytes for a channel that is over are dropped. */
export class InboundChannels {
  readonly #channels = new Map<string, InboundChannel>();
  readonly #links = new Set<InboundLink>();
  readonly #wake: () => void;
  readonly #lost: (channels: readonly string[], error: SqlError) => void;
  /** Frames of channels that are over. */
  staleFrames = 0;

  constructor(options: { readonly wake: () => void; readonly lost: (channels: readonly string[], error: SqlError) => void }) {
    this.#wake = options.wake;
    this.#lost = options.lost;
  }

  /** A slot of this process reads the channel from `ring`. */
  add(id: string, ring: Ring, receiver: BellPull): void {
    const channel: InboundChannel = { ring, receiver, link: null, number: 0, outstanding: 0 };
    this.#channels.set(id, channel);
    for (const link of this.#links) for (const [number, opened] of link.opened) if (opened === id) this.#join(channel, link, number);
  }

  forget(prefix: string): void {
    for (const id of this.#channels.keys()) if (id.startsWith(prefix)) this.#channels.delete(id);
  }

  accept(from: string, connection: FramedConnection): void {
    const link: InboundLink = { from, connection, opened: new Map() };
    this.#links.add(link);
    connection.start({
      frame: (kind, payload) => this.#receive(link, kind, payload),
      closed: (error) => this.#closed(link, error),
    });
  }

  closeFrom(isGone: (host: string) => boolean, reason: SqlError): void {
    for (const link of [...this.#links]) if (isGone(link.from)) link.connection.close(reason);
  }

  /** Grants the room that readers have made; true when there was some. */
  grant(): boolean {
    let granted = false;
    for (const channel of this.#channels.values()) {
      const { link, ring, number } = channel;
      if (link === null || !roomToGrant(channel)) continue;
      const room = ring.free() - channel.outstanding;
      channel.outstanding += room;
      link.connection.sendSealed(creditFrame(number, room));
      granted = true;
    }
    return granted;
  }

  #receive(link: InboundLink, kind: number, payload: Uint8Array): void {
    const reader = new ByteReader(payload);
    const number = reader.uint32();
    if (kind === DATA) this.#take(link, number, payload);
    else if (kind === OPEN) {
      const id = new TextDecoder().decode(payload.subarray(DATA_HEADER_BYTES));
      link.opened.set(number, id);
      const channel = this.#channels.get(id);
      if (channel !== undefined) this.#join(channel, link, number);
    } else if (kind === CLOSE) link.opened.delete(number);
    else throw violation(`There is no frame of kind ${kind}.`);
  }

  #take(link: InboundLink, number: number, payload: Uint8Array): void {
    const channel = this.#channels.get(link.opened.get(number) ?? '');
    if (channel === undefined || channel.link !== link) {
      this.staleFrames++;
      return;
    }
    const count = payload.length - DATA_HEADER_BYTES;
    if (count > channel.outstanding) throw violation(`A channel brought ${count} bytes, ${channel.outstanding} were granted.`);
    channel.ring.write(payload, DATA_HEADER_BYTES);
    channel.outstanding -= count;
    if (roomToGrant(channel)) this.#wake();
    channel.receiver.ring();
  }

  #join(channel: InboundChannel, link: InboundLink, number: number): void {
    channel.link = link;
    channel.number = number;
    this.#wake();
  }

  #closed(link: InboundLink, error: SqlError): void {
    this.#links.delete(link);
    const lost = [...this.#channels].filter(([, channel]) => channel.link === link).map(([id]) => id);
    for (const id of lost) this.#channels.delete(id);
    if (lost.length > 0) this.#lost(lost, error);
  }
}

/** Whether there is a share that can be granted; if not, the reader rings, or the next bytes tell, when there is. */
function roomToGrant({ ring, outstanding }: InboundChannel): boolean {
  const wanted = outstanding + ring.capacity / GRANT_SHARE;
  if (wanted > ring.capacity) return false;
  ring.requestRoom(wanted);
  return ring.free() >= wanted;
}
