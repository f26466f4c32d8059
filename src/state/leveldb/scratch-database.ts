/** One change; a null value deletes the key. */
export interface ScratchChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** What a WrittenBehind writes to. Nothing is promised beyond the process. */
export interface ScratchDatabase {
  getSync(key: Uint8Array): Uint8Array | undefined;
  write(changes: readonly ScratchChange[]): Promise<void>;
  close(): Promise<void>;
}

export interface ScratchDatabaseFactory {
  /** Opens an empty one: what an earlier process has left goes. */
  open(): Promise<ScratchDatabase>;
  /** Removes all there is; it must be closed. */
  destroy(): Promise<void>;
}
