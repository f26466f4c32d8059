import { Batch, batchFromRows, type Epoch, projectBatch, rowsOf } from '../../batch/index.ts';
import { NO_PINNED_DELTAS, type PinnedDeltas, type ReadableRelation, type RelationScan, type RowError, type StateTable } from '../../spi/index.ts';
import { int8Type, type SqlType, textType } from '../../types/index.ts';

/** The table that each operator which computes has beside its own. */
export const ROW_ERRORS = 'row errors';

/** Columns that readers see: expression, error, row. */
const SHOWN: readonly SqlType[] = [textType, textType, textType];
/** The same, who counted, the count. */
const STORED: readonly SqlType[] = [...SHOWN, int8Type, int8Type];
const KEY_COUNT = 4;
/** Rough bytes of an entry beside its texts. */
const ENTRY_BYTES = 96;

type Shown = readonly [expression: string, error: string, row: string];

/**
 * Rows one operator of one subtask cannot compute now (on_row_error = store), as a relation with weights. A row and its retraction may be met by
 * different subtasks, so a weight here may be negative: the sum over all subtasks is what is true, and readers add up. Kept in a state table, so a
 * crash forgets none; not versioned, like the other accounts of what was not taken.
 */
export class RowErrors implements ReadableRelation {
  readonly state: StateTable;
  readonly #origin: bigint;
  readonly #counts = new Map<string, { readonly shown: Shown; weight: number }>();
  #dirty = new Set<string>();
  /** Entries that a restore has brought here and that are counted as own ones from then on. */
  #taken: (readonly [...Shown, bigint])[] = [];
  #bytes = 0;

  /** `origin` is shared with no other subtask and no earlier attempt whose entries a checkpoint holds: two writers of one key would undo each other. */
  constructor(origin: bigint) {
    this.#origin = origin;
    this.state = {
      declaration: {
        name: ROW_ERRORS,
        columns: STORED,
        keyCount: KEY_COUNT,
        partitionKeyCount: SHOWN.length,
        tieBreakers: { count: 1, kind: 'summed' },
      },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#counts.size,
    };
  }

  add({ error, expression, row, weight }: RowError): void {
    this.#count([expression, error.message, row], weight);
  }

  *scan(_epoch: Epoch, request: RelationScan): Generator<Batch, undefined> {
    const entries = [...this.#counts.values()];
    if (entries.length === 0) return undefined;
    const { columns, rowCount } = batchFromRows(
      SHOWN,
      entries.map(({ shown }) => shown),
    );
    const weights = Int32Array.from(entries, ({ weight }) => weight);
    yield projectBatch(new Batch(rowCount, columns, weights), request.columns);
    return undefined;
  }

  /** Has no epochs. */
  changes(): null {
    return null;
  }

  release(): void {}

  pinnedThrough(): void {}

  pinned(): PinnedDeltas {
    return NO_PINNED_DELTAS;
  }

  #count(shown: Shown, weight: number): void {
    const key = JSON.stringify(shown);
    this.#dirty.add(key);
    const entry = this.#counts.get(key);
    if (entry === undefined) {
      this.#counts.set(key, { shown, weight });
      this.#bytes += ENTRY_BYTES + 2 * key.length;
      return;
    }
    entry.weight += weight;
    if (entry.weight !== 0) return;
    this.#counts.delete(key);
    this.#bytes -= ENTRY_BYTES + 2 * key.length;
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const upserts: (readonly [...Shown, bigint, bigint])[] = [];
    const deletes = [...this.#taken];
    for (const key of this.#dirty) {
      const entry = this.#counts.get(key);
      if (entry === undefined) deletes.push([...(JSON.parse(key) as [string, string, string]), this.#origin]);
      else upserts.push([...entry.shown, this.#origin, BigInt(entry.weight)]);
    }
    this.#dirty = new Set();
    this.#taken = [];
    return { upserts: batchFromRows(STORED, upserts), deletes: batchFromRows(STORED.slice(0, KEY_COUNT), deletes) };
  }

  /** Entries of one row from several subtasks come together here and become one. */
  #load(rows: Batch): void {
    for (const [expression, error, row, origin, weight] of rowsOf(rows) as [string, string, string, bigint, bigint][]) {
      this.#count([expression, error, row], Number(weight));
      this.#taken.push([expression, error, row, origin]);
    }
  }
}
