import type { Scratch } from '../../spi/index.ts';

/** Where the operators of a slot open their scratches. */
export interface ScratchPlace {
  /** `wake` is called when the scratch may be ready again. */
  open(wake: () => void): Scratch;
  /** Closes all that are open. */
  close(): Promise<void>;
}
