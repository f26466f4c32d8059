import type { Epoch } from '../batch/index.ts';

/** Dirty rows of one state table in one key group, as encoded batches (batch: encodeBatch); absolute values and deletions. */
export interface StateBlock {
  readonly operatorId: string;
  readonly table: string;
  readonly keyGroup: number;
  readonly upserts: Uint8Array;
  /** Key columns only. */
  readonly deletes: Uint8Array;
  readonly upsertCount: number;
  readonly deleteCount: number;
  /** Of a fleeting table (StateTableDeclaration). Not said of what is read back. */
  readonly fleeting?: true;
}

/** A written, fsynced delta segment. */
export interface SegmentReference {
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly crc32c: number;
  /** Order-independent digest of the changes for each key group present. */
  readonly digests: Readonly<Record<number, string>>;
}

/** SplitVerdicts, JSON-safe: [position, micros] and [from, to, micros]. */
export interface VerdictsRecord {
  readonly floors: readonly (readonly [number, string])[];
  readonly future: readonly (readonly [number, number, string])[];
}

/** Progress of one split, JSON-safe (micros as decimal text). */
export interface SplitRecord {
  readonly split: string;
  readonly position: number;
  readonly maxEventMicros: string | null;
  readonly floorMicros: string | null;
  readonly idle: boolean;
  readonly finished: boolean;
  /** In the log those of the epoch, in a checkpoint all; absent where there are none, since there is a record ten times a second. */
  readonly verdicts?: VerdictsRecord;
}

export interface SourceRecord {
  readonly relation: string;
  readonly splits: readonly SplitRecord[];
  readonly watermarkMicros: string | null;
}

/** What defines an epoch: fsynced before anything of it is published. `watermarks` are decided, not derived. */
export interface EpochRecord {
  readonly epoch: Epoch;
  readonly timestampMicros: string;
  readonly incarnation: number;
  readonly sources: readonly SourceRecord[];
  /** Of a checkpoint: jobs that stand still, by id; their state is as of an epoch of their own. */
  readonly paused?: Readonly<Record<string, PausedAt>>;
  /** Jobs whose inputs end in this epoch though what they read goes on, by id; of a checkpoint: in this one or before. */
  readonly drained?: readonly string[];
  /** Of a checkpoint: new jobs that read the history of a source and take part in no epoch yet, by id; their state is as of a barrier of their own. */
  readonly joining?: Readonly<Record<string, HistoryAt>>;
}

/** What of its inputs' histories a new job has in its state. */
export interface HistoryAt {
  /** The relations it reads, by input. */
  readonly reads: readonly string[];
  /** Ids of its operators. */
  readonly operators: readonly string[];
  /** How far those inputs are read that are read by a reader of their own, by index. */
  readonly sources: Readonly<Record<number, SourceRecord>>;
}

/** Where a job has stopped: behind `epoch`, with the sources it reads there. */
export interface PausedAt {
  readonly epoch: Epoch;
  readonly sources: readonly SourceRecord[];
}

export interface CheckpointSummary {
  readonly epoch: Epoch;
  readonly bytes: number;
  readonly rows: number;
  readonly segments: number;
}

/**
 * Durable state of one data directory: epoch log, delta segments, manifest chain, base, embedded log, catalog log. One owner at a time. All
 * promises resolve only when what they name is durable. Damage is found and named (XX001), never passed on.
 */
export interface StateStore {
  /** Durable counter, one higher than at the last start; part of every record and manifest. */
  readonly incarnation: number;
  /** The newest complete checkpoint's epoch record, or null on an empty directory. */
  restoredRecord(): EpochRecord | null;
  /** Null: nobody else can have taken the directory over. Otherwise resolves when that is known again; throws 55006 when somebody has. */
  confirmLead(): Promise<void> | null;
  /** Records of epochs after the restored checkpoint, ascending, to be replayed exactly. */
  recordsToReplay(): readonly EpochRecord[];
  appendEpochRecord(record: EpochRecord): Promise<void>;
  /** prepare(e): writes the blocks of one slot as a delta segment and fsyncs it. */
  prepare(epoch: Epoch, slot: number, blocks: readonly StateBlock[]): Promise<SegmentReference>;
  /** commit(e): links the manifest; the only commit point. `operators` are the ids whose state is still wanted; others are dropped by compaction. */
  commit(record: EpochRecord, segments: readonly SegmentReference[], operators: readonly string[]): Promise<CheckpointSummary>;
  /** confirm(e): applies committed segments to the base, compacts, deletes what no retained checkpoint needs. May be late or lost. */
  confirm(epoch: Epoch): Promise<void>;
  /** The restored state of one table: blocks to be loaded in order, later rows win; deletions before upserts within a block. */
  load(operatorId: string, table: string): AsyncIterable<StateBlock>;
  /** Operator ids that have restored state. */
  restoredOperators(): ReadonlySet<string>;
  /**
   * The newest checkpoint, held still until `read` has settled; null when there is none. Later commits do not wait for it. `read` begins again when what is read turns
   * out to be damaged and could be built anew.
   */
  readCheckpoint<Result>(read: (image: CheckpointImage | null) => Promise<Result>): Promise<Result>;
  /** Reads everything that the retained checkpoints need and names what is damaged. A base that is gets built anew; other files are replaced by a later checkpoint. */
  check(): Promise<readonly CheckedFile[]>;
  readonly embeddedLog: EmbeddedLog;
  readonly catalogLog: CatalogLog;
  close(): Promise<void>;
}

/** All of the state at one checkpoint. */
export interface CheckpointImage {
  readonly record: EpochRecord;
  /** Tables with rows, and the key groups they have rows in, in no order. */
  tables(): readonly ImageTable[];
  /** Blocks of one key group, oldest first; deletions before upserts within a block. */
  load(table: Pick<ImageTable, 'operatorId' | 'table'>, keyGroup: number): Promise<readonly StateBlock[]>;
}

/** A file or folder that has been read from end to end. */
export interface CheckedFile {
  readonly file: string;
  readonly kind: 'manifest' | 'checkpoint' | 'base' | 'log';
  /** Null where it could not be read. */
  readonly bytes: number | null;
  /** Null: it is sound. */
  readonly problem: string | null;
}

export interface ImageTable {
  readonly operatorId: string;
  readonly table: string;
  readonly keyGroups: readonly number[];
}

/** Rows one transaction adds to one embedded relation: an encoded batch, weights included. */
export interface EmbeddedWrite {
  readonly relation: string;
  readonly batch: Uint8Array;
  readonly rows: number;
}

export interface EmbeddedRecord {
  /** 1, 2, 3 … over all relations; one COMMIT is one record. */
  readonly position: number;
  readonly writes: readonly EmbeddedWrite[];
}

/** The one log of all stored tables and embedded streams. */
export interface EmbeddedLog {
  /** Resolves to the record's position when it is fsynced; concurrent calls share one fsync. */
  append(writes: readonly EmbeddedWrite[]): Promise<number>;
  /** Position of the last durable record; 0 when empty. */
  lastPosition(): number;
  /** Records after `position` in order. */
  read(position: number): AsyncIterable<EmbeddedRecord>;
  /** Records up to `position` are not needed by any retained checkpoint any more. */
  release(position: number): Promise<void>;
  /** Of a log that never had a record: the first one will be the one behind `position`. Resolves when that is durable. */
  startBehind(position: number): Promise<void>;
}

/** The catalog's own log: JSON texts in order, each fsynced before append resolves. */
export interface CatalogLog {
  append(entry: string): Promise<void>;
  entries(): readonly string[];
}
