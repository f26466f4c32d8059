import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch, concatBatches, type Epoch, gatherBatch } from '../../batch/index.ts';
import { ScratchRuns, type TableChanges, UnsavedChanges } from '../../runtime/index.ts';
import type { KeyRange, Scratch, SpillRoom, StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { consolidate, rowsEqual, type StoredRows } from '../shared/index.ts';
import type { RelationContent, RowPortions } from './materialized-relation.ts';
import { emptyBatch } from './multiset-content.ts';
import { netOfUpserts } from './net-of-upserts.ts';
import { RowLookup } from './row-lookup.ts';
import type { MaterializeSpec } from './spec.ts';
import { AppendedChanges, CountedChanges, KeyedChanges, type SpilledChanges } from './spilled-changes.ts';
import { SpilledRows } from './spilled-rows.ts';
import { stateLayout } from './state-layout.ts';

/** Of the room: rows that wait to be written, so that each bucket is worth writing. */
const WAITING_SHARE = 1 / 2;
/** Of the room: what the content would take in memory when it comes back there, so that it does not leave again at once. */
const RETURN_SHARE = 1 / 4;
/** Rows read at once. */
const PORTION_ROWS = 65_536;

export interface SpillableOptions {
  /** Content in memory, without rows. */
  readonly memory: () => RelationContent;
  readonly spec: MaterializeSpec;
  readonly types: readonly SqlType[];
  readonly appendOnly: boolean;
  readonly subtaskIndex: number;
  readonly room: SpillRoom;
}

/** What there is from the first time on that the content has left memory, for every time. */
interface Disk {
  readonly scratch: Scratch;
  readonly runs: ScratchRuns;
  readonly unsaved: UnsavedChanges;
}

/** What there is as long as the content is not in memory. */
interface Spilled {
  readonly rows: SpilledRows;
  readonly lookup: RowLookup;
  readonly changes: SpilledChanges;
  /** What a row took in memory. */
  readonly bytesPerKey: number;
}

/**
 * Content that is in memory as long as it fits, and then as a whole in the scratch, until little is left of it. There it is read in portions, by its key from one bucket, and in any other order by
 * reading all. The state table is the same.
 */
export class SpillableContent implements RelationContent {
  readonly state: StateTable;
  readonly #options: SpillableOptions;
  #memory: RelationContent | null;
  #spilled: Spilled | null = null;
  #disk: Disk | null = null;
  #keys = 0;

  constructor(options: SpillableOptions) {
    this.#options = options;
    this.#memory = options.memory();
    const { declaration } = this.#memory.state;
    this.state = {
      declaration,
      collectDirty: (epoch) => this.#collectDirty(epoch),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#memory?.state.sizeBytes() ?? this.#spilled!.rows.sizeBytes,
      keyCount: () => this.#memory?.state.keyCount() ?? this.#keys,
      spilledBytes: () => (this.#spilled === null ? 0 : this.#disk!.runs.bytes),
    };
  }

  apply(delta: Batch, barrier: Barrier): boolean {
    if (this.#memory !== null) {
      if (!this.#memory.apply(delta, barrier)) return false;
      if (this.#memory.state.sizeBytes() > this.#options.room.bytesMax()) this.#spill(this.#memory, barrier.epoch);
      return true;
    }
    const { changes, rows } = this.#spilled!;
    if (delta.rowCount === 0) return true;
    const changed = changes.of(delta, barrier.epoch);
    if (changed === null) return false;
    this.#disk!.unsaved.add(changed);
    this.#keys += changed.keys;
    rows.add(delta);
    this.#comeBack(this.#spilled!);
    return true;
  }

  netOfUpserts(rows: Batch): { readonly delta: Batch; readonly unknownCount: number } {
    if (this.#memory !== null) return this.#memory.netOfUpserts!(rows);
    const groups = new Int32Array(rows.rowCount);
    const there = this.#spilled!.lookup.rowsOf(rows, this.#options.spec.key!, groups);
    const rowOf = new Map<number, number>();
    there?.groups.forEach((group, row) => {
      rowOf.set(group, row);
    });
    const { delta, unknown } = netOfUpserts(rows, groups, {
      isPresent: (group) => rowOf.has(group),
      isEqual: (group, { columns }, row) => rowsEqual(there!.found.columns, rowOf.get(group)!, columns, row),
      rowsOf: (present) =>
        present.length === 0
          ? null
          : gatherBatch(
              there!.found,
              present.map((group) => rowOf.get(group)!),
              present.length,
            ),
    });
    return { delta, unknownCount: unknown.length };
  }

  snapshot(): StoredRows[] {
    return this.#memory!.snapshot();
  }

  find(range: KeyRange): StoredRows | null {
    return this.#memory!.find!(range);
  }

  dropIndex(columns: readonly number[]): void {
    this.#memory?.dropIndex?.(columns);
  }

  portions(): RowPortions | null {
    if (this.#spilled === null) return null;
    const { rows } = this.#spilled;
    const keys = bucketKeys(this.#options);
    return {
      keys,
      of: (batch, columns) => rows.bucketsOf(batch, columns),
      count: rows.bucketCount,
      endOf: (start) => rows.endOf(start, PORTION_ROWS),
      parts: (start, end) =>
        this.#spilled?.rows === rows ? rows.parts(start, end) : this.#present().map((batch) => inBuckets(batch, rows.of(batch), start, end)),
    };
  }

  ready(): boolean {
    return this.#disk?.scratch.ready() ?? true;
  }

  async close(): Promise<void> {
    this.#memory = null;
    this.#spilled = null;
    await this.#disk?.scratch.close();
  }

  #collectDirty(epoch: Epoch): TableChanges {
    if (this.#memory !== null) {
      const changes = this.#memory.state.collectDirty(epoch);
      return this.#disk?.unsaved.take(changes) ?? changes;
    }
    const { declaration } = this.state;
    const [upserts, deletes] = [declaration.columns.length, declaration.keyCount].map((count) => emptyBatch({ declaration, order: [] }, count));
    return this.#disk!.unsaved.take({ upserts: upserts!, deletes: deletes! });
  }

  #load(rows: Batch): void {
    if (this.#memory !== null) {
      this.#memory.state.load(rows);
      if (this.#memory.state.sizeBytes() > this.#options.room.bytesMax()) this.#spill(this.#memory, null);
      return;
    }
    const { changes, rows: spilled } = this.#spilled!;
    spilled.add(changes.loaded(rows));
    this.#keys += rows.rowCount;
  }

  /** All rows come back once there are so few of them. Reads under way find them where they are. */
  #comeBack({ rows, changes, bytesPerKey }: Spilled): void {
    if (changes.stored === undefined || this.#keys * bytesPerKey > this.#options.room.bytesMax() * RETURN_SHARE) return;
    const memory = this.#options.memory();
    for (let start = 0; start < rows.bucketCount; ) {
      const end = rows.endOf(start, PORTION_ROWS);
      const parts = rows.take(start, end);
      if (parts.length > 0) memory.state.load(changes.stored(consolidate(concatBatches(parts))));
      start = end;
    }
    this.#memory = memory;
    this.#spilled = null;
  }

  /** All rows, wherever they are, with weights. */
  #present(): Batch[] {
    if (this.#memory !== null) return this.#memory.snapshot().map(presentRows);
    if (this.#spilled === null) throw ended(this.#options.spec.name);
    return this.#spilled.rows.parts(0, this.#spilled.rows.bucketCount);
  }

  /** All rows leave memory; `epoch` is the newest one applied, null for rows of the restored state, which are saved. */
  #spill(memory: RelationContent, epoch: Epoch | null): void {
    const { spec, room } = this.#options;
    this.#disk ??= openDisk(room);
    const { runs, unsaved } = this.#disk;
    const rows = new SpilledRows({
      runs,
      keys: bucketKeys(this.#options),
      bytesMax: () => room.bytesMax() * WAITING_SHARE,
      check: (all) => {
        if (!changes.areSound(all)) throw impossibleChange(spec.name);
      },
    });
    const lookup = new RowLookup(rows);
    const changes = createChanges(this.#options, lookup);
    if (epoch !== null) unsaved.add(memory.state.collectDirty(epoch));
    this.#keys = memory.state.keyCount();
    const bytesPerKey = memory.state.sizeBytes() / Math.max(1, this.#keys);
    this.#memory = null;
    this.#spilled = { rows, lookup, changes, bytesPerKey };
    for (const stored of memory.snapshot()) rows.add(presentRows(stored));
  }
}

function openDisk(room: SpillRoom): Disk {
  const scratch = room.openScratch();
  const runs = new ScratchRuns(scratch);
  return { scratch, runs, unsaved: new UnsavedChanges(runs) };
}

function inBuckets(rows: Batch, bucketOf: Int32Array, start: number, end: number): Batch {
  const wanted = Int32Array.from(bucketOf.keys()).filter((row) => bucketOf[row]! >= start && bucketOf[row]! < end);
  return gatherBatch(rows, wanted, wanted.length);
}

/** A view read by its key finds one bucket; rows without a key are found by what has routed them. */
function bucketKeys({ spec, types, appendOnly }: SpillableOptions): readonly number[] {
  if (spec.key !== null && !appendOnly) return spec.key;
  return spec.partitionKeys.length > 0 ? spec.partitionKeys : types.map((_, index) => index);
}

function createChanges({ spec, types, appendOnly, subtaskIndex }: SpillableOptions, lookup: RowLookup): SpilledChanges {
  const { key, partitionKeys } = spec;
  if (key !== null && !appendOnly) return new KeyedChanges(stateLayout(types, { key, partitionKeys, counted: false }), key);
  const layout = stateLayout(types, { key: types.map((_, index) => index), partitionKeys, counted: true });
  return appendOnly ? new AppendedChanges(layout, subtaskIndex) : new CountedChanges(layout, lookup);
}

/** Rows with their multiplicities as weights, without gaps. */
function presentRows({ batch, counts }: StoredRows): Batch {
  if (counts === null) return batch;
  const present = Int32Array.from(counts.keys()).filter((row) => counts[row] !== 0);
  return gatherBatch(new Batch(batch.rowCount, batch.columns, counts), present, present.length);
}

export function impossibleChange(name: string): SqlError {
  return new SqlError({
    code: SqlState.internalError,
    message: `relation "${name}" would have a row a negative number of times, or two rows of one key`,
    class: 'internal',
  });
}

function ended(name: string): SqlError {
  return new SqlError({ code: SqlState.snapshotTooOld, message: `relation "${name}" has ended while it was read`, class: 'user' });
}
