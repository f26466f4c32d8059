import { ByteReader, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { BellPull, Ring } from '../../runtime/index.ts';
import { FrameBuilder, type FramedConnection, violation } from '../rpc/index.ts';
import { CLOSE, CREDIT, closeFrame, DATA, DATA_BYTES_MAX, DATA_HEADER_BYTES, openFrame } from './channel-frames.ts';

export interface OutboundChannel {
  readonly id: string;
  readonly ring: Ring;
  readonly sender: BellPull;
}

interface OpenChannel extends OutboundChannel {
  /** Bytes the receiver has room for. */
  credit: number;
}

export interface OutboundLinkOptions {
  readonly dial: () => Promise<FramedConnection>;
  /** There may be something to send. */
  readonly wake: () => void;
  /** Channels broke with the connection. */
  readonly lost: (channels: readonly string[], error: SqlError) => void;
}

/** The channels that lead to one other process. What the receiver has granted room for is taken out of the rings; nothing else is sent, or kept. */
export class OutboundLink {
  readonly #options: OutboundLinkOptions;
  readonly #channels = new Map<number, OpenChannel>();
  #link: FramedConnection | null = null;
  #last = 0;
  #ended = false;

  constructor(options: OutboundLinkOptions) {
    this.#options = options;
    options.dial().then(
      (link) => this.#connected(link),
      (error: unknown) => this.#end(toSqlError(error)),
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  open(channel: OutboundChannel): void {
    const number = ++this.#last;
    this.#channels.set(number, { ...channel, credit: 0 });
    this.#link?.sendSealed(openFrame(number, channel.id));
  }

  forget(prefix: string): void {
    for (const [number, { id }] of this.#channels) {
      if (!id.startsWith(prefix)) continue;
      this.#channels.delete(number);
      this.#link?.sendSealed(closeFrame(number));
    }
  }

  /** Sends what may be sent; true when that was something. */
  pump(): boolean {
    if (this.#link === null) return false;
    let sent = false;
    for (const [number, channel] of this.#channels) {
      for (;;) {
        const count = Math.min(channel.ring.available(), channel.credit, DATA_BYTES_MAX);
        if (count <= 0) break;
        const frame = new FrameBuilder(DATA, DATA_HEADER_BYTES + count);
        new DataView(frame.payload.buffer, frame.payload.byteOffset).setUint32(0, number, true);
        channel.ring.read(frame.payload, DATA_HEADER_BYTES, channel.sender);
        channel.credit -= count;
        this.#link.sendSealed(frame.seal());
        sent = true;
      }
    }
    return sent;
  }

  close(reason: SqlError): void {
    this.#end(reason);
  }

  #connected(link: FramedConnection): void {
    if (this.#ended) {
      link.close(new SqlError({ code: SqlState.connectionFailure, message: 'nobody needs the connection any more', class: 'external' }));
      return;
    }
    this.#link = link;
    for (const [number, { id }] of this.#channels) link.sendSealed(openFrame(number, id));
    link.start({
      frame: (kind, payload) => {
        const reader = new ByteReader(payload);
        const channel = this.#channels.get(reader.uint32());
        if (kind === CREDIT) {
          if (channel !== undefined) channel.credit += reader.uint32();
        } else if (kind !== CLOSE) throw violation(`There is no frame of kind ${kind}.`);
        this.#options.wake();
      },
      closed: (error) => this.#end(error),
    });
  }

  #end(error: SqlError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#link?.close(error);
    const channels = [...this.#channels.values()].map(({ id }) => id);
    this.#channels.clear();
    if (channels.length > 0) this.#options.lost(channels, error);
  }
}
