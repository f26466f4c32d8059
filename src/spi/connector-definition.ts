import type { Clock, Logger, Random, SqlError } from '../base/index.ts';
import type { Batch, Epoch } from '../batch/index.ts';
import type { EdgeColumn } from '../jobgraph/index.ts';
import type { SqlType } from '../types/index.ts';
import type { EncodedMessages, FormatDefinition } from './format-definition.ts';
import type { LookupCapability } from './lookup-capability.ts';
import type { OptionDefinition } from './option-definition.ts';
import type { Registry } from './registry.ts';
import type { TableDelivery, TableRowsTaken } from './table-delivery.ts';

/** A column a connector can supply beside the message's value, named in `METADATA FROM 'key'`. */
export interface MetadataColumn {
  readonly key: string;
  readonly type: SqlType;
  readonly description: string;
}

/** A unit of reading (a Kafka partition, a file, a generator's share). `id` is stable and stored in epoch records. */
export interface Split {
  readonly id: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Position to start from when nothing is recorded. Positions are connector-defined, monotone doubles; Kafka: the offset. */
  readonly start: number;
  /** Exclusive end for bounded reading, or null. */
  readonly end: number | null;
}

/**
 * Rows read from one split, between two positions. Either messages to decode by the format, or columns made directly. All but the columns may be
 * written over from the reader's next poll on.
 */
export interface SourceChunk {
  readonly split: string;
  /** Position after the last row of the chunk: reading resumes here. */
  readonly nextPosition: number;
  readonly rowCount: number;
  /** Position of each row, ascending. */
  readonly positions: Float64Array;
  readonly messages: EncodedMessages | null;
  readonly keys: EncodedMessages | null;
  /** When messages is null: a column for each physical column of the relation. */
  readonly columns: Batch['columns'] | null;
  /** Weights of rows that came as columns (embedded tables); null = all +1. */
  readonly weights: Int32Array | null;
  /** Message timestamps in milliseconds (Kafka), or null. */
  readonly timestampsMs: Float64Array | null;
  /** Value of other metadata keys for all rows of the chunk (partition, topic …). Made when asked for, so there is no list of them. */
  readonly metadata: { get(key: string): Batch['columns'][number] | undefined };
}

export interface SplitStatus {
  readonly split: string;
  /** End of what exists now, for lag; null when unknown. */
  readonly endPosition: number | null;
  /** The first position that can still be read; absent or null while nobody says. */
  readonly oldestPosition?: number | null;
  /** The split is bounded and read to its end. */
  readonly finished: boolean;
}

/**
 * Reads splits. All waiting happens behind it: `poll` answers at once with what is there. When it had nothing and something arrives, it calls
 * `wake`. Errors that need a person (offset out of range) are thrown by poll; transient ones are retried inside with back-off and shown by `problem`.
 */
export interface SourceReader {
  /** The next chunk of a split that is not paused, at most about `rowsMax` rows and never past `limit(split)`; null when none is ready. */
  poll(rowsMax: number, limit: (split: string) => number): SourceChunk | null;
  addSplit(split: Split, position: number): void;
  removeSplit(split: string): void;
  status(): readonly SplitStatus[];
  /** What the reader is retrying just now, for users; null when all is well. */
  problem(): SqlError | null;
  close(): Promise<void>;
}

