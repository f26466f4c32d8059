import { ByteReader, ByteWriter } from '../../base/index.ts';
import type { EmbeddedLog, EmbeddedRecord, EmbeddedWrite } from '../state-store.ts';
import type { AppendLog } from './append-log.ts';

/**
 * The log of stored tables and embedded streams on disk. `release` is a wish: a file goes when the checkpoint that was the newest at the
 * time of the wish has become the oldest one retained, so that falling back to an older checkpoint finds what it has to read again.
 */
export class DurableEmbeddedLog implements EmbeddedLog {
  readonly log: AppendLog;
  readonly #wish: (position: number) => void;

  constructor(log: AppendLog, wish: (position: number) => void) {
    this.log = log;
    this.#wish = wish;
  }

  append(writes: readonly EmbeddedWrite[]): Promise<number> {
    return this.log.append(encodeWrites(writes));
  }

  lastPosition(): number {
    return this.log.lastPosition;
  }

  async *read(position: number): AsyncIterable<EmbeddedRecord> {
    for await (const record of this.log.read(position)) yield { position: record.position, writes: decodeWrites(record.payload) };
  }

  async startBehind(position: number): Promise<void> {
    await this.log.startBehind(position);
    // What lies in front is needed by no checkpoint of this directory.
    this.#wish(position);
  }

  async release(position: number): Promise<void> {
    this.#wish(position);
  }
}

/** u32 writes; each: relation, u32 rows, batch, the last two and the first with their length in front. */
function encodeWrites(writes: readonly EmbeddedWrite[]): Uint8Array {
  const writer = new ByteWriter(writes.reduce((sum, { relation, batch }) => sum + relation.length * 3 + batch.length + 12, 4));
  writer.uint32(writes.length);
  for (const { relation, rows, batch } of writes) {
    writer.text(relation);
    writer.uint32(rows);
    writer.block(batch);
  }
  return writer.take();
}

/** Batches are copies of their own: they cross threads, and a view would take the whole buffer along. */
function decodeWrites(payload: Uint8Array): EmbeddedWrite[] {
  const reader = new ByteReader(payload);
  return Array.from({ length: reader.uint32() }, () => {
    const relation = reader.text();
    const rows = reader.uint32();
    return { relation, rows, batch: reader.block().slice() };
  });
}
