import type { ServerAddress } from './directory-lock.ts';

/** What happens to a connection. */
export interface ConnectionEvents {
  /** Bytes in the order they were sent, in pieces of any size. */
  data(bytes: Uint8Array): void;
  /** Called once, after the last piece; null: the other side has ended it properly. */
  closed(error: Error | null): void;
}

/** A stream of bytes in both directions. */
export interface Connection {
  /** host:port of the other side, for messages. */
  readonly remote: string;
  /** Sends behind everything sent before. The bytes must not change any more. */
  send(bytes: Uint8Array): void;
  /** To be called once; nothing is delivered, and nothing lost, before. */
  receive(events: ConnectionEvents): void;
  /** Ends the connection behind what was sent; a side that takes nothing any more is not waited for. */
  close(): void;
}

export interface NetworkListener {
  readonly address: ServerAddress;
  close(): Promise<void>;
}

/** The network as a parameter. The real one is adapters/node-network.ts. */
export interface Network {
  /** Port 0: any free one. */
  listen(address: ServerAddress, accept: (connection: Connection) => void): Promise<NetworkListener>;
  connect(address: ServerAddress): Promise<Connection>;
}
