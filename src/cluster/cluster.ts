import type { SqlError } from '../base/index.ts';
import type { Batch, Epoch } from '../batch/index.ts';
import type { JobGraph, RelationId } from '../jobgraph/index.ts';
import type { ChangesFrom } from '../runtime/index.ts';
import type { RelationScan, TableRowsTaken } from '../spi/index.ts';
import type { CheckedFile, CheckpointImage, SavedJob } from '../state/index.ts';
import type { ClusterMonitor } from './cluster-monitor.ts';

export type JobState =
  | 'CREATED'
  | 'SCHEDULED'
  | 'RUNNING'
  | 'FINISHED'
  | 'FAILING'
  | 'RESTARTING'
  | 'FAILED'
  | 'CANCELING'
  | 'CANCELED'
  | 'SUSPENDED';

export interface JobStatus {
  readonly jobId: string;
  readonly name: string;
  readonly kind: JobGraph['kind'];
  readonly state: JobState;
  readonly parallelism: number;
  /** What it is planned for; it has fewer while there are fewer slots. */
  readonly wantedParallelism: number;
  readonly maxParallelism: number;
  readonly slotSharingGroup: string;
  readonly restarts: number;
  readonly createdAtMicros: bigint;
  readonly startedAtMicros: bigint | null;
  readonly finishedAtMicros: bigint | null;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly bytesIn: number;
  /** Time from one of its epochs to the next, in milliseconds, while spilled state makes it longer than the interval of epochs; else null. */
  readonly epochPaceMs: number | null;
  /** Nobody wants more of what it reads than it has read. */
  readonly hasEnough: boolean;
  readonly error: SqlError | null;
}

/** A relation's split as users see it in fsql_catalog.source_partitions. */
export interface SourcePartitionStatus {
  readonly relation: RelationId;
  readonly partition: string;
  readonly offset: number;
  readonly endOffset: number | null;
  /** The first offset that its connector can still read, where it says. */
  readonly oldestOffset: number | null;
  readonly watermarkMicros: bigint | null;
  readonly idle: boolean;
  readonly lastRowAtMicros: bigint | null;
  readonly problem: SqlError | null;
  /** Epoch time of the newest epoch: what a retention is counted back from. */
  readonly asOfMicros: bigint;
}

/** A source relation's reading side, beside its JobGraph. */
export interface SourceDeployment {
  /** Start positions, resolved once at CREATE and kept in the catalog. */
  readonly splits: readonly {
    readonly id: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly start: number;
    readonly end: number | null;
  }[];
  readonly watermarkDelayMicros: bigint | null;
  readonly idleTimeoutMs: number | null;
}

/** What a job is made of. */
export interface JobDefinition {
  readonly graph: JobGraph;
  readonly source: SourceDeployment | null;
}

/** How a new job is brought up. */
export interface DeployWanted {
  /** It is not wanted any more once this is aborted, for its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What it reads of histories is kept by checkpoints on the way: deployed again under its id, it goes on behind that. */
  readonly resumes?: boolean;
  /** Waited for once its tasks have their slots and are made, before a row goes to them. What it rejects with, the start does. */
  readonly beforeRows?: () => Promise<void>;
}

/** State of a running job's operators that a new job goes on with, from where that job stands. */
export interface Takeover {
  /** The running job. */
  readonly from: string;
  /** Ids of operators of the new job, each with that of the running job's that computes the same. All inputs of the new job come in through them. */
  readonly operators: ReadonlyMap<string, string>;
  /** Those of them that show once more all they have shown: the operators behind them begin anew. */
  readonly shown: ReadonlySet<string>;
}

/** One epoch held readable for the relations of a statement or transaction; release it, or the budget will (72000). */
export interface PinnedEpoch {
  readonly epoch: Epoch;
  release(): void;
}

/** One step of a subscription: the net change of an epoch, then the note that it is complete. */
export interface SubscriptionEvent {
  readonly epoch: Epoch;
  /** Epoch time, where it is known: of the changes of a relation whose changes are held it is. */
  readonly timestampMicros: number | null;
  /** Rows with weights; null: the epoch is complete, nothing more of it follows (progress). */
  readonly batch: Batch | null;
}

export interface WriteRequest {
  readonly relation: RelationId;
  readonly batch: Batch;
}

/** What a savepoint is made of. */
export interface SavedCheckpoint {
  /** Null while there has never been a job. */
  readonly image: CheckpointImage | null;
  readonly jobs: readonly SavedJob[];
  /** Last position of the log of stored tables. */
  readonly embeddedPosition: number;
}

/** What a sink has for the stored table it writes into: the whole of an epoch, whose record is durable. */
export interface TableRows {
  readonly jobId: string;
  readonly epoch: Epoch;
  readonly rows: Batch;
  /** Tells the attempt that has sent them how far the table is. */
  readonly answer: TableRowsTaken;
}

/** The way of rows from sinks to who writes stored tables. */
export interface TableDeliveries {
  /** `receiver` gets all of them, each sink's in the order of epochs, those that have come before it included. To be called once. */
  receive(receiver: (rows: TableRows) => void): void;
  /** Resolves when all that slots have sent so far has been handed on. */
  settled(): Promise<void>;
}

