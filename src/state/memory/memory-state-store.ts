import { assert } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { consolidateBlocks } from '../consolidate-blocks.ts';
import type {
  CatalogLog,
  CheckedFile,
  CheckpointImage,
  CheckpointSummary,
  EpochRecord,
  ImageTable,
  SegmentReference,
  StateBlock,
  StateStore,
} from '../state-store.ts';
import { MemoryEmbeddedLog } from './memory-embedded-log.ts';

/** Blocks kept for one key group of a table before they are merged. */
const BLOCKS_MAX = 8;

/**
 * A data directory in memory, for `--memory` servers and tests. It outlives the StateStore objects opened on it, so that a test can crash a
 * server (drop everything that runs) and open the same directory again: only what was committed is there.
 */
export class MemoryDirectory {
  incarnation = 0;
  record: EpochRecord | null = null;
  readonly records: EpochRecord[] = [];
  /** By operator, by table and key group: committed blocks, oldest first. */
  readonly state = new Map<string, Map<string, StateBlock[]>>();
  readonly embeddedLog = new MemoryEmbeddedLog();
  readonly catalogEntries: string[] = [];
}

export function openMemoryStateStore(directory: MemoryDirectory = new MemoryDirectory()): StateStore {
  return new MemoryStateStore(directory);
}

class MemoryStateStore implements StateStore {
  readonly incarnation: number;
  readonly embeddedLog: MemoryEmbeddedLog;
  readonly catalogLog: CatalogLog;
  readonly #directory: MemoryDirectory;
  readonly #prepared = new Map<string, readonly StateBlock[]>();
  #segments = 0;

  constructor(directory: MemoryDirectory) {
    this.#directory = directory;
    this.incarnation = ++directory.incarnation;
    this.embeddedLog = directory.embeddedLog;
    this.catalogLog = {
      append: async (entry) => {
        directory.catalogEntries.push(entry);
      },
      entries: () => directory.catalogEntries,
    };
  }

  confirmLead(): null {
    return null;
  }

  restoredRecord(): EpochRecord | null {
    return this.#directory.record;
  }

  recordsToReplay(): readonly EpochRecord[] {
    const restored = this.#directory.record?.epoch ?? 0;
    return this.#directory.records.filter((record) => record.epoch > restored);
  }

  async appendEpochRecord(record: EpochRecord): Promise<void> {
    this.#assertOwner();
    const newest = this.#directory.records.at(-1)?.epoch ?? this.#directory.record?.epoch ?? 0;
    assert(record.epoch > newest, `epoch record ${record.epoch} after ${newest}`);
    this.#directory.records.push(record);
  }

  async prepare(epoch: Epoch, slot: number, blocks: readonly StateBlock[]): Promise<SegmentReference> {
    this.#assertOwner();
    const file = `segment-${epoch}-${slot}-${++this.#segments}`;
    this.#prepared.set(file, blocks);
    let bytes = 0;
    let rows = 0;
    for (const block of blocks) {
      bytes += block.upserts.length + block.deletes.length;
      rows += block.upsertCount + block.deleteCount;
    }
    return { file, bytes, rows, crc32c: 0, digests: {} };
  }

  async commit(record: EpochRecord, segments: readonly SegmentReference[], operators: readonly string[]): Promise<CheckpointSummary> {
    this.#assertOwner();
    for (const segment of segments) {
      const blocks = this.#prepared.get(segment.file);
      assert(blocks !== undefined, `segment ${segment.file} was never prepared`);
      for (const block of blocks) this.#apply(block);
    }
    this.#prepared.clear();
    const wanted = new Set(operators);
    for (const operator of [...this.#directory.state.keys()]) if (!wanted.has(operator)) this.#directory.state.delete(operator);
    this.#directory.record = record;
    const kept = this.#directory.records.filter((entry) => entry.epoch > record.epoch);
    this.#directory.records.splice(0, this.#directory.records.length, ...kept);
    const sum = (of: (segment: SegmentReference) => number): number => segments.reduce((total, segment) => total + of(segment), 0);
    return { epoch: record.epoch, bytes: sum((segment) => segment.bytes), rows: sum((segment) => segment.rows), segments: segments.length };
  }

  async confirm(): Promise<void> {
    this.#assertOwner();
  }

  async *load(operatorId: string, table: string): AsyncIterable<StateBlock> {
    for (const [key, blocks] of this.#directory.state.get(operatorId) ?? []) {
      if (key.slice(0, key.lastIndexOf('/')) === table) yield* blocks;
    }
  }

  restoredOperators(): ReadonlySet<string> {
    return new Set(this.#directory.state.keys());
  }

  readCheckpoint<Result>(read: (image: CheckpointImage | null) => Promise<Result>): Promise<Result> {
    const { record, state } = this.#directory;
    if (record === null) return read(null);
    // Blocks are never changed, so a copy of the lists holds still.
    const held = new Map([...state].map(([operatorId, tables]) => [operatorId, new Map(tables)]));
    return read({
      record,
      tables: () => [...held].flatMap(([operatorId, tables]) => imageTables(operatorId, tables.keys())),
      load: async ({ operatorId, table }, keyGroup) => held.get(operatorId)?.get(`${table}/${keyGroup}`) ?? [],
    });
  }

  /** Nothing of it is on a disk. */
  async check(): Promise<readonly CheckedFile[]> {
    return [];
  }

  async close(): Promise<void> {
    this.#prepared.clear();
  }

  #apply(block: StateBlock): void {
    let tables = this.#directory.state.get(block.operatorId);
    if (tables === undefined) {
      tables = new Map();
      this.#directory.state.set(block.operatorId, tables);
    }
    const key = `${block.table}/${block.keyGroup}`;
    const blocks = [...(tables.get(key) ?? []), block];
    tables.set(key, blocks.length > BLOCKS_MAX ? [consolidateBlocks(blocks)] : blocks);
  }

  /** A store opened later owns the directory: an older server that still runs must not write any more. */
  #assertOwner(): void {
    assert(this.#directory.incarnation === this.incarnation, 'the data directory has been taken over');
  }
}

/** Tables by the keys under which their blocks are kept. */
function imageTables(operatorId: string, keys: Iterable<string>): ImageTable[] {
  const keyGroups = new Map<string, number[]>();
  for (const key of keys) {
    const end = key.lastIndexOf('/');
    const table = key.slice(0, end);
    keyGroups.set(table, [...(keyGroups.get(table) ?? []), Number(key.slice(end + 1))]);
  }
  return [...keyGroups].map(([table, groups]) => ({ operatorId, table, keyGroups: groups }));
}
