import type { Client } from './simulated-client.ts';

/** Relations of a run beside its program, who works with them, and what they are held to. */
export interface Feature {
  /** For messages. */
  readonly name: string;
  /** Makes its relations; nothing fails yet. */
  begin(client: Client): Promise<void>;
  /** Does what it does until the world is so old. */
  run(untilSeconds: number): Promise<void>;
  /** Reads at the epoch of the client's transaction; `counts`: rows of each partition of the stream that the prefix view has there. Throws a Violation. */
  look(client: Client, counts: readonly number[]): Promise<void>;
  /** Everything has arrived, as far as looks have seen. */
  readonly caughtUp: boolean;
  /** For the message when it has not. */
  readonly progress: string;
}
