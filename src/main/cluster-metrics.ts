import type { SubtaskStatus } from '../cluster/index.ts';
import type { MetricFamily, MetricSample } from '../server/index.ts';
import type { Engine } from '../session/index.ts';

/** /metrics of subtasks, slots, state tables and sinks; jobs, partitions and checkpoints are the server's own. */
export function* clusterMetrics(engine: Engine): Iterable<MetricFamily> {
  const { monitor } = engine.cluster;
  const names = new Map(engine.cluster.jobs().map((job) => [job.jobId, job.name]));
  const nameOf = (jobId: string): string => names.get(jobId) ?? jobId;
  yield* subtaskMetrics(monitor.subtasks(), nameOf);
  const slots = monitor.slots().map((slot) => ({ slot, labels: { slot: slot.id } }));
  yield {
    name: 'fsql_slot_state_bytes',
    help: 'Operator state held in the slot.',
    type: 'gauge',
    samples: slots.map(({ slot, labels }) => ({ labels, value: slot.memoryUsedBytes })),
  };
  yield {
    name: 'fsql_slot_state_budget_bytes',
    help: 'Operator state the slot may hold.',
    type: 'gauge',
    samples: slots.map(({ slot, labels }) => ({ labels, value: slot.memoryBudgetBytes })),
  };
  const tables = monitor
    .operatorStates()
    .map((state) => ({ state, labels: { job: nameOf(state.jobId), operator: state.operator, table: state.table } }));
  yield {
    name: 'fsql_operator_state_keys',
    help: 'Keys in a state table.',
    type: 'gauge',
    samples: tables.map(({ state, labels }) => ({ labels, value: state.keys })),
  };
  yield {
    name: 'fsql_operator_state_bytes',
    help: 'Size of a state table.',
    type: 'gauge',
    samples: tables.map(({ state, labels }) => ({ labels, value: state.bytes })),
  };
  yield {
    name: 'fsql_sink_pending_rows',
    help: 'Rows written and not committed yet.',
    type: 'gauge',
    samples: monitor.sinks().map((sink) => ({ labels: { sink: sink.sink }, value: sink.pendingRows })),
  };
}

function* subtaskMetrics(subtasks: readonly SubtaskStatus[], nameOf: (jobId: string) => string): Iterable<MetricFamily> {
  const samples = (value: (one: SubtaskStatus) => number | null): MetricSample[] =>
    subtasks.flatMap((one) => {
      const figure = value(one);
      if (figure === null) return [];
      return [{ labels: { job: nameOf(one.jobId), vertex: one.vertexId, subtask: String(one.subtask) }, value: figure }];
    });
  const counters: readonly (readonly [string, string, (one: SubtaskStatus) => number])[] = [
    ['fsql_subtask_rows_in_total', 'Rows the subtask has taken in its present attempt.', (one) => one.rowsIn],
    ['fsql_subtask_rows_out_total', 'Rows the subtask has sent on.', (one) => one.rowsOut],
    ['fsql_subtask_bytes_in_total', 'Bytes the subtask has taken; of a source, those of its messages.', (one) => one.bytesIn],
    ['fsql_subtask_bytes_out_total', 'Bytes the subtask has sent on.', (one) => one.bytesOut],
  ];
  for (const [name, help, value] of counters) yield { name, help, type: 'counter', samples: samples(value) };
  const gauges: readonly (readonly [string, string, (one: SubtaskStatus) => number | null])[] = [
    ['fsql_subtask_busy_ratio', 'Share of the time the subtask worked.', (one) => one.ratios?.busy ?? null],
    ['fsql_subtask_idle_ratio', 'Share of the time the subtask had nothing to do.', (one) => one.ratios?.idle ?? null],
    ['fsql_subtask_backpressured_ratio', 'Share of the time the subtask waited for its consumers.', (one) => one.ratios?.backpressured ?? null],
  ];
  for (const [name, help, value] of gauges) yield { name, help, type: 'gauge', samples: samples(value) };
}
