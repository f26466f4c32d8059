import { type Batch, decodeBatch, sliceBatch } from '../../batch/index.ts';
import type { SourceChunk, SourceReader, Split, SplitStatus } from '../../spi/index.ts';
import type { EmbeddedRows, FromSlot } from '../transport/index.ts';

interface QueuedBatch {
  readonly position: number;
  readonly batch: Batch;
  readonly bytes: number;
  /** Last batch of its record: behind it the position moves on. */
  readonly endsRecord: boolean;
  taken: number;
}

/**
 * Reads the embedded log for one relation in a slot. Record p has row position p, and behind it the position is p + 1; a position moves on
 * past records of other relations as well. Records come from the JobManager, which owns the log, a bounded number of bytes ahead.
 */
export class EmbeddedLogReader implements SourceReader {
  readonly #id: string;
  readonly #open: (position: number) => void;
  readonly #send: (message: FromSlot) => void;
  readonly #wake: () => void;
  readonly #queue: QueuedBatch[] = [];
  #split: string | null = null;
  #position = 0;
  /** All records below this position have arrived. */
  #known = 0;

  constructor(parts: { id: string; open: (position: number) => void; send: (message: FromSlot) => void; wake: () => void }) {
    this.#id = parts.id;
    this.#open = parts.open;
    this.#send = parts.send;
    this.#wake = parts.wake;
  }

  addSplit(split: Split, position: number): void {
    this.#split = split.id;
    this.#position = position;
    this.#known = position;
    this.#open(position);
  }

  removeSplit(): void {
    this.#split = null;
  }

  /** Records of this relation, and the log's position `through` up to which there are no others. */
  receive(records: readonly EmbeddedRows[], through: number): void {
    for (const record of records) {
      record.batches.forEach((encoded, index) => {
        const endsRecord = index === record.batches.length - 1;
        this.#queue.push({ position: record.position, batch: decodeBatch(encoded), bytes: encoded.length, endsRecord, taken: 0 });
      });
    }
    this.#known = Math.max(this.#known, through + 1);
    this.#wake();
  }

  poll(rowsMax: number, limit: (split: string) => number): SourceChunk | null {
    if (this.#split === null) return null;
    const end = limit(this.#split);
    const next = this.#queue[0];
    if (next !== undefined && next.position < end) return this.#take(next, rowsMax);
    const reach = Math.min(end, next === undefined ? this.#known : next.position);
    if (reach <= this.#position) return null;
    this.#position = reach;
    return this.#chunk(this.#split, { rows: null, position: reach });
  }

  status(): readonly SplitStatus[] {
    return this.#split === null ? [] : [{ split: this.#split, endPosition: this.#known, finished: false }];
  }

  problem(): null {
    return null;
  }

  async close(): Promise<void> {
    this.#send({ kind: 'embeddedClose', reader: this.#id });
  }

  #take(next: QueuedBatch, rowsMax: number): SourceChunk {
    const end = Math.min(next.batch.rowCount, next.taken + rowsMax);
    const rows = sliceBatch(next.batch, next.taken, end);
    next.taken = end;
    if (end === next.batch.rowCount) {
      this.#queue.shift();
      this.#send({ kind: 'embeddedTaken', reader: this.#id, bytes: next.bytes });
      if (next.endsRecord) this.#position = next.position + 1;
    }
    return this.#chunk(this.#split!, { rows, position: next.position });
  }

  #chunk(split: string, part: { readonly rows: Batch | null; readonly position: number }): SourceChunk {
    const rowCount = part.rows?.rowCount ?? 0;
    return {
      split,
      nextPosition: this.#position,
      rowCount,
      positions: new Float64Array(rowCount).fill(part.position),
      messages: null,
      keys: null,
      columns: part.rows?.columns ?? null,
      weights: part.rows?.weights ?? null,
      timestampsMs: null,
      metadata: new Map(),
    };
  }
}
