import { rowsOf } from '../../batch/index.ts';
import { actsOnSession, type LogicalPlan } from '../../plan/index.ts';
import { type Row, readAgain, readPlan, readWhole, substituteParameters } from '../engine/index.ts';
import type { StatementContext } from '../statement-context.ts';
import { readOptions } from './query.ts';

/**
 * Rows of a modification's plan. Outside a block the target is read as its writers see it, since its lock is held and an older epoch would miss the last
 * commit; the read waits for that epoch.
 */
export async function readRows(plan: LogicalPlan, context: StatementContext): Promise<Row[]> {
  const substituted = substituteParameters(plan, context.parameters ?? []);
  const options = readOptions(context);
  const { engine, session } = context;
  const rows: Row[] = [];
  const query = { plan: substituted, emit: null, asOfEpoch: null, parameterTypes: [], volatileFunctions: [], reads: [] };
  const pin: typeof options.pin = async (relations) =>
    engine.cluster.pin(relations, Math.max(await engine.tables.newestEpoch(), session.lastWriteEpoch));
  const isPinned = session.transaction?.explicit === true || context.pin !== undefined;
  const ahead = isPinned ? options : { ...options, pin };
  const once = isPinned || actsOnSession(substituted, engine.registries.lookup);
  const batches = once ? readPlan(query, ahead) : readAgain(() => readWhole(readPlan(query, ahead)));
  for await (const batch of batches) for (const row of rowsOf(batch)) rows.push(row);
  return rows;
}
