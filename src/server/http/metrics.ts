import type { JobStatus } from '../../cluster/index.ts';
import type { MetricFamily, MetricSample, StatusSource } from './status-source.ts';

/** Everything /metrics shows: process, sessions, jobs, source partitions, checkpoints, then what the source adds. */
export function* collectMetrics(source: StatusSource): Iterable<MetricFamily> {
  yield* processMetrics();
  yield gauge('fsql_sessions', 'Open client sessions.', [{ value: source.sessions() }]);
  yield* jobMetrics(source.jobs());
  yield* partitionMetrics(source);
  yield* checkpointMetrics(source);
  yield* source.metrics();
}

function* processMetrics(): Iterable<MetricFamily> {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  yield gauge('fsql_process_resident_memory_bytes', 'Memory the process has in RAM.', [{ value: rss }]);
  yield gauge('fsql_process_heap_used_bytes', 'Used part of the JavaScript heap.', [{ value: heapUsed }]);
  yield counter('fsql_process_cpu_seconds_total', 'Processor time of the process, all threads.', [{ value: (user + system) / 1e6 }]);
  yield gauge('fsql_process_uptime_seconds', 'Time since the process started.', [{ value: process.uptime() }]);
}

function* jobMetrics(jobs: readonly JobStatus[]): Iterable<MetricFamily> {
  const samples = (value: (job: JobStatus) => number): MetricSample[] =>
    jobs.map((job) => ({ labels: { job: job.name, kind: job.kind }, value: value(job) }));
  yield gauge(
    'fsql_job_running',
    '1 while the job is RUNNING.',
    samples((job) => (job.state === 'RUNNING' ? 1 : 0)),
  );
  yield gauge(
    'fsql_job_failed',
    '1 when the job is FAILED.',
    samples((job) => (job.state === 'FAILED' ? 1 : 0)),
  );
  yield counter(
    'fsql_job_restarts_total',
    'Restarts of the job.',
    samples((job) => job.restarts),
  );
  yield counter(
    'fsql_job_rows_in_total',
    'Rows the job has read.',
    samples((job) => job.rowsIn),
  );
  yield counter(
    'fsql_job_rows_out_total',
    'Rows the job has produced.',
    samples((job) => job.rowsOut),
  );
  yield counter(
    'fsql_job_bytes_in_total',
    'Bytes the job has read.',
    samples((job) => job.bytesIn),
  );
}

function* partitionMetrics(source: StatusSource): Iterable<MetricFamily> {
  const partitions = source.sourcePartitions().map((status) => ({ status, labels: { relation: status.relation, partition: status.partition } }));
  yield gauge(
    'fsql_source_offset',
    'Next offset to be read.',
    partitions.map(({ status, labels }) => ({ labels, value: status.offset })),
  );
  yield gauge(
    'fsql_source_lag_rows',
    'Rows between the offset and the end of the partition.',
    partitions.flatMap(({ status, labels }) => (status.endOffset === null ? [] : [{ labels, value: Math.max(0, status.endOffset - status.offset) }])),
  );
  yield gauge(
    'fsql_source_watermark_seconds',
    'Event time up to which the partition is complete, since 1970.',
    partitions.flatMap(({ status, labels }) => (status.watermarkMicros === null ? [] : [{ labels, value: Number(status.watermarkMicros) / 1e6 }])),
  );
}

function* checkpointMetrics(source: StatusSource): Iterable<MetricFamily> {
  const last = source.checkpoints().findLast((checkpoint) => checkpoint.state === 'complete');
  if (last === undefined) return;
  yield gauge('fsql_checkpoint_last_id', 'Epoch of the newest complete checkpoint.', [{ value: last.id }]);
  if (last.durationMs !== null) yield gauge('fsql_checkpoint_last_duration_seconds', 'Time it took.', [{ value: last.durationMs / 1000 }]);
  if (last.bytes !== null) yield gauge('fsql_checkpoint_last_bytes', 'Bytes it wrote.', [{ value: last.bytes }]);
}

function gauge(name: string, help: string, samples: Iterable<MetricSample>): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: Iterable<MetricSample>): MetricFamily {
  return { name, help, type: 'counter', samples };
}
