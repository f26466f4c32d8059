import { expect, it } from 'vitest';
import { emptyTaskMetrics } from './task.ts';
import { TaskOutput } from './task-output.ts';

const barrier = { kind: 'barrier', timestampMicros: 0n, checkpoint: false } as const;

it('makes a change at the end of its epoch, between rows of neither side', () => {
  const output = new TaskOutput(emptyTaskMetrics(), 0);
  const changes: number[] = [];
  output.atEpoch(0, () => changes.push(0));
  output.atEpoch(2, () => changes.push(2));
  output.barrier({ ...barrier, epoch: 1, last: false });
  expect(changes).toEqual([0]);
  output.barrier({ ...barrier, epoch: 2, last: false });
  expect(changes).toEqual([0, 2]);
});

it('makes a change that waits for an epoch that never comes when the last barrier goes', () => {
  const output = new TaskOutput(emptyTaskMetrics(), 0);
  const changes: boolean[] = [];
  output.atEpoch(9, () => changes.push(output.finished));
  output.barrier({ ...barrier, epoch: 1, last: true });
  expect(changes).toEqual([true]);
});
