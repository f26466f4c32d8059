import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaFixture } from './kafka-fixture.ts';

const ROWS_AT_ONCE = 20;
const PAUSE_MS = 40;

/** Writes rows 0, 1, 2 … into the topic until told to stop. Which partition a row goes to hangs on its number. Rows that could not be sent are not sent again. */
export class RowWriter {
  /** Rows so far. */
  count = 0;
  #refused = false;
  #stopping = false;
  readonly #done: Promise<void>;

  constructor(kafka: KafkaFixture, topic: string, partitions: number, rowOf: (id: number) => object = (id) => ({ id })) {
    this.#done = this.#run(async (ids) => {
      await kafka.produce(
        topic,
        ids.map((id) => ({ value: JSON.stringify(rowOf(id)), partition: id % partitions })),
      );
    });
  }

  async #run(send: (ids: readonly number[]) => Promise<void>): Promise<void> {
    while (!this.#stopping) {
      await send(Array.from({ length: ROWS_AT_ONCE }, (_, index) => this.count + index)).catch(() => {
        this.#refused = true;
      });
      this.count += ROWS_AT_ONCE;
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
