import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaFixture } from './kafka-fixture.ts';

const ROWS_AT_ONCE = 20;
const PAUSE_MS = 40;

/** Writes rows 0, 1, 2 … into the topic until told to stop. Which partition a row goes to hangs on its number. */
export class RowWriter {
  count = 0;
  #stopping = false;
  readonly #done: Promise<void>;

  constructor(kafka: KafkaFixture, topic: string, partitions: number, rowOf: (id: number) => object = (id) => ({ id })) {
    this.#done = this.#run(async (ids) => {
      await kafka.produce(
        topic,
        ids.map((id) => ({ value: JSON.stringify(rowOf(id)), partition: id % partitions })),
      );
    });
    this.#done.catch(() => undefined);
  }

  async #run(send: (ids: readonly number[]) => Promise<void>): Promise<void> {
    while (!this.#stopping) {
      await send(Array.from({ length: ROWS_AT_ONCE }, (_, index) => this.count + index));
      this.count += ROWS_AT_ONCE;
      await sleep(PAUSE_MS);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }
}
