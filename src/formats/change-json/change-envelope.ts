import type { RowImages } from './row-images.ts';

/** One message. */
export interface ChangeMessage {
  readonly message: number;
  readonly data: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Finds the rows in the events of one dialect. */
export interface ChangeEnvelope {
  /** Adds what the event does; returns why the message is bad, or null. An event that concerns no row adds nothing. */
  read(message: ChangeMessage, images: RowImages): string | null;
}

/** A dialect of change events: how they are read, and what stands around a written row. */
export interface ChangeDialect {
  /** `key`: JSON names of the relation's key columns. */
  createEnvelope(key: readonly string[]): ChangeEnvelope;
  readonly put: { readonly prefix: string; readonly suffix: string };
  readonly taken: { readonly prefix: string; readonly suffix: string };
}
