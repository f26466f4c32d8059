import { SqlError, SqlState } from '../../base/index.ts';
import { isSystemRelation } from '../../catalog/index.ts';
import type { AlterAction } from '../../sql/index.ts';
import { hasJob } from '../engine/index.ts';
import type { StatementHandler } from '../statement-context.ts';
import { alterRelation } from './alter.ts';
import { jobRelation } from './control-job.ts';

/** What a job is, of all that an ALTER of its relation can say. */
const OF_JOBS: ReadonlySet<AlterAction['kind']> = new Set(['set-parallelism', 'set-options', 'reset-options', 'suspend', 'resume', 'rename-to']);

/** ALTER JOB {name | 'job id'} SET PARALLELISM, SET (…), RESET (…), SUSPEND, RESUME, RENAME TO: ALTER of the relation whose job it is. */
export const alterJob: StatementHandler<'alter-job'> = {
  kind: 'alter-job',
  async execute(statement, context) {
    for (const action of statement.actions) refuseOthers(action);
    const relation = jobRelation(statement.job, context);
    if (!hasJob(relation) || isSystemRelation(relation)) {
      throw new SqlError({
        code: SqlState.wrongObjectType,
        message: `${relation.kind} "${relation.name}" has no job`,
        hint: 'SHOW JOBS lists them.',
        position: statement.job.span.start,
      });
    }
    await alterRelation(relation, statement.actions, context);
    return { kind: 'command', tag: 'ALTER JOB' };
  },
};

function refuseOthers(action: AlterAction): void {
  if (OF_JOBS.has(action.kind)) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `ALTER JOB … ${action.kind.replaceAll('-', ' ').toUpperCase()} is not supported`,
    hint: 'It takes SET PARALLELISM, SET (…), RESET (…), SUSPEND, RESUME and RENAME TO; ALTER of the relation itself takes the rest.',
    position: action.span.start,
  });
}
