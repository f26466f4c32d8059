import { SqlError, SqlState } from '../../base/index.ts';
import type { StateStore } from '../../state/index.ts';
import type { ManagedJob } from './managed-job.ts';
import { type RecordedOperator, type RecordedPlan, type RecordedTable, tableText } from './recorded-plans.ts';
import { statefulOperators } from './saved-jobs.ts';

/**
 * The tables a checkpoint has for the operators of a deployed job must be tables these operators keep, with the columns they keep. Throws 55000 for the first one that is
 * not and has rows. `recorded` null: the checkpoint does not say.
 */
export async function requireReadable(job: ManagedJob, recorded: RecordedPlan | null, store: StateStore): Promise<void> {
  const deployed = new Map(statefulOperators(job).map((operator) => [operator.id, operator]));
  for (const operator of recorded?.operators ?? []) {
    const kept = new Map(deployed.get(operator.id)?.tables.map((table) => [table.name, table]));
    for (const table of operator.tables) {
      const reason = reasonAgainst(table, kept.get(table.name));
      if (reason !== null && (await hasRows(store, operator.id, table.name))) throw unreadable(job, { operator, table, reason });
    }
  }
}

function reasonAgainst(stored: RecordedTable, kept: RecordedTable | undefined): string | null {
  if (kept === undefined) return 'The operator keeps no such table.';
  const shown = ({ columns, keyCount }: RecordedTable): string =>
    `(${columns.slice(0, keyCount).join(', ')}) -> (${columns.slice(keyCount).join(', ')})`;
  return shown(stored) === shown(kept) ? null : `It has the columns ${shown(stored)}, the operator keeps ${shown(kept)}.`;
}

async function hasRows(store: StateStore, operatorId: string, table: string): Promise<boolean> {
  for await (const block of store.load(operatorId, table)) if (block.upsertCount > 0) return true;
  return false;
}

function unreadable(
  { graph }: ManagedJob,
  { operator, table, reason }: { readonly operator: RecordedOperator; readonly table: RecordedTable; readonly reason: string },
): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `state of ${graph.kind} "${graph.name}" cannot be read by this version of fsql`,
    detail: `${tableText(operator, table.name)}: ${reason}`,
    hint: 'Start with the version of fsql that wrote it; there DROP what cannot be taken along, or make it anew here from its definition.',
    class: 'user',
  });
}
