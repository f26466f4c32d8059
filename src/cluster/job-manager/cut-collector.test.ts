import { expect, it } from 'vitest';
import type { SplitCut } from '../../spi/index.ts';
import { CutCollector } from './cut-collector.ts';

function cutAt(position: number): SplitCut {
  return { split: '0', position, maxEventMicros: null, floorMicros: null, idle: false, finished: false, future: [] };
}

const task = { jobId: 'job', vertex: 'v0', subtask: 0 };

it('an answer to an older cut counts for no newer one', async () => {
  const cuts = new CutCollector();
  const waiting = new Map([['job', ['v0/0']]]);
  const first = cuts.collect(1, waiting);
  cuts.forget('job');
  expect(await first).toEqual(new Map());
  let done = false;
  const second = cuts.collect(2, waiting).finally(() => {
    done = true;
  });
  cuts.answer(task, 1, [cutAt(1)]);
  await Promise.resolve();
  expect(done).toBe(false);
  cuts.answer(task, 2, [cutAt(5)]);
  expect(await second).toEqual(new Map([['job v0', [cutAt(5)]]]));
});
