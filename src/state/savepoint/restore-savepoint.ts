import { assert } from '../../base/index.ts';
import type { EpochRecord, SegmentReference, StateBlock, StateStore } from '../state-store.ts';
import type { Savepoint } from './savepoint.ts';

/** Bytes of blocks that become one segment. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

/**
 * Makes an empty directory what the savepoint says: its next opening goes on from there. The savepoint has been verified. `notes`: rows that its state has
 * not, because its manifest says what they say.
 */
export async function restoreSavepoint(savepoint: Savepoint, store: StateStore, notes: readonly StateBlock[]): Promise<void> {
  assert(store.restoredRecord() === null && store.catalogLog.entries().length === 0, 'a savepoint is restored into an empty directory');
  const { record, embeddedPosition } = await savepoint.progress();
  if (embeddedPosition > 0) await store.embeddedLog.startBehind(embeddedPosition);
  if (record !== null) await restoreState(savepoint, store, { record, notes });
  await store.catalogLog.append(await savepoint.catalog());
}

async function restoreState(
  savepoint: Savepoint,
  store: StateStore,
  { record, notes }: { readonly record: EpochRecord; readonly notes: readonly StateBlock[] },
): Promise<void> {
  await store.appendEpochRecord(record);
  const segments: SegmentReference[] = [];
  for await (const blocks of portions(savepoint)) segments.push(await store.prepare(record.epoch, segments.length, blocks));
  if (notes.length > 0) segments.push(await store.prepare(record.epoch, segments.length, notes));
  const operators = savepoint.manifest.jobs.flatMap((job) => job.operators.map(({ id }) => id));
  await store.commit(record, segments, operators);
  await store.confirm(record.epoch);
}

async function* portions(savepoint: Savepoint): AsyncIterable<readonly StateBlock[]> {
  let pending: StateBlock[] = [];
  let bytes = 0;
  for (const file of savepoint.manifest.state) {
    for await (const block of savepoint.blocks(file)) {
      pending.push(block);
      bytes += block.upserts.length;
      if (bytes < SEGMENT_BYTES) continue;
      yield pending;
      pending = [];
      bytes = 0;
    }
  }
  if (pending.length > 0) yield pending;
}
