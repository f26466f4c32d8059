import type { OperatorSpec } from '../../jobgraph/index.ts';
import type { SavedJob, SavedOperator, SavedTable } from '../../state/index.ts';
import { formatType } from '../../types/index.ts';
import type { DeployedTable } from '../transport/index.ts';
import type { ManagedJob } from './managed-job.ts';
import { markerOperator } from './recorded-plans.ts';

/** The job as a savepoint describes it: operators with state, then the mark of the job itself. */
export function savedJob(job: ManagedJob): SavedJob {
  const { id, graph } = job;
  return { id, name: graph.name, kind: graph.kind, operators: [...statefulOperators(job), markerOperator(id)] };
}

/** The operators with state of a job that has been deployed, in the order of their ids. */
export function statefulOperators(job: ManagedJob): SavedOperator[] {
  const declared = new Map<string, Map<string, DeployedTable>>();
  for (const table of [...job.tables.values()].flat()) {
    const own = declared.get(table.operatorId) ?? new Map<string, DeployedTable>();
    declared.set(table.operatorId, own.set(table.table, table));
  }
  return job.graph.vertices
    .flatMap((vertex) => vertex.operators)
    .filter(({ operatorId }) => declared.has(operatorId))
    .sort(byId)
    .map(({ operatorId, kind, version, label }) => {
      const tables = [...declared.get(operatorId)!.values()].map(savedTable).sort(byName);
      return { id: operatorId, kind, version, label, tables };
    });
}

function savedTable({ table, columns, keyCount, tieBreakers }: DeployedTable): SavedTable {
  return { name: table, columns: columns.map(formatType), keyCount, tieBreakers };
}

function byId(left: OperatorSpec, right: OperatorSpec): number {
  return left.operatorId < right.operatorId ? -1 : 1;
}

function byName(left: SavedTable, right: SavedTable): number {
  return left.name < right.name ? -1 : 1;
}
