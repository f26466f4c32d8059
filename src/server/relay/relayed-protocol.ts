import type { Socket } from 'node:net';

/** What a relay has to know of the protocol it carries. */
export interface RelayedProtocol {
  /** The command-line option that sets the port. */
  readonly option: string;
  /** The bytes with which the client begins, to be handed on; null: it has gone, or is none of this protocol. The socket is paused then. */
  opening(client: Socket): Promise<Uint8Array | null>;
  /** Told a client when nobody leads. */
  refusal(): Uint8Array;
  follow(): Follower;
}

/** Follows what one client is told. */
export interface Follower {
  take(bytes: Uint8Array): void;
  /** Told a client whose JobManager has gone; null where nothing more can be said. */
  farewell(): Uint8Array | null;
}
