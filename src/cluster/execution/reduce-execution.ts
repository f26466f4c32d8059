import { SqlState, unreachable } from '../../base/index.ts';
import type { ExecutionCommand, ExecutionEvent, ExecutionState, JobExecution, TaskExecutionState } from './execution-state.ts';

/** Failures at one position that end a job, unless another system is behind them: the same input would fail the same way again. */
const REPEATED_FAILURES_MAX = 3;

export const initialExecution: ExecutionState = { jobs: {}, stale: 0 };

export type Reduction = readonly [ExecutionState, readonly ExecutionCommand[]];

/**
 * The only place where states of jobs and tasks change. Pure: the same events give the same states; an event of another attempt, or one that makes no
 * sense any more (repeated, late), changes nothing but the count of stale ones.
 */
export function reduceExecution(state: ExecutionState, event: ExecutionEvent): Reduction {
  if (event.kind === 'submitted') return submit(state, event.job, event.tasks);
  const job = state.jobs[event.job];
  if (job === undefined || ('attempt' in event && event.attempt !== job.attempt)) return stale(state);
  const reduction = reduceJob(job, event);
  if (reduction === null) return stale(state);
  const [next, commands] = reduction;
  return [{ ...state, jobs: { ...state.jobs, [event.job]: next } }, commands];
}

type JobReduction = readonly [JobExecution, readonly ExecutionCommand[]] | null;

function submit(state: ExecutionState, job: string, taskNames: readonly string[]): Reduction {
  const known = state.jobs[job];
  if (known !== undefined && known.state !== 'CANCELED') return stale(state);
  const created: JobExecution = {
    state: 'CREATED',
    attempt: known?.attempt ?? 0,
    taskNames,
    tasks: {},
    restarts: 0,
    error: null,
    repeated: null,
    after: null,
  };
  return [{ ...state, jobs: { ...state.jobs, [job]: created } }, []];
}

function stale(state: ExecutionState): Reduction {
  return [{ ...state, stale: state.stale + 1 }, []];
}

function reduceJob(job: JobExecution, event: Exclude<ExecutionEvent, { kind: 'submitted' }>): JobReduction {
  switch (event.kind) {
    case 'scheduled':
      if (job.state !== 'CREATED' && job.state !== 'RESTARTING' && job.state !== 'SUSPENDED') return null;
      return [{ ...job, state: 'SCHEDULED', attempt: job.attempt + 1, tasks: allTasks(job, 'SCHEDULED'), after: null }, []];
    case 'deploying':
      return move(job, job.taskNames, ['SCHEDULED'], 'DEPLOYING');
    case 'deployed':
      return move(job, event.tasks, ['DEPLOYING'], 'INITIALIZING');
    case 'running':
      return started(move(job, event.tasks, ['INITIALIZING'], 'RUNNING'), event.job);
    case 'finished':
      return finished(move(job, event.tasks, ['RUNNING'], 'FINISHED'), event.job);
    case 'canceled':
      return stopped(move(job, event.tasks, ['SCHEDULED', 'DEPLOYING', 'INITIALIZING', 'RUNNING', 'FINISHED', 'CANCELING'], 'CANCELED'), event.job);
    case 'failed':
      return fail(job, event);
    case 'interrupted':
      return stop(job, event.job, 'restart');
    case 'suspended':
      return suspend(job, event.job);
    case 'rescaled':
      if (job.state !== 'CREATED' && job.state !== 'RESTARTING' && job.state !== 'SUSPENDED') return null;
      return [{ ...job, taskNames: event.tasks, tasks: {} }, []];
    case 'abandoned': {
      if (job.state === 'FAILED') return null;
      if (job.state === 'RESTARTING' || job.state === 'SUSPENDED' || job.state === 'CREATED') {
        return [{ ...job, state: 'FAILED', error: event.error }, [{ kind: 'jobFailed', job: event.job }]];
      }
      return stop({ ...job, error: event.error }, event.job, 'fail');
    }
    case 'dropped':
      return drop(job, event.job);
    default:
      return unreachable(event);
  }
}

function allTasks(job: JobExecution, state: TaskExecutionState): Record<string, TaskExecutionState> {
  return Object.fromEntries(job.taskNames.map((task) => [task, state]));
}

/** The tasks among `names` that are in one of the `from` states go to `to`; null when none is. */
function move(job: JobExecution, names: readonly string[], from: readonly TaskExecutionState[], to: TaskExecutionState): JobReduction {
  const tasks = { ...job.tasks };
  let moved = 0;
  for (const name of names) {
    const before = tasks[name];
    if (before === undefined || !from.includes(before)) continue;
    tasks[name] = to;
    moved++;
  }
  return moved === 0 ? null : [{ ...job, tasks }, []];
}

