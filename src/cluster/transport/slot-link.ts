import type { SqlError } from '../../base/index.ts';
import type { SlotSettings } from '../../runtime/index.ts';
import type { FromSlot, ToSlot } from './slot-messages.ts';

/** What the JobManager says of a new slot. Plain data. */
export interface SlotRequest {
  readonly slot: number;
  readonly incarnation: number;
  readonly channelBytes: number;
  readonly settings: SlotSettings;
}

/** What a new slot has to know. */
export interface SlotLaunch extends SlotRequest {
  /** Shared memory of the doorbell that wakes the slot. */
  readonly doorbell: SharedArrayBuffer;
}

/** The JobManager's connection to a running slot. */
export interface SlotLink {
  send(message: ToSlot): void;
  /** Ends the slot, whatever it does. */
  close(): Promise<void>;
}

export interface SlotEvents {
  message(message: FromSlot): void;
  /** The slot is gone: its thread died. */
  lost(error: SqlError): void;
}

/** Starts slots: threads, or cooperative slots of this thread. */
export interface SlotLauncher {
  launch(launch: SlotLaunch, events: SlotEvents): SlotLink;
  /**
   * Resolves when nothing more can happen in the slots without something from outside, or null where that cannot be known (threads).
   */
  readonly settled: (() => Promise<void>) | null;
}
