/** Where the holder of a data directory listens, so that who finds it locked learns how to connect. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Exclusive ownership of a data directory among processes. */
export interface DirectoryLock {
  /** Throws 55006 naming the holder. The lock of a process that no longer runs is taken over. */
  acquire(): Promise<void>;
  /** Takes it from whoever holds it, alive or not: for who knows that the holder may not go on. */
  seize(): Promise<void>;
  /** Adds the address to what others are told. */
  announce(address: ServerAddress): Promise<void>;
  release(): Promise<void>;
}
