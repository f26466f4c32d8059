import type { Batch } from '../../batch/index.ts';
import { impliedColumnAt } from '../../jobgraph/index.ts';
import { actsOnSession, type BoundQuery, type LogicalPlan } from '../../plan/index.ts';
import type { Query } from '../../sql/index.ts';
import { int8Type } from '../../types/index.ts';
import type { ResultField, RowsResult } from '../contract.ts';
import { readAgain, readPlan, substituteParameters } from '../engine/index.ts';
import { searchPath } from '../search-path.ts';
import { settingDescription } from '../settings/index.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { resultField } from '../text-result.ts';
import { emitChanges } from './subscribe.ts';

/** SELECT, VALUES, TABLE, WITH: one epoch of everything it reads, then it is over. With EMIT CHANGES it goes on with what changes. */
export const query: StatementHandler<'query'> = {
  kind: 'query',
  describe(statement, context) {
    if (statement.emit?.mode === 'changes') return { parameterTypes: [], fields: pushQuery(statement, context).fields };
    const bound = binderOf(context).query(statement);
    return { parameterTypes: bound.parameterTypes, fields: queryFields(bound.plan) };
  },
  async execute(statement, context): Promise<RowsResult> {
    if (statement.emit?.mode === 'changes') return pushQuery(statement, context);
    const bound = binderOf(context).optimizedQuery(statement);
    return { kind: 'rows', fields: queryFields(bound.plan), batches: queryRows(bound, context), tag: (rows) => `SELECT ${rows}` };
  },
};

/** ksqlDB's push query. Its LIMIT ends it after so many rows, and is no part of the query. */
function pushQuery(statement: Query, context: StatementContext): RowsResult {
  const limit = statement.limit === null ? null : binderOf(context).constant(statement.limit, int8Type, 'LIMIT');
  return emitChanges({ ...statement, emit: null, limit: null }, limit === null ? null : Number(limit), context);
}

/** Rows of a bound query for this statement: its parameters put in, its transaction's epoch and changes. */
function queryRows(bound: BoundQuery, context: StatementContext): AsyncGenerator<Batch> {
  const plan = substituteParameters(bound.plan, context.parameters ?? []);
  const options = readOptions(context);
  // A block reads one epoch to its end, and a lock that was taken would be taken twice.
  const once = context.session.transaction?.explicit || context.pin !== undefined || actsOnSession(plan, context.engine.registries.lookup);
  const anew = once ? (read: () => AsyncGenerator<Batch>) => read() : readAgain;
  if (bound.asOfEpoch === null) return anew(() => readPlan({ ...bound, plan }, options));
  const epoch = bound.asOfEpoch;
  // The past is the same for everybody: no epoch of the transaction, nothing of what it has not committed.
  const pin = (relations: readonly string[]) => cancellable(context.engine.cluster.pinAt(relations, epoch), context.signal);
  return readPlan({ ...bound, plan }, { ...options, changes: [], pin });
}

export function readOptions(context: StatementContext): Parameters<typeof readPlan>[1] {
  const { engine, session, signal } = context;
  const { transaction } = session;
  return {
    engine,
    evaluation: binderOf(context).context.evaluation,
    system: systemContext(context),
    isNew: (relation) => transaction?.isNew(relation) ?? false,
    changes: context.ownChanges ?? transaction?.changes ?? [],
    signal,
    pin: context.pin ?? ((relations) => cancellable(transaction!.pin(relations, session.lastWriteEpoch), signal)),
  };
}

export function systemContext({ definer, session }: StatementContext): Parameters<typeof readPlan>[1]['system'] {
  return {
    catalog: definer.snapshot,
    database: session.database,
    user: session.user,
    searchPath: searchPath(session),
    settings: () => session.settings.all().map(settingDescription),
  };
}

/** Result columns; one that is a relation's column unchanged names where it comes from, as drivers like to know. */
function queryFields(plan: LogicalPlan): readonly ResultField[] {
  return plan.fields.map((field, index) => {
    const origin = originOf(plan, index);
    return origin === null ? resultField(field.name, field.type) : { name: field.name, type: field.type, ...origin };
  });
}

function originOf(plan: LogicalPlan, index: number): Pick<ResultField, 'relationOid' | 'columnNumber'> | null {
  switch (plan.kind) {
    case 'scan': {
      const path = plan.paths[index]!;
      const declared = path.length === 1 && impliedColumnAt(path[0]!) === null;
      return declared && plan.variant === 'rows' ? { relationOid: plan.relation.oid, columnNumber: path[0]! + 1 } : null;
    }
    case 'project': {
      const expression = plan.expressions[index]!;
      return expression.kind === 'column' ? originOf(plan.input, expression.index) : null;
    }
    case 'filter':
    case 'sort':
    case 'limit':
    case 'distinct':
      return originOf(plan.input, index);
    default:
      return null;
  }
}
