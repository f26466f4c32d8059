import { assert } from '../../base/index.ts';
import { type Barrier, Batch, type Epoch, gatherBatch, rowsByTarget, sliceBatch } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, Output, Scratch, SpillDue, SpillRoom, StateTable } from '../../spi/index.ts';
import { Buckets } from './buckets.ts';
import { chooseEvicted } from './choose-evicted.ts';
import { ColdRows } from './cold-rows.ts';
import { DeferredRows } from './deferred-rows.ts';
import { DueBuckets } from './due-buckets.ts';
import { ScratchRuns } from './scratch-runs.ts';
import { type TableChanges, UnsavedChanges } from './unsaved-changes.ts';

/** Rows between two looks at the size, where the limit is large. */
const LOOK_ROWS_MAX = 16_384;
/** Bytes a row may take, to look often enough under a small limit. */
const LOOK_ROW_BYTES = 1024;
/** From this part of the limit on the buckets that an epoch touches are noted. */
const NOTED_FROM = 1 / 8;
/** What stays in memory when something has to leave, so that it does not happen at every epoch. */
const KEPT = 1 / 2;
/** Of the rows that fit into memory, as many as memory and scratch may have together when all comes back, so that it does not leave again at once. */
const RETURNED = 1 / 4;
const DEFERRED_SHARE = 1 / 16;
/** Parts in which buckets come back when all of them are due. */
const DUE_PARTS = 128;

/** One that can leave memory. */
type MovableTable = StateTable & Required<Pick<StateTable, 'all'>>;

interface Inner {
  readonly operator: Operator;
  readonly tables: readonly MovableTable[];
}

export interface SpillingParts {
  /** Makes the operator, over and over. All of its tables can leave memory. */
  readonly create: (environment: OperatorEnvironment) => Operator;
  /** See OperatorFactory.spillKeys. */
  readonly keys: readonly (readonly number[])[];
  /** See OperatorFactory.spillDue. */
  readonly due: readonly SpillDue[];
  readonly environment: OperatorEnvironment;
  readonly room: SpillRoom;
}

/** What there is once something has left memory. */
interface Spilled {
  readonly scratch: Scratch;
  readonly cold: ColdRows;
  readonly unsaved: readonly UnsavedChanges[];
  readonly deferred: DeferredRows;
  readonly due: DueBuckets | null;
}

/**
 * An operator whose state leaves memory by buckets of keys when it is too large, and comes back with rows of these keys. Eviction is between epochs: the operator is
 * made again with the rows that stay. Where an epoch itself is too large, the rows of buckets it has not seen yet are put off to the barrier and processed there in
 * portions, each of which ends the epoch for its buckets; so a bucket's net change is one.
 */
export class SpillingOperator implements Operator {
  readonly #parts: SpillingParts;
  #inner: Inner;
  #buckets: Buckets | null = null;
  #spilled: Spilled | null = null;
  #round = 1;
  #deferring = false;
  /** The first barrier has passed: what is handed back from then on has been shown. */
  #shown = false;
  #unlooked = 0;
  /** Rows that fit into memory, as far as is known. */
  #rowsFit = 0;
  /** All has come back since something left. */
  #returned = false;
  /** The newest; an operator that is made again is told of it. */
  #watermark: bigint | null = null;
  /** Rows of the epoch are put off, which have to be there before time changes anything. */
  #timeHeld = false;
  #heldWatermark: bigint | null = null;
  /** Of the newest barrier behind which no rows of its epoch followed; an operator that is made again is told of it. */
  #timestampMicros: bigint | null = null;
  #spillMs = 0;
  /** Since when the scratch has been waited for. */
  #waitingSinceMs: number | null = null;
  #epoch: Epoch;

