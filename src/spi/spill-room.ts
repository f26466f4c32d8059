import type { StateTable } from './operator-factory.ts';

/**
 * Values by number, outside memory: where a slot puts what does not fit. Nothing in it outlives its owner, so it is never the only copy of anything that
 * a checkpoint has to hold. Reading is synchronous, since operators are; writing is not waited for. Every call throws what a write has failed with.
 */
export interface Scratch {
  /** The value as it was put, undefined where there is none. XX001 where it is damaged. */
  get(key: number): Uint8Array | undefined;
  /** The value becomes the store's. */
  put(key: number, value: Uint8Array): void;
  remove(key: number): void;
  /** False while so much is on its way to disk that no more should come; its owner is woken then. */
  ready(): boolean;
  /** Ends it, with all it holds. */
  close(): Promise<void>;
}

/** For an operator whose state can leave memory: its share of what the slot has, and where the rest goes. */
export interface SpillRoom {
  /** Bytes its tables may hold just now. */
  bytesMax(): number;
  openScratch(): Scratch;
  /** A table that keeps to the share. */
  registerState(table: StateTable): void;
}
