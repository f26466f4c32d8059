import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaFixture } from './kafka-fixture.ts';

const ROWS_AT_ONCE = 20;
const PAUSE_MS = 10;

/** Writes rows 0, 1, 2 … into the topic until told to stop. */
export class RowWriter {
  count = 0;
  #stopping = false;
  readonly #done: Promise<void>;

  constructor(kafka: KafkaFixture, topic: string, partitions: number) {
    this.#done = this.#run(kafka, topic, partitions);
  }

  async #run(kafka: KafkaFixture, topic: string, partitions: number): Promise<void> {
    while (!this.#stopping) {
      const ids = Array.from({ length: ROWS_AT_ONCE }, (_, index) => this.count + index);
      await kafka.produce(
        topic,
        ids.map((id) => ({ value: JSON.stringify({ id }), partition: id % partitions })),
      );
      this.count += ROWS_AT_ONCE;
      await sleep(PAUSE_MS);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }
}
