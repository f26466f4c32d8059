import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaFixture } from './kafka-fixture.ts';

const ROWS_AT_ONCE = 20;
const PAUSE_MS = 40;

export interface RowsWritten {
  /** The message of a row; default: its number. */
  readonly rowOf?: (id: number) => object;
  /** Rows that come first, all at once; default: none. */
  readonly first?: number;
}

/** Writes rows 0, 1, 2 … into the topic until told to stop. Which partition a row goes to depends on its number. Rows that could not be sent are not sent again. */
export class RowWriter {
  /** Rows so far. */
  count = 0;
  #refused = false;
  #stopping = false;
  readonly #done: Promise<void>;

  constructor(kafka: KafkaFixture, topic: string, partitions: number, { rowOf = (id) => ({ id }), first = 0 }: RowsWritten = {}) {
    this.#done = this.#run(first, async (ids) => {
      await kafka.produce(
        topic,
        ids.map((id) => ({ value: JSON.stringify(rowOf(id)), partition: id % partitions })),
      );
    });
  }

  async #run(first: number, send: (ids: readonly number[]) => Promise<void>): Promise<void> {
    const write = async (length: number): Promise<void> => {
      await send(Array.from({ length }, (_, index) => this.count + index)).catch(() => {
        this.#refused = true;
      });
      this.count += length;
    };
    if (first > 0) await write(first);
    while (!this.#stopping) {
      await write(ROWS_AT_ONCE);
      await sleep(PAUSE_MS);
    }
  }

  /** Whether the broker has not acknowledged some of them: whether those are there nobody knows. */
  get refused(): boolean {
    return this.#refused;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }
}
