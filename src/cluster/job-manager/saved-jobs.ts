import type { OperatorSpec } from '../../jobgraph/index.ts';
import type { SavedJob, SavedTable } from '../../state/index.ts';
import { formatType } from '../../types/index.ts';
import type { DeployedTable } from '../transport/index.ts';
import { markerOperator } from './checkpoint-coordinator.ts';
import type { ManagedJob } from './managed-job.ts';

/** The jobs as a savepoint describes them: operators with state, in the order of their ids, then the mark of the job itself. */
export function savedJob(job: ManagedJob): SavedJob {
  const declared = new Map<string, Map<string, DeployedTable>>();
  for (const table of [...job.tables.values()].flat()) {
    const own = declared.get(table.operatorId) ?? new Map<string, DeployedTable>();
    declared.set(table.operatorId, own.set(table.table, table));
  }
  const operators = job.graph.vertices
    .flatMap((vertex) => vertex.operators)
    .filter(({ operatorId }) => declared.has(operatorId))
    .sort(byId)
    .map(({ operatorId, kind }) => ({ id: operatorId, kind, tables: [...declared.get(operatorId)!.values()].map(savedTable).sort(byName) }));
  const { id, graph } = job;
  return { id, name: graph.name, kind: graph.kind, operators: [...operators, markerOperator(id)] };
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