/** What sessions see of the JobManager and its TaskManagers. */
export interface Cluster {
  readonly monitor: ClusterMonitor;
  readonly tableDeliveries: TableDeliveries;
  /**
   * Starts a job at an epoch boundary. Resolves once it runs and, for a view, once it has caught up with what existed at the call and is
   * published at one epoch. Rejects with the cause when it cannot start, or is not wanted any more before; then nothing is left of it but, where it `resumes`, what
   * checkpoints have of the histories it has read. Errors: 40001 when that is of another plan.
   */
  deploy(graph: JobGraph, source: SourceDeployment | null, wanted?: DeployWanted): Promise<void>;
  /** Ids of jobs that a deployment which `resumes` would go on with. */
  interrupted(): readonly string[];
  /** Nobody deploys it again: its state is forgotten at the next checkpoint. */
  forgetInterrupted(jobId: string): void;
  /**
   * Starts a job as `deploy` does, but with state of a running one, as of a checkpoint made for it; the running one goes on. Resolves to false, with nothing left of
   * it, where it cannot be: the running job, or something it reads, has come to its end or does not run just now.
   */
  takeOver(graph: JobGraph, takeover: Takeover): Promise<boolean>;
  /**
   * Gives a running job another graph of the same operators, of another parallelism or with other options, and another reading side: it and what relations connect with it stop behind a checkpoint and
   * start again from it. Errors: 53000 without enough slots; then nothing has changed.
   */
  rescale(job: JobDefinition): Promise<void>;
  /**
   * Jobs and whatever reads them stand still behind a checkpoint: they keep their state and position, and their relations show what they were. Errors: 55000
   * for a job that does not run.
   */
  pause(jobIds: readonly string[]): Promise<void>;
  /**
   * The inputs of these jobs end in one epoch, with all that has arrived before and the watermark +infinity, while what they read goes on for others. Resolves once the jobs
   * are FINISHED and their sinks have committed. Errors: 55000 for a job that does not run.
   */
  drain(jobIds: readonly string[]): Promise<void>;
  /** Paused jobs go on, producers first. Errors: 55000 when what one reads is paused. */
  resume(jobIds: readonly string[]): Promise<void>;
  /** Stops a job and forgets its state at the next checkpoint. Jobs that still read it fail for good: consumers should be gone already. */
  drop(jobId: string): Promise<void>;
  jobs(): readonly JobStatus[];
  /** Resolves when the job is FINISHED; rejects when it is FAILED. */
  jobFinished(jobId: string): Promise<void>;
  sourcePartitions(): readonly SourcePartitionStatus[];
  /** Pins the newest epoch complete in all of `relations` (at least `atLeast`; waits for it). */
  pin(relations: readonly RelationId[], atLeast: Epoch): Promise<PinnedEpoch>;
  /** Pins exactly `epoch`, once it is complete in all of `relations`. Errors: 72000 when it is not retained any more. */
  pinAt(relations: readonly RelationId[], epoch: Epoch): Promise<PinnedEpoch>;
  /** Rows of a materialised relation as of a pinned epoch, from all slots; weights tell multiplicity. */
  scan(relation: RelationId, pinned: PinnedEpoch, request: RelationScan): AsyncIterable<Batch>;
  /** Lets go what slots have made to read a relation by ranges of these columns. */
  dropIndex(relation: RelationId, columns: readonly number[]): void;
  /** Net changes of a relation, epoch by epoch, from the epoch after one, or those held since a time. Cut with an error when the reader is too slow. */
  subscribe(relation: RelationId, from: ChangesFrom, signal: AbortSignal): AsyncIterable<SubscriptionEvent>;
  /**
   * Changes of the job's relation are held for that long from now on, by epoch time, also across restarts; null: no longer. Resolves to the epoch time behind
   * which all are. The times of epochs then rise by a millisecond at least, so that one names an epoch.
   */
  holdChanges(jobId: string, forMs: number | null): Promise<bigint>;
  /** Time of the newest epoch, which is what retention is counted back from: times of epochs never go back, whatever the machine's clock does. */
  newestEpochMicros(): bigint;
  /** Appends one commit to the embedded log; resolves, durable, to the epoch from which the rows are visible once complete. */
  write(writes: readonly WriteRequest[]): Promise<Epoch>;
  /** Ends the current epoch now and resolves to its number when it is complete everywhere. */
  flush(): Promise<Epoch>;
  /**
   * Ends the current epoch and the next one, with the relation's watermark at `micros` at least: as if each of its partitions had reached that time. Errors:
   * 42809 where the relation has no watermark.
   */
  advanceWatermark(relation: RelationId, micros: bigint): Promise<Epoch>;
  /**
   * Makes a checkpoint; resolves to its epoch when the manifest is committed. Jobs that restart are waited for. Errors: 53000 when one waits for slots, 55000 when
   * one fails again and again.
   */
  checkpoint(): Promise<Epoch>;
  /** Makes one, and resolves once the sinks of these jobs have committed what it has of them, however long that takes. Errors: as of `checkpoint`. */
  commitSinks(jobIds: readonly string[]): Promise<void>;
  /** Makes one unless a job has to start again for it: null then. */
  attemptCheckpoint(): Promise<Epoch | null>;
  /** Reads the data directory from end to end and names what is damaged; empty in memory. */
  checkState(): Promise<readonly CheckedFile[]>;
  /** Makes a checkpoint and hands it to `write`, held still, with these jobs described. Data definition waits until it has settled. */
  savepoint<Result>(jobIds: readonly string[], write: (checkpoint: SavedCheckpoint) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
