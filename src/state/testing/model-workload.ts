import { assert, type Random } from '../../base/index.ts';
import { batchFromRows, decodeBatch, type Epoch, encodeBatch, rowsOf } from '../../batch/index.ts';
import type { EpochRecord, StateBlock, StateStore } from '../state-store.ts';

const int8 = { kind: 'int8' } as const;

/** Key to value of one table. */
export type TableContent = Map<number, number>;

/** What one checkpoint must bring back. */
export interface Checkpoint {
  readonly record: EpochRecord;
  /** By `operator/table`. */
  readonly tables: ReadonlyMap<string, TableContent>;
}

/** Everything a store has been asked for, and what it has acknowledged. */
export interface Observed {
  /** Begun in this order; those up to `acknowledged` have resolved. */
  readonly records: EpochRecord[];
  readonly recordsAcknowledged: Set<Epoch>;
  readonly checkpoints: Checkpoint[];
  checkpointAcknowledged: Epoch;
  /** Text of each write begun, in order, and by position what was acknowledged. */
  readonly written: Set<string>;
  readonly writesAcknowledged: Map<number, string>;
  entriesBegun: string[];
  entriesAcknowledged: number;
  incarnation: number;
}

export function nothingObserved(): Observed {
  return {
    records: [],
    recordsAcknowledged: new Set(),
    checkpoints: [],
    checkpointAcknowledged: 0,
    written: new Set(),
    writesAcknowledged: new Map(),
    entriesBegun: [],
    entriesAcknowledged: 0,
    incarnation: 0,
  };
}

/** A block that puts and deletes keys of a table of int8 key and value. */
export function blockOf(place: { operatorId: string; table: string; keyGroup: number }, puts: TableContent, deletes: readonly number[]): StateBlock {
  const rows = [...puts].map(([key, value]) => [BigInt(key), BigInt(value)]);
  return {
    ...place,
    upserts: encodeBatch(batchFromRows([int8, int8], rows)),
    deletes: encodeBatch(
      batchFromRows(
        [int8],
        deletes.map((key) => [BigInt(key)]),
      ),
    ),
    upsertCount: puts.size,
    deleteCount: deletes.length,
  };
}

/** The content of a table as a restart would load it. */
export async function loadTable(store: StateStore, operatorId: string, table: string): Promise<TableContent> {
  const content: TableContent = new Map();
  for await (const block of store.load(operatorId, table)) {
    for (const [key] of rowsOf(decodeBatch(block.deletes))) content.delete(Number(key));
    for (const [key, value] of rowsOf(decodeBatch(block.upserts))) content.set(Number(key), Number(value));
  }
  return content;
}

export function recordOf(epoch: Epoch, incarnation: number, position: number): EpochRecord {
  const split = { split: '0', position, maxEventMicros: null, floorMicros: null, idle: false, finished: false };
  return { epoch, timestampMicros: String(epoch * 1_000), incarnation, sources: [{ relation: 'log', splits: [split], watermarkMicros: null }] };
}

const operators = ['counts', 'joins', 'views'];
const FLEETING = 'passing';
const tables = ['left', 'right', FLEETING];
const KEY_GROUPS = 4;

/** What a workload does how often. */
export interface Habits {
  /** Of each table. */
  readonly keys: number;
  readonly writesAnEpoch: number;
  readonly writeBytes: number;
  /** Every n-th epoch; likewise the others, of which those that are no checkpoints count for nothing. */
  readonly checkpointEvery: number;
  readonly dropEvery: number;
  /** Checkpoints whose confirmation is lost. */
  readonly unconfirmedEvery: number;
  /** Confirmations go on while the next checkpoint is made, as in a server. */
  readonly overlapping: boolean;
  /** Everything is read and checked behind each checkpoint. */
  readonly checks: boolean;
}

export const usualHabits: Habits = {
  keys: 24,
  writesAnEpoch: 3,
  writeBytes: 0,
  checkpointEvery: 2,
  dropEvery: 8,
  unconfirmedEvery: 6,
  overlapping: false,
  checks: false,
};

/**
 * Works on a store as a server does, epoch by epoch: writes and catalog entries, epoch records, a checkpoint every second epoch from two slots, operators
 * that come and go. Begins where the store was restored to; notes before and after each call what is owed.
 */
export class ModelWorkload {
  readonly #store: StateStore;
  readonly #observed: Observed;
  readonly #random: Random;
  readonly #habits: Habits;
  #tables: Map<string, TableContent>;
  #dirty = new Map<string, Set<number>>();
  #epoch: Epoch;
  #confirming: Promise<void> = Promise.resolve();

