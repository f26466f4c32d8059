import { SqlError, SqlState } from '../../base/index.ts';
import { dropKeyword, type Relation } from '../../catalog/index.ts';
import type { ControlJob } from '../../sql/index.ts';
import type { RowsResult } from '../contract.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { relationId } from '../engine/index.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { dropAll } from './drop.ts';
import { refuseInBlock } from './refuse-in-block.ts';
import { savepointRows, takeSavepoint } from './savepoint-statements.ts';

/**
 * PAUSE | RESUME | STOP | CANCEL | TERMINATE [JOB] name, 'job id' or ALL. A paused job keeps its state and position, and its relation shows its last epoch;
 * what reads it pauses and goes on with it. STOP, CANCEL and TERMINATE end the job of a sink for good,
 * WITH SAVEPOINT after one of everything has been made, WITH DRAIN after all that its query still holds back has come out.
 */
export const controlJob: StatementHandler<'control-job'> = {
  kind: 'control-job',
  async execute(statement, context) {
    const tag = `${statement.action.toUpperCase()} JOB`;
    refuseInBlock(context, tag);
    if (statement.withDrain && statement.action !== 'stop') throw noDrain(statement);
    const targets = targetsOf(statement, context);
    if (statement.withSavepoint) return endWithSavepoint(statement, targets, context);
    switch (statement.action) {
      case 'pause':
        await pauseJobs(targets, context);
        break;
      case 'resume':
        await resumeJobs(targets, context);
        break;
      default:
        await end(statement, targets, context);
    }
    return { kind: 'command', tag };
  },
};

/** Says what pauses beside what was named. */
export async function pauseJobs(targets: readonly Relation[], context: StatementContext): Promise<void> {
  tellOthers('pauses, too', targets, await cancellable(context.engine.pause(targets, context.signal), context.signal), context);
}

export async function resumeJobs(targets: readonly Relation[], context: StatementContext): Promise<void> {
  tellOthers('goes on, too', targets, await cancellable(context.engine.resume(targets, context.signal), context.signal), context);
}

/** The savepoint holds the sink and where it stands; then the sink goes. */
async function endWithSavepoint(statement: ControlJob, targets: readonly Relation[], context: StatementContext): Promise<RowsResult> {
  const { action, savepointPath: path, span } = statement;
  if (action !== 'stop' && action !== 'cancel') throw noSavepoint(statement);
  refuseViews(statement, targets);
  const sinks = targets.filter((relation) => relation.kind === 'sink');
  const drained = statement.withDrain ? sinks : [];
  const taken = await takeSavepoint({ path, position: span.start, trigger: 'stop', drained }, context);
  tellStillOpen(drained, context);
  await dropSinks(sinks, context);
  return savepointRows(taken, `${action.toUpperCase()} JOB`);
}

/** What the sinks have taken is committed before they go. */
async function end(statement: ControlJob, targets: readonly Relation[], context: StatementContext): Promise<void> {
  refuseViews(statement, targets);
  const sinks = targets.filter((relation) => relation.kind === 'sink');
  if (statement.withDrain) {
    await cancellable(context.engine.drain(sinks, context.signal), context.signal);
    tellStillOpen(sinks, context);
  }
  await dropSinks(sinks, context);
}

async function dropSinks(sinks: readonly Relation[], context: StatementContext): Promise<void> {
  if (sinks.length === 0) return;
  await cancellable(context.engine.cluster.commitSinks(sinks.map(relationId)), context.signal);
  await dropAll(sinks, { behavior: 'restrict' }, context);
}

/** What drained sinks read goes on for its other readers. */
function tellStillOpen(sinks: readonly Relation[], context: StatementContext): void {
  for (const sink of sinks) {
    for (const oid of sink.dependsOn) {
      const view = context.definer.snapshot.relationByOid(oid);
      if (view?.kind !== 'materialized view') continue;
      context.notice({
        severity: 'NOTICE',
        code: SqlState.successfulCompletion,
        message: `sink ${sink.name} reads materialized view ${view.name}, which goes on: windows of its query stay open`,
      });
    }
  }
}

function refuseViews(statement: ControlJob, targets: readonly Relation[]): void {
  const view = targets.find((relation) => relation.kind !== 'sink');
  if (view !== undefined && statement.job !== null) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${view.name}" is a ${view.kind}: it would not be what its query says without its job`,
      hint: `PAUSE ${view.name} stops its job for a while, DROP ${dropKeyword(view.kind)} ${view.name} for good.`,
      position: statement.job.span.start,
    });
  }
}

function tellOthers(what: string, named: readonly Relation[], changed: readonly Relation[], { notice }: StatementContext): void {
  const oids = new Set(named.map(({ oid }) => oid));
  for (const relation of changed) {
    if (oids.has(relation.oid)) continue;
    notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `${relation.kind} ${relation.name} ${what}` });
  }
}

/** What a statement names, or all. Errors: those of `jobRelation`, 42809 for what has no job that could stand still. */
function targetsOf({ job }: ControlJob, context: StatementContext): Relation[] {
  if (job === null) return [...context.definer.snapshot.relations()].filter(canPause);
  return [pausable(jobRelation(job, context), job.span.start)];
}

/** The relation whose job has that name or, as a string or a number, that id or name, with its schema or without. Errors: 42P01, 42704. */
export function jobRelation(job: NonNullable<ControlJob['job']>, context: StatementContext): Relation {
  if (job.kind === 'qualified-name') return requireRelation(job, context);
  const written = job.kind === 'string-literal' ? job.value : job.kind === 'number-literal' ? job.text : '';
  const found = [...context.definer.snapshot.relations()].find((relation) => {
    return relation.kind !== 'system' && (relationId(relation) === written || isNamed(relation, written) || isNamed(relation, written.toLowerCase()));
  });
  if (found !== undefined) return found;
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `job "${written}" does not exist`,
    hint: 'SHOW JOBS lists them.',
    position: job.span.start,
  });
}

function isNamed({ schema, name }: Relation, written: string): boolean {
  return name === written || `${schema}.${name}` === written;
}

function canPause(relation: Relation): boolean {
  return relation.kind === 'materialized view' || relation.kind === 'sink';
}

/** Errors: 42809 for what has no job that could stand still. */
export function pausable(relation: Relation, position: number): Relation {
  if (canPause(relation)) return relation;
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: `"${relation.name}" is a ${relation.kind}`,
    hint: 'Jobs of materialized views and sinks can be paused and ended; what they read is not held up by that.',
    position,
  });
}

function noSavepoint(statement: ControlJob): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `${statement.action.toUpperCase()} JOB WITH SAVEPOINT is not supported`,
    hint: 'CREATE SAVEPOINT makes one of everything that runs, and STOP JOB … WITH SAVEPOINT ends a sink with one.',
    position: statement.span.start,
  });
}

function noDrain(statement: ControlJob): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `${statement.action.toUpperCase()} JOB WITH DRAIN is not supported`,
    hint: 'STOP JOB … WITH DRAIN ends a sink after its windows have closed; a job that is drained cannot go on.',
    position: statement.span.start,
  });
}
