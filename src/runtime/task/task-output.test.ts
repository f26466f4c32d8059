import { expect, it } from 'vitest';
import { Batch, type StreamElement } from '../../batch/index.ts';
import { EdgeOutput, type Partitioner } from '../exchange/index.ts';
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

it('gives rows that are not taken to who reads them, and the others to who does not', () => {
  const output = new TaskOutput(emptyTaskMetrics(), 0);
  const received = new Map<string, string[]>();
  for (const setAside of [null, 'late', 'bad'] as const) {
    const elements: string[] = [];
    received.set(setAside ?? 'rows', elements);
    const channel = { write: (element: StreamElement) => elements.push(element.kind === 'data' ? `${element.batch.rowCount} rows` : element.kind) };
    const partitioner: Partitioner = (batch, [to]) => to!.write({ kind: 'data', batch });
    output.addEdge(new EdgeOutput({ id: String(setAside), setAside, partitioner, channels: [channel as never], columns: null }));
    expect(output.wantsAside('late')).toBe(setAside !== null);
  }
  const rows = (count: number): Batch => new Batch(count, []);
  output.emit(rows(1));
  output.setAside('late', rows(2));
  output.setAside('bad', rows(3));
  expect(output.atBoundary).toBe(false);
  output.barrier({ ...barrier, epoch: 1, last: false });
  expect([...received]).toEqual([
    ['rows', ['1 rows', 'barrier']],
    ['late', ['2 rows', 'barrier']],
    ['bad', ['3 rows', 'barrier']],
  ]);
});

it('makes a change that waits for an epoch that never comes when the last barrier goes', () => {
  const output = new TaskOutput(emptyTaskMetrics(), 0);
  const changes: boolean[] = [];
  output.atEpoch(9, () => changes.push(output.finished));
  output.barrier({ ...barrier, epoch: 1, last: true });
  expect(changes).toEqual([true]);
});
