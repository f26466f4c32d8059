import { storageNumber } from '../catalog/index.ts';
import type { StatusSource } from '../server/index.ts';
import { type Engine, namedJobs } from '../session/index.ts';
import { formatType } from '../types/index.ts';
import { clusterMetrics } from './cluster-metrics.ts';

/** What HTTP shows of an engine. */
export function statusOf(engine: Engine, facts: { readonly stopping: () => boolean; readonly sessions: () => number }): StatusSource {
  const relations = () => [...engine.snapshot.relations()].filter((relation) => relation.kind !== 'system');
  return {
    notReadyReason: () => (facts.stopping() ? 'the server is shutting down' : null),
    jobs: () => namedJobs(engine),
    jobGraph: (jobId) => {
      const relation = relations().find((one) => String(storageNumber(one)) === jobId && one.kind !== 'view');
      return relation === undefined ? null : JSON.parse(JSON.stringify(engine.jobOf(relation).graph));
    },
    sourcePartitions: () => {
      const names = new Map(relations().map((relation) => [String(storageNumber(relation)), relation.name]));
      return engine.cluster.sourcePartitions().map((one) => ({ ...one, relation: names.get(one.relation) ?? one.relation }));
    },
    checkpoints: () => engine.cluster.monitor.checkpoints(),
    taskManagers: () => engine.cluster.monitor.taskManagers(),
    relations: () =>
      relations().map((relation) => ({
        schema: relation.schema,
        name: relation.name,
        kind: relation.kind,
        columns: relation.columns.map((column) => ({ name: column.name, type: formatType(column.type), nullable: column.nullable })),
        statement: relation.statement,
      })),
    sessions: facts.sessions,
    metrics: () => clusterMetrics(engine),
  };
}