  constructor(store: StateStore, observed: Observed, random: Random, habits: Partial<Habits> = {}) {
    this.#habits = { ...usualHabits, ...habits };
    this.#store = store;
    this.#observed = observed;
    this.#random = random;
    const restored = store.restoredRecord()?.epoch ?? 0;
    const base = observed.checkpoints.find(({ record }) => record.epoch === restored);
    this.#tables = new Map([...(base?.tables ?? [])].map(([name, content]) => [name, new Map(content)]));
    this.#epoch = store.recordsToReplay().at(-1)?.epoch ?? restored;
    observed.incarnation = store.incarnation;
    observed.entriesBegun = [...store.catalogLog.entries()];
    observed.entriesAcknowledged = observed.entriesBegun.length;
  }

  async run(epochs: number): Promise<void> {
    for (let count = 0; count < epochs; count++) await this.#runEpoch();
    await this.#confirming;
  }

  async #runEpoch(): Promise<void> {
    const observed = this.#observed;
    const entry = `entry ${observed.entriesBegun.length}`;
    await Promise.all(Array.from({ length: this.#habits.writesAnEpoch }, () => this.#write()));
    if (this.#random.nextInt(3) === 0) {
      observed.entriesBegun.push(entry);
      await this.#store.catalogLog.append(entry);
      observed.entriesAcknowledged = observed.entriesBegun.length;
    }
    const record = recordOf(++this.#epoch, this.#store.incarnation, this.#store.embeddedLog.lastPosition() + 1);
    observed.records.push(record);
    await this.#store.appendEpochRecord(record);
    observed.recordsAcknowledged.add(record.epoch);
    this.#change();
    if (record.epoch % this.#habits.checkpointEvery === 0) await this.#checkpoint(record);
  }

  async #write(): Promise<void> {
    const text = `write ${this.#observed.written.size}`.padEnd(this.#habits.writeBytes);
    this.#observed.written.add(text);
    const batch = new TextEncoder().encode(text);
    const position = await this.#store.embeddedLog.append([
      { relation: 'first', batch, rows: 1 },
      { relation: 'second', batch, rows: 2 },
    ]);
    this.#observed.writesAcknowledged.set(position, text);
  }

  #change(): void {
    for (const operator of operators) {
      for (const table of tables) {
        const name = `${operator}/${table}`;
        const content = this.#tables.get(name) ?? new Map<number, number>();
        this.#tables.set(name, content);
        const dirty = this.#dirty.get(name) ?? new Set();
        this.#dirty.set(name, dirty);
        for (let count = this.#random.nextInt(this.#habits.keys / 4); count > 0; count--) {
          const key = this.#random.nextInt(this.#habits.keys);
          dirty.add(key);
          if (this.#random.nextInt(3) === 0) content.delete(key);
          else content.set(key, this.#epoch * 1_000 + key);
        }
      }
    }
  }

  async #checkpoint(record: EpochRecord): Promise<void> {
    const blocks = this.#dirtyBlocks();
    const dropped = record.epoch % this.#habits.dropEvery === 0 ? operators[this.#random.nextInt(operators.length)] : undefined;
    if (dropped !== undefined) for (const table of tables) this.#tables.delete(`${dropped}/${table}`);
    const wanted = operators.filter((operator) => operator !== dropped);
    this.#observed.checkpoints.push({ record, tables: new Map([...this.#tables].map(([name, content]) => [name, new Map(content)])) });
    const half = blocks.length >> 1;
    const segments = await Promise.all([
      this.#store.prepare(record.epoch, 0, blocks.slice(0, half)),
      this.#store.prepare(record.epoch, 1, blocks.slice(half)),
    ]);
    const summary = await this.#store.commit(record, segments, wanted);
    assert(summary.epoch === record.epoch && summary.segments === 2, 'the summary is that of the checkpoint');
    this.#observed.checkpointAcknowledged = record.epoch;
    await this.#store.embeddedLog.release(record.sources[0]!.splits[0]!.position - 1);
    if (record.epoch % this.#habits.unconfirmedEvery !== 0) await this.#confirm(record.epoch);
    if (this.#habits.checks) await this.#store.check();
  }

  async #confirm(epoch: Epoch): Promise<void> {
    await this.#confirming;
    this.#confirming = this.#store.confirm(epoch);
    if (!this.#habits.overlapping) await this.#confirming;
    // The one that waits for it next is told.
    else this.#confirming.catch(() => undefined);
  }

  #dirtyBlocks(): StateBlock[] {
    const blocks: StateBlock[] = [];
    for (const [name, keys] of this.#dirty) {
      const [operatorId, table] = name.split('/') as [string, string];
      const content = this.#tables.get(name) ?? new Map<number, number>();
      for (let keyGroup = 0; keyGroup < KEY_GROUPS; keyGroup++) {
        const own = [...keys].filter((key) => key % KEY_GROUPS === keyGroup);
        if (own.length === 0) continue;
        const puts = new Map(own.filter((key) => content.has(key)).map((key) => [key, content.get(key)!]));
        const gone = own.filter((key) => !content.has(key));
        const block = blockOf({ operatorId, table, keyGroup }, puts, gone);
        blocks.push(table === FLEETING ? { ...block, fleeting: true } : block);
      }
    }
    this.#dirty = new Map();
    return blocks;
  }
}

/** Problems of a reopened store: what was acknowledged is there, what was not is absent or whole, nothing else is. `fallBack` allows older checkpoints. */
export async function problemsOf(store: StateStore, observed: Observed, options: { readonly fallBack: boolean }): Promise<string[]> {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const restored = store.restoredRecord();
  const restoredEpoch = restored?.epoch ?? 0;
  check(
    options.fallBack || restoredEpoch >= observed.checkpointAcknowledged,
    `checkpoint ${observed.checkpointAcknowledged} is lost, ${restoredEpoch} restored`,
  );
  check(store.incarnation > observed.incarnation, `incarnation ${store.incarnation} after ${observed.incarnation}`);
  const checkpoint = observed.checkpoints.findLast(({ record }) => record.epoch === restoredEpoch);
  check(
    restoredEpoch === 0 || JSON.stringify(checkpoint?.record) === JSON.stringify(restored),
    `checkpoint ${restoredEpoch} is not one that was made`,
  );
  for (const operator of operators) {
    for (const table of tables) {
      const expected = checkpoint?.tables.get(`${operator}/${table}`) ?? new Map();
      const found = await loadTable(store, operator, table);
      check(
        sameContent(found, expected),
        `${operator}/${table} at ${restoredEpoch} has ${JSON.stringify([...found])} instead of ${JSON.stringify([...expected])}`,
      );
    }
  }
  const toReplay = store.recordsToReplay();
  for (const record of toReplay) {
    const begun = observed.records.some((candidate) => JSON.stringify(candidate) === JSON.stringify(record));
    check(begun && record.epoch > restoredEpoch, `record ${record.epoch} to replay is not one that was made`);
  }
  for (const epoch of observed.recordsAcknowledged) {
    check(epoch <= restoredEpoch || toReplay.some((record) => record.epoch === epoch), `record ${epoch} is lost`);
  }
  check(
    toReplay.every((record, index) => record.epoch === restoredEpoch + 1 + index),
    'records to replay have a gap',
  );
  problems.push(...(await logProblems(store, observed, restored)));
  return problems;
}

async function logProblems(store: StateStore, observed: Observed, restored: EpochRecord | null): Promise<string[]> {
  const problems: string[] = [];
  const needed = restored?.sources[0]?.splits[0]?.position ?? 1;
  const found = new Map<number, string>();
  for await (const { position, writes } of store.embeddedLog.read(0)) {
    const [first, second] = writes;
    const text = new TextDecoder().decode(first?.batch);
    const whole = writes.length === 2 && second?.relation === 'second' && second.rows === 2 && new TextDecoder().decode(second.batch) === text;
    if (!whole || !observed.written.has(text)) problems.push(`write ${position} is "${text}"`);
    found.set(position, text);
  }
  for (const [position, text] of observed.writesAcknowledged) {
    if (position >= needed && found.get(position) !== text) problems.push(`write ${position} is "${found.get(position)}" instead of "${text}"`);
    if (position > store.embeddedLog.lastPosition()) problems.push(`write ${position} is behind the end`);
  }
  const entries = store.catalogLog.entries();
  const begun = entries.every((entry, index) => entry === observed.entriesBegun[index]);
  if (!begun || entries.length < observed.entriesAcknowledged) problems.push(`catalog entries ${entries.length} of ${observed.entriesAcknowledged}`);
  return problems;
}

function sameContent(left: TableContent, right: TableContent): boolean {
  return left.size === right.size && [...left].every(([key, value]) => right.get(key) === value);
}
