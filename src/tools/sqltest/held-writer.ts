import type { Epoch } from '../../batch/index.ts';
import type { SinkWriter } from '../../spi/index.ts';
import type { TestRecord, TestTopics } from './test-topics.ts';

/** Lets records of a checkpoint into the topic when it is durable, once: the topic remembers how far each sink is, as a marker in the transaction would. */
export class HeldWriter implements SinkWriter {
  readonly #topics: TestTopics;
  readonly #target: { readonly job: string; readonly topic: string };
  readonly #encoder: SinkWriter;
  #held: (readonly [TestRecord, number])[] = [];

  /** `encoder` makes records of rows and hands them to `append`, with their partitions. */
  constructor(
    topics: TestTopics,
    target: { readonly job: string; readonly topic: string },
    encoder: (append: (record: TestRecord, partition: number) => void) => SinkWriter,
  ) {
    this.#topics = topics;
    this.#target = target;
    this.#encoder = encoder((record, partition) => this.#held.push([record, partition]));
  }

  ready(): boolean {
    return true;
  }

  write(epoch: Epoch, batch: Parameters<SinkWriter['write']>[1]): void {
    this.#encoder.write(epoch, batch);
  }

  flushed(): boolean {
    return true;
  }

  prepare(): Uint8Array | null {
    if (this.#held.length === 0) return null;
    const held = this.#held.map(([{ key, value, timestampMs, headers = [] }, partition]): StoredRecord => {
      return [partition, stored(key), stored(value), timestampMs, headers.map((header) => [header.key, stored(header.value)])];
    });
    this.#held = [];
    return new TextEncoder().encode(JSON.stringify(held));
  }

  async commit(epoch: Epoch, committable: Uint8Array): Promise<void> {
    const { job, topic } = this.#target;
    if (epoch <= this.#topics.committedEpoch(job)) return;
    this.#topics.commit(job, epoch);
    const held = JSON.parse(new TextDecoder().decode(committable)) as StoredRecord[];
    for (const [partition, key, value, timestampMs, headers] of held) {
      const record = {
        key: bytes(key),
        value: bytes(value),
        timestampMs,
        headers: headers.map(([name, text]) => ({ key: name, value: bytes(text) })),
      };
      this.#topics.append(topic, partition, record);
    }
  }

  async recover(): Promise<void> {
    // The topic knows what is committed.
  }

  async close(): Promise<void> {
    // Topics belong to the test.
  }
}

/** Partition, key, value, time and headers. */
type StoredRecord = [number, string | null, string | null, number, [string, string | null][]];

function stored(value: Uint8Array | null): string | null {
  return value === null ? null : Buffer.from(value).toString('base64');
}

function bytes(value: string | null): Uint8Array | null {
  return value === null ? null : Buffer.from(value, 'base64');
}
