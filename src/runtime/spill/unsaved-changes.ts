import { type Batch, concatBatches, GroupIndex, gatherBatch } from '../../batch/index.ts';
import type { ScratchRuns } from './scratch-runs.ts';

/** What a state table has changed: absolute rows put, keys deleted, no key in both. */
export interface TableChanges {
  readonly upserts: Batch;
  readonly deletes: Batch;
}

/** Changes of a table that have left memory with their rows, and are still to be part of a checkpoint. */
export class UnsavedChanges {
  readonly #runs: ScratchRuns;
  #kept: { readonly upserts: number; readonly deletes: number }[] = [];

  constructor(runs: ScratchRuns) {
    this.#runs = runs;
  }

  add({ upserts, deletes }: TableChanges): void {
    if (upserts.rowCount + deletes.rowCount > 0) this.#kept.push({ upserts: this.#runs.put(upserts), deletes: this.#runs.put(deletes) });
  }

  /** All there are, and those that follow them, as one. */
  take(newest: TableChanges): TableChanges {
    const kept = this.#kept;
    if (kept.length === 0) return newest;
    this.#kept = [];
    const older = kept.map(({ upserts, deletes }) => ({ upserts: this.#runs.take(upserts), deletes: this.#runs.take(deletes) }));
    return mergeChanges([...older, newest]);
  }
}

/** Several changes, oldest first, as one: of each key (byte for byte) the newest. Within a change deletions come before upserts. */
function mergeChanges(changes: readonly TableChanges[]): TableChanges {
  const upserts = concatBatches(changes.map((change) => change.upserts));
  const deletes = concatBatches(changes.map((change) => change.deletes));
  const keyCount = deletes.columns.length;
  const index = new GroupIndex(deletes.columns.map((column) => column.type));
  const ofUpserts = new Int32Array(upserts.rowCount);
  const ofDeletes = new Int32Array(deletes.rowCount);
  index.assign(upserts.columns.slice(0, keyCount), upserts.rowCount, ofUpserts);
  index.assign(deletes.columns, deletes.rowCount, ofDeletes);
  // The newest place of a key: rows of upserts count from 1 up, those of deletes from -1 down.
  const newest = new Int32Array(index.groupEnd);
  let [upsert, deletion] = [0, 0];
  for (const change of changes) {
    for (let row = 0; row < change.deletes.rowCount; row++, deletion++) newest[ofDeletes[deletion]!] = -1 - deletion;
    for (let row = 0; row < change.upserts.rowCount; row++, upsert++) newest[ofUpserts[upsert]!] = 1 + upsert;
  }
  const put = Int32Array.from(newest.filter((place) => place > 0)).sort();
  const gone = Int32Array.from(newest.filter((place) => place < 0))
    .sort()
    .reverse();
  return {
    upserts: gatherBatch(
      upserts,
      put.map((place) => place - 1),
      put.length,
    ),
    deletes: gatherBatch(
      deletes,
      gone.map((place) => -1 - place),
      gone.length,
    ),
  };
}
