import { assert } from '../../base/index.ts';
import type { EmbeddedLog, EmbeddedRecord, EmbeddedWrite } from '../state-store.ts';

/** The log of stored tables, in memory. */
export class MemoryEmbeddedLog implements EmbeddedLog {
  readonly #records: EmbeddedRecord[] = [];
  #released = 0;

  async append(writes: readonly EmbeddedWrite[]): Promise<number> {
    const position = this.lastPosition() + 1;
    this.#records.push({ position, writes });
    return position;
  }

  lastPosition(): number {
    return this.#records.at(-1)?.position ?? this.#released;
  }

  async *read(position: number): AsyncIterable<EmbeddedRecord> {
    for (const record of [...this.#records]) if (record.position > position) yield record;
  }

  async startBehind(position: number): Promise<void> {
    assert(this.lastPosition() === 0, 'a log that has had records begins where it began');
    this.#released = position;
  }

  async release(position: number): Promise<void> {
    while (this.#records.length > 0 && this.#records[0]!.position <= position) this.#released = this.#records.shift()!.position;
  }
}
