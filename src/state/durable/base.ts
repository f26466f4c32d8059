import { assert } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { consolidateBlocks } from '../consolidate-blocks.ts';
import { damagedFile } from '../damage.ts';
import { CheckedStore, type KeyValueChange, type KeyValueStore, type KeyValueStoreFactory, valueChecksum } from '../leveldb/index.ts';
import type { ImageTable, StateBlock } from '../state-store.ts';
import { type BaseHead, decodeTableRuns, encodeTableRuns, HEAD_KEY, type Run, runKey, type TableRuns, tableKey } from './base-directory.ts';
import { encodeRun, readBlocks } from './segment-format.ts';

const NAME = 'base';
/** A key group of a table is merged when it has more runs than this, or when the runs behind the first outweigh half of it. */
const CHAIN_RUNS_MAX = 64;
const DELTA_SHARE_MAX = 0.5;
/** Below this many runs a merge would cost more than it saves. */
const CHAIN_RUNS_MIN = 4;
/** Runs read at once. */
const READ_RUNS = 256;
/** Bytes written at once while a base is built anew. */
const PART_BYTES = 8 * 1024 * 1024;

/** One change, in order: rows of a block, or an operator whose state goes. */
export type BaseStep = { readonly kind: 'put'; readonly block: StateBlock } | { readonly kind: 'drop'; readonly operatorId: string };

/** The checkpoint that a base holds once the steps have been applied. */
export interface BaseMark {
  readonly applied: Epoch;
  readonly sha256: string;
}

interface DraftRuns extends TableRuns {
  readonly groups: Map<number, readonly Run[]>;
}

/** Changes on their way: tables as they will be, and the batch that makes them so. */
interface Draft {
  readonly tables: Map<string, Map<string, TableRuns>>;
  /** Tables that are the draft's own and may be changed. */
  readonly touched: Set<TableRuns>;
  readonly changes: KeyValueChange[];
  bytes: number;
}

/**
 * The state at one checkpoint in a key-value store: per table and key group a first run and the changes since. It is a materialisation of
 * snapshot and segments, never the only copy: on any doubt it is thrown away and built again.
 */
export class Base {
  readonly #factory: KeyValueStoreFactory;
  #store: KeyValueStore | null = null;
  #head: BaseHead | null = null;
  /** By operator id, by table name. */
  #tables = new Map<string, Map<string, TableRuns>>();
  /** Checksums of directories that are in the store as they are here. */
  readonly #checksums = new WeakMap<TableRuns, number>();
  #nextNumber = 1;
  /** A write has failed: what the store holds is unknown. */
  #broken = false;

  constructor(factory: KeyValueStoreFactory) {
    this.#factory = factory;
  }

  /** Checkpoint the base holds; null when it holds nothing that can be used. */
  get head(): BaseHead | null {
    return this.#broken ? null : this.#head;
  }

  operators(): IterableIterator<string> {
    return this.#tables.keys();
  }

  /** Reads head and directories. Throws XX001 when they do not belong together. */
  async open(): Promise<void> {
    this.#store = new CheckedStore(await this.#factory.open(), NAME);
    const [encoded] = await this.#store.getMany([HEAD_KEY]);
    if (encoded === undefined) return;
    const head = JSON.parse(new TextDecoder().decode(encoded)) as BaseHead;
    const keys = head.tables.map(([operatorNumber, tableNumber]) => tableKey(operatorNumber, tableNumber));
    const values = await this.#store.getMany(keys);
    head.tables.forEach(([operatorNumber, tableNumber, checksum], index) => {
      const value = values[index];
      if (value === undefined || valueChecksum(keys[index]!, value) !== checksum) throw damagedFile(NAME, null, 'an entry is missing or out of date');
      const runs = decodeTableRuns(value, { operatorNumber, tableNumber });
      this.#checksums.set(runs, checksum);
      this.#keep(runs);
    });
    this.#head = head;
  }

  /** Applies changes in one batch, together with the mark that says so. Nothing is written when the steps break off. */
  async apply(steps: AsyncIterable<BaseStep>, mark: BaseMark): Promise<void> {
    const draft = this.#draft();
    for await (const step of steps) this.#take(draft, step);
    await this.#write(draft, mark);
  }

