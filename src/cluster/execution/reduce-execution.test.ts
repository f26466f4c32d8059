import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExecutionCommand, ExecutionEvent, ExecutionState } from './execution-state.ts';
import { initialExecution, reduceExecution } from './reduce-execution.ts';
import { restartDelayMs } from './restart-delay.ts';

const TASKS = ['a/0', 'a/1', 'b/0'];
const ERROR = { code: '22012', message: 'division by zero', class: 'user' } as const;

function reduceAll(events: readonly ExecutionEvent[]): { state: ExecutionState; commands: ExecutionCommand[] } {
  let state = initialExecution;
  const commands: ExecutionCommand[] = [];
  for (const event of events) {
    const [next, more] = reduceExecution(state, event);
    state = next;
    commands.push(...more);
  }
  return { state, commands };
}

const attempt = fc.integer({ min: 0, max: 3 });
const tasks = fc.subarray(TASKS, { minLength: 1 });
const job = fc.constantFrom('j', 'k');
const event: fc.Arbitrary<ExecutionEvent> = fc.oneof(
  fc.record({ kind: fc.constant('submitted' as const), job, tasks: fc.constant(TASKS) }),
  fc.record({ kind: fc.constantFrom('scheduled' as const, 'interrupted' as const, 'suspended' as const, 'dropped' as const), job }),
  fc.record({ kind: fc.constant('rescaled' as const), job, tasks }),
  fc.record({ kind: fc.constant('abandoned' as const), job, error: fc.constant(ERROR) }),
  fc.record({ kind: fc.constant('deploying' as const), job, attempt }),
  fc.record({ kind: fc.constantFrom('deployed' as const, 'running' as const, 'finished' as const, 'canceled' as const), job, attempt, tasks }),
  fc.record({
    kind: fc.constant('failed' as const),
    job,
    attempt,
    task: fc.constantFrom(...TASKS),
    error: fc.constant(ERROR),
    position: fc.constantFrom('x', 'y'),
  }),
);

describe('reduceExecution', () => {
  it('takes a job from submission to its end', () => {
    const { state, commands } = reduceAll([
      { kind: 'submitted', job: 'j', tasks: TASKS },
      { kind: 'scheduled', job: 'j' },
      { kind: 'deploying', job: 'j', attempt: 1 },
      { kind: 'deployed', job: 'j', attempt: 1, tasks: TASKS },
      { kind: 'running', job: 'j', attempt: 1, tasks: ['a/0'] },
      { kind: 'running', job: 'j', attempt: 1, tasks: ['a/1', 'b/0'] },
      { kind: 'finished', job: 'j', attempt: 1, tasks: TASKS },
    ]);
    expect(state.jobs.j).toMatchObject({ state: 'FINISHED', attempt: 1 });
    expect(commands.map((command) => command.kind)).toEqual(['jobRunning', 'jobFinished']);
  });

  it.each([
    ['user', 'FAILED'],
    ['internal', 'FAILED'],
    ['external', 'RESTARTING'],
  ] as const)('the third failure of class %s at one place leaves a job %s', (errorClass, last) => {
    const error = { code: 'XX000', message: 'once more', class: errorClass } as const;
    const attempts = [1, 2, 3].flatMap((attempt): ExecutionEvent[] => [
      { kind: 'scheduled', job: 'j' },
      { kind: 'failed', job: 'j', attempt, task: 'a/0', error, position: 'a/0 after epoch 7' },
      { kind: 'canceled', job: 'j', attempt, tasks: TASKS },
    ]);
    const states = [3, 6, 9].map(
      (count) => reduceAll([{ kind: 'submitted', job: 'j', tasks: TASKS }, ...attempts.slice(0, count)]).state.jobs.j!.state,
    );
    expect(states).toEqual(['RESTARTING', 'RESTARTING', last]);
  });

  it('survives any order, repetition and loss of events: attempts only grow, nothing runs twice, an end is an end', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let state = initialExecution;
        const running = new Set<string>();
        for (const next of events) {
          const before = state;
          const [after, commands] = reduceExecution(state, next);
          state = after;
          for (const name of Object.keys(after.jobs)) {
            const old = before.jobs[name];
            const now = after.jobs[name]!;
            if (old === undefined) continue;
            expect(now.attempt).toBeGreaterThanOrEqual(old.attempt);
            // A new attempt begins only when no task of the last one is left.
            if (now.attempt > old.attempt) expect(Object.values(old.tasks).every((task) => task === 'CANCELED' || task === 'FAILED')).toBe(true);
            if (old.state === 'CANCELED' && next.kind !== 'submitted') expect(now).toEqual(old);
            if ('attempt' in next && next.attempt !== old.attempt) expect(now).toEqual(old);
            if (old.state === 'FAILED') expect(['FAILED', 'CANCELED']).toContain(now.state);
          }
          for (const command of commands) {
            if (command.kind !== 'jobRunning') continue;
            const key = `${command.job}#${after.jobs[command.job]!.attempt}`;
            expect(running.has(key)).toBe(false);
            running.add(key);
          }
        }
      }),
      { seed: 20261121, numRuns: 2_000 },
    );
  });
});

describe('restartDelayMs', () => {
  it('grows by half from one second to one minute', () => {
    const middle = { nextFloat: () => 0.5, nextInt: () => 0, nextUint32: () => 0 };
    expect([1, 2, 3, 20].map((restarts) => restartDelayMs(restarts, middle))).toEqual([1_000, 1_500, 2_250, 60_000]);
  });
});
