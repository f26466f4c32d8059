import type { JobStatus, SourcePartitionStatus } from '../../cluster/index.ts';
import type { Json } from '../../jobgraph/index.ts';

/** What the HTTP interface shows. Asked at each request; answers come from memory and must be cheap. */
export interface StatusSource {
  /** Null when statements are accepted; otherwise why not yet, or not any more. */
  notReadyReason(): string | null;
  jobs(): readonly JobStatus[];
  /** The job's graph as data, or null for an unknown job. */
  jobGraph(jobId: string): Json;
  sourcePartitions(): readonly SourcePartitionStatus[];
  checkpoints(): readonly CheckpointStatus[];
  taskManagers(): readonly TaskManagerStatus[];
  relations(): readonly RelationStatus[];
  /** Open client sessions. */
  sessions(): number;
  /** Figures beyond the ones above, named `fsql_…` with the unit in the name. */
  metrics(): Iterable<MetricFamily>;
}

export interface CheckpointStatus {
  readonly id: number;
  readonly state: 'in progress' | 'complete' | 'failed';
  readonly trigger: 'interval' | 'statement' | 'size' | 'shutdown';
  readonly startedAtMicros: bigint;
  readonly durationMs: number | null;
  readonly bytes: number | null;
  readonly rows: number | null;
  readonly failure: string | null;
}

export interface TaskManagerStatus {
  readonly id: string;
  readonly address: string | null;
  readonly slots: number;
  readonly freeSlots: number;
  readonly memoryBudgetBytes: number | null;
  readonly memoryUsedBytes: number | null;
  readonly lastHeartbeatMicros: bigint | null;
}

export interface RelationStatus {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  readonly statement: string;
}

/** A metric with all its samples, as Prometheus's text format groups them. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: Iterable<MetricSample>;
}

export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}