export interface SourceContext {
  readonly options: ReadonlyMap<string, string>;
  /** Physical columns of the relation (not computed, not metadata). */
  readonly columns: readonly EdgeColumn[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly wake: () => void;
}

export interface SinkContext {
  /** The sink's name, for what it writes beside others. */
  readonly sink: string;
  /** The same for every attempt and subtask of the sink's job and for no other job; null: rows of one INSERT, which are part of no epoch. */
  readonly job: string | null;
  readonly options: ReadonlyMap<string, string>;
  readonly columns: readonly EdgeColumn[];
  /** Positions of the key of messages: the upsert key, unless rows are only added; null: messages have none. */
  readonly key: readonly number[] | null;
  /** With a key all the same: rows are only added, and each is a message of its own. Absent: a row takes the place of the one with its key. */
  readonly appends?: boolean;
  readonly formats: Registry<FormatDefinition>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly wake: () => void;
  /** The way into stored tables; null outside a job. */
  readonly tableDelivery: ((taken: TableRowsTaken) => TableDelivery) | null;
}

/**
 * The sink contract (what users are promised: docs/guarantees.md, Sinks): write deltas, prepare at a checkpoint barrier, commit after the checkpoint is durable, recover after a crash.
 * At-least-once sinks send in `write` and wait for acknowledgement in `flushed`.
 */
export interface SinkWriter {
  /** False: no room now, `wake` will be called. */
  ready(): boolean;
  /** What it waits for and tries again, for people to see; null: nothing. */
  problem?(): SqlError | null;
  write(epoch: Epoch, batch: Batch): void;
  /** All of the epoch has been written. */
  endEpoch?(epoch: Epoch): void;
  /** True once everything written up to `epoch` has been acknowledged; the barrier of a checkpoint waits for it. Throws what made it impossible. */
  flushed(epoch: Epoch): boolean;
  /** Epoch ends: what must be remembered to commit it later, or null when there is nothing to commit. */
  prepare(epoch: Epoch): Uint8Array | null;
  /** The checkpoint is durable. Idempotent by epoch; returns once the effect is durable, since the committable is forgotten then. */
  commit(epoch: Epoch, committable: Uint8Array): Promise<void>;
  /**
   * Once, before anything is written: the state is that of checkpoint `lastCommittedEpoch`. What earlier attempts prepared up to there will be
   * committed again, what they have left of later epochs counts for nothing. `prepared`: the former, oldest first.
   */
  recover(lastCommittedEpoch: Epoch, prepared: readonly Prepared[]): Promise<void>;
  /** Of a writer that holds rows back until they are committed. */
  outbox?(): OutboxStatus;
  /** The attempt ends: a commit under way is not waited for but given up, which is as good as a crash. Before `close`. */
  stop?(): void;
  close(): Promise<void>;
}

/** What `prepare` has given for an epoch. */
export interface Prepared {
  readonly epoch: Epoch;
  readonly bytes: Uint8Array;
}

/** What waits in a sink for its checkpoint. */
export interface OutboxStatus {
  /** Written since the last checkpoint. */
  readonly bytes: number;
  /** It asks for a checkpoint before the next one is due. */
  readonly full: boolean;
  /** What the output itself says is committed, for people; null: nothing yet. */
  readonly marker: string | null;
}

/** A connector: data, option schema and small functions. */
export interface ConnectorDefinition {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionDefinition[];
  readonly metadata: readonly MetadataColumn[];
  /** Messages are changes by their key: a relation over it needs a primary key, and so does a sink. */
  readonly changesByKey?: boolean;
  readonly source: SourceCapability | null;
  readonly sink: SinkCapability | null;
  /** FOR SYSTEM_TIME AS OF fetches its rows by key. Absent: it cannot be looked up. */
  readonly lookup?: LookupCapability;
  /** CREATE CONNECTION makes one of its connector type of options that begin with `properties.`. Errors: 22023 for what no client could be made with. Absent: there are none. */
  checkConnection?(options: ReadonlyMap<string, string>): Promise<void>;
  /** Part of another statement: no WITH clause names it. Absent: one does. */
  readonly internal?: true;
}

export interface SplitContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Subtasks that will read: the lines of a large file are shared out to as many splits. */
  readonly parallelism: number;
}

export interface SourceCapability {
  /** Needs a FORMAT: chunks carry messages. */
  readonly needsFormat: boolean;
  bounded(options: ReadonlyMap<string, string>): boolean;
  /** Resolves start positions once, at CREATE; fails clearly when the other side is not there. */
  listSplits(options: ReadonlyMap<string, string>, context: SplitContext): Promise<readonly Split[]>;
  createReader(context: SourceContext): SourceReader;
}

/** A sink that is about to be made. */
export interface SinkShape {
  readonly columns: readonly EdgeColumn[];
  /** Positions of the upsert key. */
  readonly key: readonly number[] | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SinkCapability {
  readonly needsFormat: boolean;
  /** What reaches the other side after a crash. */
  delivery(options: ReadonlyMap<string, string>): 'none' | 'at-least-once' | 'exactly-once';
  /** Accepts updates and deletes by key. */
  readonly acceptsUpdates: 'never' | 'with-key' | 'always';
  /** One subtask writes everything, as one transaction must. Absent: all of them write. */
  oneWriter?(options: ReadonlyMap<string, string>): boolean;
  /**
   * Options as they are kept with a sink: with what is decided once, at CREATE. `replaced`: those of the sink whose place it takes, which it may be the same as.
   * Absent: as written.
   */
  settle?(
    options: ReadonlyMap<string, string>,
    context: { readonly random: Random; readonly replaced: ReadonlyMap<string, string> | null },
  ): ReadonlyMap<string, string>;
  /** Whether the other side is there and takes what the sink writes. */
  check(options: ReadonlyMap<string, string>, sink: SinkShape): Promise<void>;
  createWriter(context: SinkContext): SinkWriter;
}