function started(reduction: JobReduction, name: string): JobReduction {
  if (reduction === null) return null;
  const [job] = reduction;
  const all = job.taskNames.every((task) => job.tasks[task] === 'RUNNING' || job.tasks[task] === 'FINISHED');
  if (!all || job.state !== 'SCHEDULED') return reduction;
  // What made it start again is over.
  return [{ ...job, state: 'RUNNING', error: null }, [{ kind: 'jobRunning', job: name }]];
}

function finished(reduction: JobReduction, name: string): JobReduction {
  if (reduction === null) return null;
  const [job] = reduction;
  if (job.state !== 'RUNNING' || !job.taskNames.every((task) => job.tasks[task] === 'FINISHED')) return reduction;
  return [{ ...job, state: 'FINISHED' }, [{ kind: 'jobFinished', job: name }]];
}

/** Begins to stop the running attempt. */
function stop(job: JobExecution, name: string, after: 'restart' | 'suspend' | 'fail'): JobReduction {
  if (job.state !== 'SCHEDULED' && job.state !== 'RUNNING' && job.state !== 'FINISHED') {
    return job.state === 'FAILING' && after === 'fail' && job.after !== 'fail' ? [{ ...job, after }, []] : null;
  }
  const tasks: Record<string, TaskExecutionState> = {};
  for (const task of job.taskNames) tasks[task] = job.tasks[task] === 'FAILED' ? 'FAILED' : 'CANCELING';
  return settle({ ...job, state: 'FAILING', tasks, after }, name, [{ kind: 'cancelTasks', job: name, attempt: job.attempt }]);
}

/** A restart that was due anyway waits as well. */
function suspend(job: JobExecution, name: string): JobReduction {
  if (job.state === 'RESTARTING') return [{ ...job, state: 'SUSPENDED' }, []];
  if (job.state === 'FAILING' && job.after === 'restart') return [{ ...job, after: 'suspend' }, []];
  return stop(job, name, 'suspend');
}

function fail(job: JobExecution, event: Extract<ExecutionEvent, { kind: 'failed' }>): JobReduction {
  if (job.state !== 'SCHEDULED' && job.state !== 'RUNNING' && job.state !== 'FINISHED') return null;
  const { error, position } = event;
  const own = error.class !== 'external';
  const again = own && job.repeated?.position === position;
  const repeated = own ? { position, count: again ? job.repeated!.count + 1 : 1 } : null;
  const hopeless = error.code === SqlState.offsetOutOfRange || error.code === SqlState.outOfMemory || (repeated?.count ?? 0) >= REPEATED_FAILURES_MAX;
  const failed: JobExecution = { ...job, error, repeated, tasks: { ...job.tasks, [event.task]: 'FAILED' } };
  const stopping = stop(failed, event.job, hopeless ? 'fail' : 'restart');
  if (stopping === null) return null;
  const [next, commands] = stopping;
  return [next, [...commands, { kind: 'interruptRegion', job: event.job }]];
}

function stopped(reduction: JobReduction, name: string): JobReduction {
  return reduction === null ? null : settle(reduction[0], name, []);
}

/** An attempt whose tasks are all gone gives way to what was decided to follow. */
function settle(job: JobExecution, name: string, commands: readonly ExecutionCommand[]): JobReduction {
  const gone = job.taskNames.every((task) => job.tasks[task] === 'CANCELED' || job.tasks[task] === 'FAILED');
  if (!gone) return [job, commands];
  if (job.state === 'CANCELING') return [{ ...job, state: 'CANCELED' }, [...commands, { kind: 'jobCanceled', job: name }]];
  if (job.state !== 'FAILING') return [job, commands];
  if (job.after === 'fail') return [{ ...job, state: 'FAILED' }, [...commands, { kind: 'jobFailed', job: name }]];
  if (job.after === 'suspend') return [{ ...job, state: 'SUSPENDED', error: null }, commands];
  const restarts = job.restarts + 1;
  return [{ ...job, state: 'RESTARTING', restarts }, [...commands, { kind: 'restart', job: name, restarts }]];
}

function drop(job: JobExecution, name: string): JobReduction {
  switch (job.state) {
    case 'CANCELING':
    case 'CANCELED':
      return null;
    case 'CREATED':
    case 'RESTARTING':
    case 'SUSPENDED':
    case 'FAILED':
      return [{ ...job, state: 'CANCELED' }, [{ kind: 'jobCanceled', job: name }]];
    default: {
      const tasks: Record<string, TaskExecutionState> = {};
      for (const task of job.taskNames) tasks[task] = job.tasks[task] === 'FAILED' || job.tasks[task] === 'CANCELED' ? job.tasks[task] : 'CANCELING';
      return settle({ ...job, state: 'CANCELING', tasks }, name, [{ kind: 'cancelTasks', job: name, attempt: job.attempt }]);
    }
  }
}
