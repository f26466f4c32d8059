import { Batch } from '../batch.ts';
import { BytesColumn, type Column, FixedColumn } from '../column.ts';
import { hashRows } from '../hash-rows.ts';
import { subtaskOfKeyGroup } from '../key-group.ts';
import { type KeyDistribution, splitByKey } from '../split-by-key.ts';
import { type ScratchMemory, scratchMemory } from './scratch-memory.ts';

/** Smaller batches are split in TypeScript: copying them in and out would cost more than the kernels save. */
const KERNEL_ROWS_MIN = 512;

/** Where the arrays of a column lie; 0 for those it does not have. A fixed-width column has slots, another starts and ends. */
interface ColumnPlace {
  readonly column: Column;
  readonly slots: number;
  readonly starts: number;
  readonly ends: number;
  readonly valid: number;
}

/** Decides which subtask owns each row by its key, and makes a batch for each of them. */
export class KeySplitter {
  readonly #distribution: KeyDistribution;
  readonly #targetOfGroup: Int32Array;

  constructor(distribution: KeyDistribution) {
    const { parallelism, maxParallelism } = distribution;
    this.#distribution = distribution;
    this.#targetOfGroup = Int32Array.from({ length: maxParallelism }, (_, group) => subtaskOfKeyGroup(group, parallelism, maxParallelism));
  }

  /** As splitByKey. Large batches go through the kernels; each of theirs has one buffer for all its columns. */
  split(batch: Batch, keys: readonly Column[]): (Batch | null)[] {
    return batch.rowCount < KERNEL_ROWS_MIN ? splitByKey(batch, keys, this.#distribution) : this.#splitInKernels(batch, keys);
  }

  #splitInKernels(batch: Batch, keys: readonly Column[]): (Batch | null)[] {
    const { rowCount } = batch;
    const { parallelism } = this.#distribution;
    const memory = scratchMemory();
    const rowBytes = bytesOfRow(batch);
    memory.begin(
      (2 * rowBytes + keys.length * 8 + 8) * rowCount + this.#targetOfGroup.byteLength + (parallelism + 1) * 8,
      batch.columns.length * 8 + 8,
    );
    const places = batch.columns.map((column) => placeColumn(memory, column, rowCount));
    const weights = batch.weights === null ? 0 : memory.put(batch.weights, rowCount);
    const { rows, offsets } = this.#sortRows(memory, { keys, places, rowCount });
    const starts = new Int32Array(memory.bytes.buffer, offsets, parallelism + 1);
    const part = memory.take(rowBytes * rowCount);
    return Array.from({ length: parallelism }, (_, target) => {
      const start = starts[target]!;
      const count = starts[target + 1]! - start;
      if (count === 0) return null;
      if (count === rowCount) return batch;
      return new PartWriter(memory, { rows: rows + 4 * start, count, part, bytes: rowBytes * count }).write(places, weights);
    });
  }

  /** Rows in order of their targets, and where each target's begin. */
  #sortRows(
    memory: ScratchMemory,
    { keys, places, rowCount }: { keys: readonly Column[]; places: readonly ColumnPlace[]; rowCount: number },
  ): { rows: number; offsets: number } {
    const { parallelism, maxParallelism } = this.#distribution;
    const hashes = memory.take(4 * rowCount);
    const addresses = new Map(places.map(({ column, slots }) => [column, slots]));
    hashRows(keys, rowCount, new Uint32Array(memory.bytes.buffer, hashes, rowCount), (column) => {
      memory.kernels.hashWords(addresses.get(column) ?? memory.put(column.f64, rowCount), hashes, rowCount);
    });
    const targets = memory.put(this.#targetOfGroup, maxParallelism);
    const rows = memory.take(4 * rowCount);
    const offsets = memory.take(8 * (parallelism + 1));
    memory.kernels.rowsByHash(hashes, rowCount, targets, maxParallelism, rows, offsets, parallelism);
    return { rows, offsets };
  }
}

/** Bytes of all arrays of a batch for one row. */
function bytesOfRow(batch: Batch): number {
  let bytes = batch.weights === null ? 0 : 4;
  for (const column of batch.columns) bytes += column.valid === null ? 8 : 9;
  return bytes;
}

function placeColumn(memory: ScratchMemory, column: Column, rowCount: number): ColumnPlace {
  const isFixed = column.storage !== 'bytes';
  return {
    column,
    slots: isFixed ? memory.put(column.f64, rowCount) : 0,
    starts: isFixed ? 0 : memory.put(column.starts, rowCount),
    ends: isFixed ? 0 : memory.put(column.ends, rowCount),
    valid: column.valid === null ? 0 : memory.put(column.valid, rowCount),
  };
}

/**
 * Gathers the rows of one target into one piece, widest arrays first so that each is aligned, and copies the piece into a buffer of its own.
 * Text is not copied.
 */
class PartWriter {
  readonly #memory: ScratchMemory;
  readonly #rows: number;
  readonly #count: number;
  readonly #part: number;
  readonly #buffer: ArrayBuffer;
  #next = 0;

  constructor(memory: ScratchMemory, target: { rows: number; count: number; part: number; bytes: number }) {
    this.#memory = memory;
    this.#rows = target.rows;
    this.#count = target.count;
    this.#part = target.part;
    // Not cleared first: all of it is written.
    this.#buffer = Buffer.allocUnsafeSlow(target.bytes).buffer;
  }

  write(places: readonly ColumnPlace[], weights: number): Batch {
    const count = this.#count;
    const buffer = this.#buffer;
    const slots = places.map((place) => (place.slots === 0 ? 0 : this.#gather(place.slots, 8)));
    const weightsAt = weights === 0 ? 0 : this.#gather(weights, 4);
    const starts = places.map((place) => (place.starts === 0 ? 0 : this.#gather(place.starts, 4)));
    const ends = places.map((place) => (place.ends === 0 ? 0 : this.#gather(place.ends, 4)));
    const valids = places.map((place) => (place.valid === 0 ? null : this.#gatherValid(place.valid)));
    const columns = places.map(({ column }, index): Column => {
      const valid = valids[index]!;
      if (column.storage !== 'bytes') return new FixedColumn(column.type, new Float64Array(buffer, slots[index]!, count), valid);
      return new BytesColumn(column.type, {
        data: column.data,
        starts: new Int32Array(buffer, starts[index]!, count),
        ends: new Int32Array(buffer, ends[index]!, count),
        valid,
      });
    });
    const part = new Batch(count, columns, weights === 0 ? null : new Int32Array(buffer, weightsAt, count));
    new Uint8Array(buffer).set(this.#memory.bytes.subarray(this.#part, this.#part + buffer.byteLength));
    return part;
  }

  /** Returns where the values lie in the buffer. */
  #gather(from: number, width: 4 | 8): number {
    const at = this.#next;
    const { kernels } = this.#memory;
    if (width === 8) kernels.gather8(from, this.#rows, this.#count, this.#part + at);
    else kernels.gather4(from, this.#rows, this.#count, this.#part + at);
    this.#next += width * this.#count;
    return at;
  }

  /** Null when no row is NULL. */
  #gatherValid(from: number): Uint8Array | null {
    const at = this.#next;
    const present = this.#memory.kernels.gather1(from, this.#rows, this.#count, this.#part + at);
    if (present === this.#count) return null;
    this.#next += this.#count;
    return new Uint8Array(this.#buffer, at, this.#count);
  }
}
