/**
 * State that does not fit a slot's memory: values by number in a LevelDB of the slot's own disk, written behind and read synchronously.
 *
 * No second truth: it begins empty, nobody restores from it, and it goes with the task whose state it holds. Checkpoints are ../durable's.
 *
 * Start reading at ../../spi/spill-room.ts, then written-behind.ts.
 */
export { levelScratchPlace } from './level-scratch.ts';
export { memoryScratchPlace } from './memory-scratch.ts';
export type { ScratchPlace } from './scratch.ts';