  constructor(parts: SpillingParts) {
    this.#parts = parts;
    this.#epoch = parts.environment.startEpoch;
    this.#inner = this.#make();
    this.#inner.tables.forEach((table, index) => {
      parts.room.registerState(this.#outerTable(table, index));
    });
  }

  processBatch(input: number, batch: Batch, out: Output): void {
    if (this.#buckets === null) this.#inner.operator.processBatch(input, batch, out);
    else this.#processKnown(this.#buckets, { input, batch, deferring: this.#deferring }, out);
    this.#look(batch.rowCount);
  }

  processWatermark(micros: bigint, out: Output): void {
    this.#timeHeld = this.#parts.due.length > 0 && this.#hasDeferred();
    if (this.#timeHeld) this.#heldWatermark = micros;
    else this.#passWatermark(micros, out);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    this.#epoch = barrier.epoch;
    this.#timeHeld = this.#parts.due.length > 0 && this.#hasDeferred();
    this.#passBarrier(barrier, out);
  }

  #hasDeferred(): boolean {
    return this.#spilled !== null && this.#spilled.deferred.rowCount > 0;
  }

  #passWatermark(micros: bigint, out: Output): void {
    this.#watermark = micros;
    this.#spilled?.due?.watermark(micros);
    this.#inner.operator.processWatermark?.(micros, out);
  }

  #passBarrier(barrier: Barrier, out: Output): void {
    if (this.#timeHeld) {
      this.#inner.operator.processBarrier?.({ ...barrier, last: false, rowsFollow: true }, out);
      return;
    }
    if (!barrier.last) this.#timestampMicros = barrier.timestampMicros;
    this.#spilled?.due?.barrier(barrier);
    this.#inner.operator.processBarrier?.(barrier, out);
  }

  /** All rows of the epoch are there: what time changes comes now. */
  #releaseTime(out: Output): void {
    this.#timeHeld = false;
    const held = this.#heldWatermark;
    this.#heldWatermark = null;
    if (held !== null) this.#passWatermark(held, out);
  }

  continueBarrier(barrier: Barrier, out: Output): 'done' | 'more' | 'waiting' {
    this.#shown = true;
    if (this.#spilled !== null && !this.#isReady(this.#spilled)) return 'waiting';
    const bytesMax = this.#parts.room.bytesMax();
    const more = this.#hasDeferred();
    // What an epoch has to bring back in portions is as large as all that is kept, so none of it is worth keeping for the next one.
    if (this.#innerBytes() > bytesMax) this.#spilling(() => this.#evict(more ? 0 : bytesMax * KEPT));
    if (!this.#bringPortion(out)) {
      if (this.#spilled !== null) this.#comeBack(this.#spilled.cold);
      this.#round++;
      this.#deferring = false;
      return 'done';
    }
    this.#passBarrier(barrier, out);
    return 'more';
  }

  /** The next rows that were put off, then what time changes of what is in memory, then the next buckets that are due; false when nothing is left. */
  #bringPortion(out: Output): boolean {
    if (this.#spilled === null) return false;
    const portion = this.#spilled.deferred.next();
    for (const { input, batch } of portion ?? []) this.#processKnown(this.#buckets!, { input, batch, deferring: false }, out);
    if (portion !== null) return true;
    if (this.#timeHeld) {
      this.#releaseTime(out);
      return true;
    }
    const buckets = this.#buckets!;
    const due = this.#spilled.due?.take(Math.ceil(buckets.count / DUE_PARTS), this.#epoch);
    if (due === undefined || due.brought.length + due.thinned.length === 0) return false;
    for (const bucket of due.brought) buckets.touchedIn[bucket] = this.#round;
    this.#spilling(() => {
      this.#bring(buckets, due.brought);
      this.#thin(buckets, due.thinned);
    });
    return true;
  }

  spillMs(): number {
    return this.#spillMs;
  }

  #isReady({ scratch }: Spilled): boolean {
    const nowMs = this.#parts.environment.clock.monotonicMs();
    if (!scratch.ready()) {
      this.#waitingSinceMs ??= nowMs;
      return false;
    }
    if (this.#waitingSinceMs !== null) this.#spillMs += nowMs - this.#waitingSinceMs;
    this.#waitingSinceMs = null;
    return true;
  }

  /** What takes time for the sake of memory. */
  #spilling(work: () => void): void {
    const { clock } = this.#parts.environment;
    const startMs = clock.monotonicMs();
    work();
    this.#spillMs += clock.monotonicMs() - startMs;
  }

  async close(): Promise<void> {
    await this.#inner.operator.close?.();
    await this.#spilled?.scratch.close();
  }

  #make(): Inner {
    const tables: MovableTable[] = [];
    const { environment } = this.#parts;
    const showsRestored = environment.showsRestored && !this.#shown;
    const operator = this.#parts.create({ ...environment, showsRestored, registerState: (table) => tables.push(movable(table)) });
    if (this.#watermark !== null) operator.processWatermark?.(this.#watermark, NO_OUTPUT);
    this.#tellTime(operator);
    return { operator, tables };
  }

  /** What the operator is to know before rows are loaded. */
  #tellTime(operator: Operator): void {
    if (this.#timestampMicros === null || this.#parts.due.length === 0) return;
    const told: Barrier = {
      kind: 'barrier',
      epoch: this.#epoch,
      timestampMicros: this.#timestampMicros,
      checkpoint: false,
      last: false,
    };
    operator.processBarrier?.(told, NO_OUTPUT);
  }

  #processKnown(
    buckets: Buckets,
    { input, batch, deferring }: { readonly input: number; readonly batch: Batch; readonly deferring: boolean },
    out: Output,
  ): void {
    const { rowCount } = batch;
    const { touchedIn, cold } = buckets;
    const round = this.#round;
    const bucketOf = buckets.of(batch, this.#parts.keys[input]!);
    const now = new Int32Array(rowCount);
    const later = new Int32Array(deferring ? rowCount : 0);
    const wanted: number[] = [];
    let nowCount = 0;
    let laterCount = 0;
    for (let row = 0; row < rowCount; row++) {
      const bucket = bucketOf[row]!;
      if (touchedIn[bucket] !== round) {
        if (deferring) {
          later[laterCount++] = row;
          continue;
        }
        touchedIn[bucket] = round;
        if (cold[bucket] === 1) wanted.push(bucket);
      }
      now[nowCount++] = row;
    }
    const deferred = laterCount === 0 ? null : later.subarray(0, laterCount).map((row) => bucketOf[row]!);
    if (wanted.length > 0) this.#spilling(() => this.#bring(buckets, wanted));
    if (nowCount === rowCount) this.#inner.operator.processBatch(input, batch, out);
    else if (nowCount > 0) this.#inner.operator.processBatch(input, gatherBatch(batch, now, nowCount), out);
    if (deferred !== null) this.#spill().deferred.add(input, gatherBatch(batch, later, laterCount), deferred);
  }

  /** Cold buckets come back: nothing of this epoch has touched them. */
  #bring(buckets: Buckets, wanted: readonly number[]): void {
    const { cold, due } = this.#spilled!;
    due?.remove(wanted);
    for (const bucket of wanted) buckets.cold[bucket] = 0;
    this.#inner.tables.forEach((table, index) => {
      const rows = cold.take(index, wanted);
      if (rows !== null) table.load(rows);
    });
  }

  /** Once what has left memory would fit there again, and leave room, all of it comes back: an epoch costs no more than before it has left. */
  #comeBack({ rowCounts }: ColdRows): void {
    const coldRows = rowCounts.reduce((sum, count) => sum + count, 0);
    const innerRows = this.#inner.tables.reduce((sum, table) => sum + table.keyCount(), 0);
    if (coldRows === 0 || innerRows + coldRows > this.#rowsFit * RETURNED) return;
    const buckets = this.#buckets!;
    this.#spilling(() => {
      // Made again, the operator does not have the room any more that it had for what has gone.
      this.#evict(Number.POSITIVE_INFINITY);
      this.#bring(
        buckets,
        [...buckets.cold.keys()].filter((bucket) => buckets.cold[bucket] === 1),
      );
    });
    this.#returned = true;
  }

  /** Rows of cold buckets that time has done for go. */
  #thin(buckets: Buckets, thinned: readonly number[]): void {
    const { cold, due } = this.#spilled!;
    due?.remove(thinned);
    this.#inner.tables.forEach((_, index) => {
      const rows = cold.take(index, thinned);
      if (rows !== null)
        this.#chill(index, { rows: this.#withoutForgotten(index, rows), times: null, wanted: new Uint8Array(buckets.count).fill(1) });
    });
  }

  /** Notes what an epoch touches in time, and puts off the rest of one that grows too large. */
  #look(rows: number): void {
    this.#unlooked += rows;
    const bytesMax = this.#parts.room.bytesMax();
    if (this.#unlooked < Math.min(LOOK_ROWS_MAX, bytesMax / LOOK_ROW_BYTES)) return;
    this.#unlooked = 0;
    const bytes = this.#innerBytes();
    if (this.#buckets === null && bytes > bytesMax * NOTED_FROM) this.#noteBuckets();
    if (bytes > bytesMax) this.#deferring = true;
  }

  /** From now on buckets are known. The epoch may have touched any that is in memory. */
  #noteBuckets(): Buckets {
    const { keyGroups, maxParallelism } = this.#parts.environment;
    // Beside a replicated table keys of all key groups come to each subtask.
    const everywhere = this.#inner.tables.some(({ declaration }) => declaration.replicated === true);
    const buckets = new Buckets(everywhere ? { first: 0, last: maxParallelism - 1 } : keyGroups, {
      maxParallelism,
      bytesMax: this.#parts.room.bytesMax(),
    });
    this.#buckets = buckets;
    for (const [index, table] of this.#inner.tables.entries()) {
      for (const [rows, keys] of [
        [table.all(), this.#stateKeys(index)],
        [table.heldKeys?.(), this.#firstColumns()],
      ] as const) {
        if (rows === undefined) continue;
        const bucketOf = buckets.of(rows, keys);
        for (let row = 0; row < rows.rowCount; row++) buckets.touchedIn[bucketOf[row]!] = this.#round;
      }
    }
    return buckets;
  }

  #spill(): Spilled {
    if (this.#spilled !== null) return this.#spilled;
    const scratch = this.#parts.room.openScratch();
    const runs = new ScratchRuns(scratch);
    this.#spilled = {
      scratch,
      cold: new ColdRows(scratch, this.#inner.tables.length),
      unsaved: this.#inner.tables.map(() => new UnsavedChanges(runs)),
      deferred: new DeferredRows(runs, this.#parts.room.bytesMax() * DEFERRED_SHARE),
      due: this.#dueBuckets(),
    };
    return this.#spilled;
  }

  #dueBuckets(): DueBuckets | null {
    const { due } = this.#parts;
    if (due.length === 0) return null;
    const buckets = new DueBuckets(due, this.#buckets!.count);
    if (this.#watermark !== null) buckets.watermark(this.#watermark);
    return buckets;
  }

  /** Puts rows of a table into the scratch, those of the wanted buckets; returns the others. */
  #chill(table: number, moved: Moved, put: 'put' | 'add' = 'put'): Batch | null {
    const { cold, due } = this.#spilled!;
    const { rows, times, wanted } = moved;
    const bucketOf = this.#buckets!.of(rows, this.#stateKeys(table)).slice(0, rows.rowCount);
    const kept = new Int32Array(rows.rowCount);
    let keptCount = 0;
    for (let row = 0; row < rows.rowCount; row++) if (wanted[bucketOf[row]!] === 0) kept[keptCount++] = row;
    due?.add({ table: this.#inner.tables[table]!.declaration.name, rows, times, bucketOf, wanted });
    forEachBucket(rows, bucketOf, { wanted, count: rows.rowCount - keptCount }, (bucket, own) => cold[put](table, bucket, own));
    return keptCount === 0 ? null : gatherBatch(rows, kept, keptCount);
  }

  /** What is left of rows once time has done for some, which the next checkpoint deletes. */
  #withoutForgotten(table: number, rows: Batch): Batch {
    const { due, unsaved } = this.#spilled!;
    const { name, keyCount } = this.#inner.tables[table]!.declaration;
    const forgotten = due?.forgotten(name, rows) ?? null;
    if (forgotten === null) return rows;
    const { gone, kept } = forgotten;
    const keys = new Batch(rows.rowCount, rows.columns.slice(0, keyCount));
    unsaved[table]!.add({ upserts: sliceBatch(rows, 0, 0), deletes: gatherBatch(keys, gone, gone.length) });
    return gatherBatch(rows, kept, kept.length);
  }

  /** Moves buckets out until about `bytesKept` stay, between epochs. What they have changed since the last checkpoint is kept for the next one. */
  #evict(bytesKept: number): void {
    const buckets = this.#buckets ?? this.#noteBuckets();
    const { unsaved } = this.#spill();
    const bytes = this.#innerBytes();
    const { tables } = this.#inner;
    tables.forEach((table, index) => {
      unsaved[index]!.add(table.collectDirty(this.#epoch));
    });
    const contents = tables.map((table, index) => {
      const times = table.dueTimes?.() ?? null;
      return { rows: this.#withoutForgotten(index, table.all()), times };
    });
    const rowsByBucket = new Int32Array(buckets.count);
    let rowCount = 0;
    for (const [table, { rows }] of contents.entries()) {
      rowCount += rows.rowCount;
      for (const bucket of buckets.of(rows, this.#stateKeys(table)).subarray(0, rows.rowCount)) rowsByBucket[bucket]!++;
    }
    if (bytesKept < Number.POSITIVE_INFINITY) this.#noteFit((rowCount * this.#parts.room.bytesMax()) / bytes);
    const evicted = chooseEvicted(buckets, rowsByBucket, rowCount * Math.min(1, bytesKept / bytes));
    this.#inner = this.#make();
    contents.forEach((content, index) => {
      const kept = this.#chill(index, { ...content, wanted: evicted });
      if (kept !== null) this.#inner.tables[index]!.load(kept);
    });
    for (let bucket = 0; bucket < buckets.count; bucket++) {
      if (evicted[bucket] === 0) continue;
      buckets.cold[bucket] = 1;
      buckets.touchedIn[bucket] = 0;
    }
  }

  /** Emptied arrays count as much as full ones, so the most that has been seen is what fits, unless it did not when all had come back. */
  #noteFit(rows: number): void {
    this.#rowsFit = this.#returned ? rows : Math.max(this.#rowsFit, rows);
    this.#returned = false;
  }

  /** Where a table has the key. */
  #stateKeys(table: number): readonly number[] {
    return this.#inner.tables[table]!.declaration.spillKey ?? this.#firstColumns();
  }

  #firstColumns(): readonly number[] {
    return this.#parts.keys[0]!.map((_, index) => index);
  }

  #innerBytes(): number {
    return this.#inner.tables.reduce((sum, table) => sum + table.sizeBytes(), 0);
  }

  /** A table as the task sees it, whatever is in memory just now. */
  #outerTable({ declaration }: StateTable, index: number): StateTable {
    const inner = (): MovableTable => this.#inner.tables[index]!;
    return {
      declaration,
      collectDirty: (epoch): TableChanges => {
        const changes = inner().collectDirty(epoch);
        return this.#spilled === null ? changes : this.#spilled.unsaved[index]!.take(changes);
      },
      load: (rows) => this.#restore(index, rows),
      sizeBytes: () => inner().sizeBytes() + (index === 0 ? (this.#buckets?.sizeBytes ?? 0) + (this.#spilled?.deferred.sizeBytes ?? 0) : 0),
      keyCount: () => inner().keyCount() + (this.#spilled?.cold.rowCounts[index] ?? 0),
      spilledBytes: () => this.#spilled?.cold.bytes[index] ?? 0,
    };
  }

  /** Rows of the restored state, before the first epoch. Once they have been too many for memory, all go to the scratch. */
  #restore(table: number, rows: Batch): void {
    if (this.#spilled === null) {
      this.#inner.tables[table]!.load(rows);
      // What is to be shown again stays until it has been.
      if (!this.#parts.environment.showsRestored && this.#innerBytes() > this.#parts.room.bytesMax()) this.#evict(0);
      return;
    }
    const buckets = this.#buckets!;
    for (const bucket of buckets.of(rows, this.#stateKeys(table)).subarray(0, rows.rowCount)) buckets.cold[bucket] = 1;
    this.#chill(table, { rows, times: null, wanted: new Uint8Array(buckets.count).fill(1) }, 'add');
  }
}

/** Rows of a table, some of which leave memory. */
interface Moved {
  readonly rows: Batch;
  /** See StateTable.dueTimes. */
  readonly times: Float64Array | null;
  /** By bucket: 1 where they leave. */
  readonly wanted: Uint8Array;
}

/** Calls back with the rows of each wanted bucket that has some; `count` rows in all are of such buckets. */
function forEachBucket(
  rows: Batch,
  bucketOf: Int32Array,
  { wanted, count }: { readonly wanted: Uint8Array; readonly count: number },
  take: (bucket: number, own: Batch) => void,
): void {
  if (count === 0) return;
  const { rows: order, offsets } = rowsByTarget(bucketOf, rows.rowCount, wanted.length);
  const selection = new Int32Array(count);
  let at = 0;
  for (let bucket = 0; bucket < wanted.length; bucket++) {
    if (wanted[bucket] === 0) continue;
    const own = order.subarray(offsets[bucket]!, offsets[bucket + 1]!);
    selection.set(own, at);
    at += own.length;
  }
  const ordered = gatherBatch(rows, selection, count);
  let start = 0;
  for (let bucket = 0; bucket < wanted.length; bucket++) {
    const length = offsets[bucket + 1]! - offsets[bucket]!;
    if (wanted[bucket] === 0 || length === 0) continue;
    take(bucket, sliceBatch(ordered, start, start + length));
    start += length;
  }
}

const NO_OUTPUT: Output = {
  emit: () => {
    throw new Error('a watermark alone changes nothing before the barrier');
  },
};

function movable(table: StateTable): MovableTable {
  assert(table.all !== undefined, `table "${table.declaration.name}" cannot leave memory`);
  return table as MovableTable;
}