  /** Begins anew with these steps, in parts: until the mark is there the store counts as empty. */
  async rebuild(steps: AsyncIterable<BaseStep>, mark: BaseMark): Promise<void> {
    await this.#reset();
    const draft = this.#draft();
    for await (const step of steps) {
      this.#take(draft, step);
      if (draft.bytes < PART_BYTES) continue;
      await this.#commit(draft.changes.splice(0));
      draft.bytes = 0;
    }
    await this.#write(draft, mark);
  }

  /** Merges the key groups of which too many runs or bytes are changes, at most about `bytesMax` of them. Decodes rows, unlike all else here. */
  async compact(bytesMax: number): Promise<void> {
    const head = this.#head;
    if (head === null) return;
    let budget = bytesMax;
    for (const runs of [...this.#tables.values()].flatMap((tables) => [...tables.values()])) {
      const due = [...runs.groups].filter(([, list]) => isDue(list));
      if (due.length === 0 || budget <= 0) continue;
      const draft = this.#draft();
      const groups = new Map(runs.groups);
      for (const [keyGroup, list] of due) {
        if (budget <= 0) break;
        budget -= list.reduce((sum, run) => sum + run.bytes, 0);
        const merged = consolidateBlocks(await this.#readRuns(runs, keyGroup, list));
        for (const run of list) draft.changes.push({ key: runKey(runs, keyGroup, run.number), value: null });
        if (merged.upsertCount === 0) groups.delete(keyGroup);
        else groups.set(keyGroup, [putRun(runs, merged, (list.at(-1)?.number ?? 0) + 1, draft)]);
      }
      draft.tables.get(runs.operatorId)!.set(runs.table, { ...runs, groups });
      await this.#write(draft, head);
    }
  }

  /** Blocks of one table, by key group, oldest first. Throws XX001 when a run is missing or damaged. */
  async *load(operatorId: string, table: string): AsyncIterable<StateBlock> {
    const runs = this.#tables.get(operatorId)?.get(table);
    if (runs === undefined) return;
    for (const [keyGroup, list] of [...runs.groups].sort(([left], [right]) => left - right)) yield* await this.#readRuns(runs, keyGroup, list);
  }

  /** Tables with rows. */
  imageTables(): ImageTable[] {
    const tables = [...this.#tables.values()].flatMap((own) => [...own.values()]);
    return tables.map(({ operatorId, table, groups }) => ({ operatorId, table, keyGroups: [...groups.keys()] }));
  }

  /** Blocks of one key group, oldest first. Throws XX001 when a run is missing or damaged. */
  async loadGroup(operatorId: string, table: string, keyGroup: number): Promise<StateBlock[]> {
    const runs = this.#tables.get(operatorId)?.get(table);
    return runs === undefined ? [] : this.#readRuns(runs, keyGroup, runs.groups.get(keyGroup) ?? []);
  }

  /** All blocks, table by table. */
  async *loadAll(): AsyncIterable<StateBlock> {
    for (const tables of [...this.#tables.values()]) {
      for (const { operatorId, table } of [...tables.values()]) yield* this.load(operatorId, table);
    }
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = null;
  }

  /** Throws everything away, also what cannot be opened. */
  async #reset(): Promise<void> {
    await this.#store?.close().catch(() => undefined);
    this.#store = null;
    this.#head = null;
    this.#tables = new Map();
    this.#nextNumber = 1;
    await this.#factory.destroy();
    this.#store = new CheckedStore(await this.#factory.open(), NAME);
    this.#broken = false;
  }

  async #readRuns(runs: TableRuns, keyGroup: number, list: readonly Run[]): Promise<StateBlock[]> {
    const blocks: StateBlock[] = [];
    for (let start = 0; start < list.length; start += READ_RUNS) {
      const part = list.slice(start, start + READ_RUNS);
      const keys = part.map((run) => runKey(runs, keyGroup, run.number));
      const values = await this.#opened().getMany(keys);
      part.forEach((run, index) => {
        const value = values[index];
        if (value === undefined || valueChecksum(keys[index]!, value) !== run.checksum)
          throw damagedFile(NAME, null, 'a run is missing or out of date');
        blocks.push(...readBlocks(value, runs.operatorId, runs.table));
      });
    }
    return blocks;
  }

  #draft(): Draft {
    return { tables: new Map([...this.#tables].map(([operator, own]) => [operator, new Map(own)])), touched: new Set(), changes: [], bytes: 0 };
  }

  #take(draft: Draft, step: BaseStep): void {
    if (step.kind === 'drop') {
      dropOperator(draft, step.operatorId);
      return;
    }
    const { block } = step;
    const runs = this.#touch(draft, block);
    const list = runs.groups.get(block.keyGroup) ?? [];
    runs.groups.set(block.keyGroup, [...list, putRun(runs, block, (list.at(-1)?.number ?? 0) + 1, draft)]);
  }

  /** The runs of the block's table, as the draft's own copy. */
  #touch(draft: Draft, { operatorId, table }: StateBlock): DraftRuns {
    let own = draft.tables.get(operatorId);
    if (own === undefined) {
      own = new Map();
      draft.tables.set(operatorId, own);
    }
    const known = own.get(table);
    if (known !== undefined && draft.touched.has(known)) return known as DraftRuns;
    const operatorNumber = own.values().next().value?.operatorNumber ?? this.#nextNumber++;
    const tableNumber = known?.tableNumber ?? [...own.values()].reduce((most, other) => Math.max(most, other.tableNumber), 0) + 1;
    const runs: DraftRuns = { operatorId, table, operatorNumber, tableNumber, groups: new Map(known?.groups) };
    draft.touched.add(runs);
    own.set(table, runs);
    return runs;
  }

  /** Adds changed directories and the head to the batch; memory follows once it is durable. */
  async #write(draft: Draft, mark: BaseMark): Promise<void> {
    const entries: [number, number, number][] = [];
    for (const runs of [...draft.tables.values()].flatMap((own) => [...own.values()])) {
      let checksum = this.#checksums.get(runs);
      if (checksum === undefined) {
        const key = tableKey(runs.operatorNumber, runs.tableNumber);
        const value = encodeTableRuns(runs);
        checksum = valueChecksum(key, value);
        this.#checksums.set(runs, checksum);
        draft.changes.push({ key, value });
      }
      entries.push([runs.operatorNumber, runs.tableNumber, checksum]);
    }
    const head: BaseHead = { applied: mark.applied, sha256: mark.sha256, tables: entries };
    draft.changes.push({ key: HEAD_KEY, value: new TextEncoder().encode(JSON.stringify(head)) });
    await this.#commit(draft.changes);
    this.#tables = draft.tables;
    this.#head = head;
  }

  async #commit(changes: readonly KeyValueChange[]): Promise<void> {
    try {
      await this.#opened().batch(changes);
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  #keep(runs: TableRuns): void {
    const own = this.#tables.get(runs.operatorId) ?? new Map<string, TableRuns>();
    this.#tables.set(runs.operatorId, own.set(runs.table, runs));
    this.#nextNumber = Math.max(this.#nextNumber, runs.operatorNumber + 1);
  }

  #opened(): KeyValueStore {
    assert(this.#store !== null, 'the base is open');
    return this.#store;
  }
}

function isDue(list: readonly Run[]): boolean {
  if (list.length > CHAIN_RUNS_MAX) return true;
  if (list.length < CHAIN_RUNS_MIN) return false;
  const delta = list.reduce((sum, run) => sum + run.bytes, 0) - list[0]!.bytes;
  return delta > list[0]!.bytes * DELTA_SHARE_MAX;
}

function putRun(runs: TableRuns, block: StateBlock, number: number, draft: Draft): Run {
  const key = runKey(runs, block.keyGroup, number);
  const value = encodeRun(block);
  draft.changes.push({ key, value });
  draft.bytes += value.length;
  return { number, bytes: value.length, checksum: valueChecksum(key, value) };
}

function dropOperator(draft: Draft, operatorId: string): void {
  for (const runs of draft.tables.get(operatorId)?.values() ?? []) {
    for (const [keyGroup, list] of runs.groups) {
      for (const run of list) draft.changes.push({ key: runKey(runs, keyGroup, run.number), value: null });
    }
    draft.changes.push({ key: tableKey(runs.operatorNumber, runs.tableNumber), value: null });
  }
  draft.tables.delete(operatorId);
}
