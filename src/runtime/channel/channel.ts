import type { StreamElement } from '../../batch/index.ts';

/** Receiving end of a channel. Elements come in the order they were written. */
export interface ChannelReader {
  /** The next element, or null when there is none now. */
  read(): StreamElement | null;
}

/** Sending end of a channel. What was written beyond the credit waits in the sender and goes out with `flush`. */
export interface ChannelWriter {
  write(element: StreamElement): void;
  /** False: the receiver grants no room now; nothing more should be written, though what one step still writes is kept. */
  hasCredit(): boolean;
  /** Moves waiting bytes on; true when nothing waits any more. */
  flush(): boolean;
}
