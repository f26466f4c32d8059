import type { Epoch } from '../../batch/index.ts';
import type { EdgeColumn, OperatorSpec, PartitionerSpec, RelationId, SetAside } from '../../jobgraph/index.ts';
import type { Split, SplitCut } from '../../spi/index.ts';
import type { BellLine } from '../channel/index.ts';

/** One channel as both ends see it: a queue of the slot both live in, or a ring. */
export interface ChannelDescription {
  readonly id: string;
  readonly senderSlot: number;
  readonly receiverSlot: number;
  /** The TaskManagers that the two slots belong to. */
  readonly senderHost: string;
  readonly receiverHost: string;
  readonly ringBytes: number;
  /** Filled in by the TaskManager, since shared memory does not leave its process. Null: both ends live in one slot. */
  readonly ring: ChannelRing | null;
}

/** Shared memory of a channel's end: the bytes, and the lines of the doorbells that wake who writes and who reads them. */
export interface ChannelRing {
  readonly memory: SharedArrayBuffer;
  readonly sender: BellLine;
  readonly receiver: BellLine;
}

export interface InputDescription {
  readonly input: number;
  /** All that comes before the job joins the running graph is what private readers read. */
  readonly ofHistory: boolean;
  readonly channel: ChannelDescription;
}

/** The sending side of an edge in one subtask. `columns` projects the sender's rows; null passes them as they are. `setAside`: not its rows, but those that it does not take. */
export interface EdgeDescription {
  readonly id: string;
  readonly setAside?: SetAside;
  readonly partitioner: PartitionerSpec;
  readonly columns: readonly number[] | null;
  readonly channels: readonly ChannelDescription[];
}

export interface SourceDescription {
  readonly splits: readonly { readonly split: Split; readonly from: SplitCut }[];
  /** Columns to read; null: all. */
  readonly fields: readonly (readonly number[])[] | null;
  /** A reader for one consumer's backfill: it publishes nothing and takes no part in checkpoints. */
  readonly private: boolean;
}

/** Everything a slot needs to build one subtask: plain data. */
export interface TaskDescription {
  readonly vertex: string;
  readonly subtask: number;
  readonly parallelism: number;
  readonly operators: readonly OperatorSpec[];
  readonly inputs: readonly InputDescription[];
  /** By logical input of the head. */
  readonly inputColumns: readonly (readonly EdgeColumn[])[];
  readonly inputAppendOnly: readonly boolean[];
  /** Whether an input's rows are those of a relation, not of another vertex of the job. */
  readonly inputRelation: readonly boolean[];
  readonly outputs: readonly EdgeDescription[];
  readonly source: SourceDescription | null;
  /** Ids of operators that show again all of the state they are handed (OperatorEnvironment.showsRestored). Absent: none. */
  readonly shown?: readonly string[];
  /** The relation whose changelog this subtask emits. */
  readonly relation: RelationId | null;
  /** Its barriers are reported: an output vertex, or one without consumers in the job. */
  readonly terminal: boolean;
}

/** The subtasks of one job that live in one slot. */
export interface JobDeployment {
  readonly jobId: string;
  readonly attempt: number;
  readonly maxParallelism: number;
  /** A row that cannot be computed fails the task, instead of being kept in bad_rows. */
  readonly failOnRowError: boolean;
  /** The epoch whose end the job stands at when it starts. */
  readonly startEpoch: Epoch;
  /** Epoch time of the checkpoint it goes on from, micros since 1970 UTC; 0 without one. */
  readonly startMicros: bigint;
  readonly tasks: readonly TaskDescription[];
}
