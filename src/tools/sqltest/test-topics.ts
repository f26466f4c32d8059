import type { MessageHeader } from '../../spi/index.ts';

/** A record of an in-memory topic, as bytes. */
export interface TestRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
  /** Absent: none. */
  readonly headers?: readonly MessageHeader[];
}

interface Topic {
  readonly partitions: TestRecord[][];
  readonly listeners: Set<() => void>;
}

/** Topics in the place of external systems: they outlive a crash of the engine, as a broker does. Made on first use, with one partition. */
export class TestTopics {
  readonly #topics = new Map<string, Topic>();
  readonly #committedEpochs = new Map<string, number>();
  /** Where what the engine writes goes. */
  insertPartition = 0;

  has(name: string): boolean {
    return this.#topics.has(name);
  }

  create(name: string, partitions: number): void {
    const topic = this.#topic(name);
    while (topic.partitions.length < partitions) topic.partitions.push([]);
  }

  partitionCount(name: string): number {
    return this.#topic(name).partitions.length;
  }

  records(name: string, partition: number): readonly TestRecord[] {
    return this.#topic(name).partitions[partition] ?? [];
  }

  append(name: string, partition: number, record: TestRecord): void {
    const topic = this.#topic(name);
    this.create(name, partition + 1);
    topic.partitions[partition]!.push(record);
    for (const listener of topic.listeners) listener();
  }

  /** How far the output of a sink is that delivers exactly once. */
  committedEpoch(job: string): number {
    return this.#committedEpochs.get(job) ?? 0;
  }

  commit(job: string, epoch: number): void {
    this.#committedEpochs.set(job, epoch);
  }

  /** Calls `listener` after each record; returns how to stop that. */
  listen(name: string, listener: () => void): () => void {
    const { listeners } = this.#topic(name);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { partitions: [[]], listeners: new Set() };
      this.#topics.set(name, topic);
    }
    return topic;
  }
}
