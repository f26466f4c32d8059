/**
 * How elements get from one subtask to another: by reference inside a slot, through a ring of shared memory between slots.
 *
 * Laws
 * - Order is kept for each channel; watermarks and barriers travel in band.
 * - Credit is free room at the receiver. What a sender's step writes beyond it waits in that sender's channel only.
 *
 * Start reading at channel.ts.
 */
export type { ChannelReader, ChannelWriter } from './channel.ts';
export { BELL_LINES, type BellLine, BellPull, Doorbell } from './doorbell.ts';
export { approximateBytes, LocalChannel } from './local-channel.ts';
export { Ring, ringMemory } from './ring.ts';
export { RingChannelReader, RingChannelWriter } from './ring-channel.ts';
