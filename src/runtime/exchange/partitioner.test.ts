import { describe, expect, it } from 'vitest';
import { type Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { PartitionerSpec } from '../../jobgraph/index.ts';
import type { ChannelWriter } from '../channel/index.ts';
import { connectedSubtasks } from './connected-subtasks.ts';
import { createPartitioner } from './partitioner.ts';

const BATCHES = Array.from({ length: 8 }, (_, batch): Batch => {
  const rows = Array.from({ length: 5 }, (_, row) => [BigInt(batch * 5 + row) % 7n]);
  return batchFromRows([{ kind: 'int8' }], rows);
});

/** Keys that came down each of `receivers` channels of one sender, in the order they came. */
function routed(spec: PartitionerSpec, { senderSubtask, receivers }: { senderSubtask: number; receivers: number }): bigint[][] {
  const got = Array.from({ length: receivers }, (): bigint[] => []);
  const channels = got.map((keys): ChannelWriter => {
    const write: ChannelWriter['write'] = (element) => {
      if (element.kind === 'data') keys.push(...rowsOf(element.batch).map(([key]) => key as bigint));
    };
    return { write, hasCredit: () => true, flush: () => true } as unknown as ChannelWriter;
  });
  const partition = createPartitioner({ spec, senderSubtask, maxParallelism: 128 });
  for (const batch of BATCHES) partition(batch, channels);
  return got;
}

const counts = (spec: PartitionerSpec, senderSubtask: number): number[] => routed(spec, { senderSubtask, receivers: 3 }).map((keys) => keys.length);

describe('rows of a sender with three channels', () => {
  it('go round robin by batches, from the sender’s own place on', () => {
    expect(counts({ kind: 'rebalance' }, 0)).toEqual([15, 15, 10]);
    expect(counts({ kind: 'rebalance' }, 1)).toEqual([10, 15, 15]);
    expect(counts({ kind: 'rescale' }, 2)).toEqual([15, 10, 15]);
  });

  it('go to all by broadcast and to the first by global', () => {
    expect(counts({ kind: 'broadcast' }, 1)).toEqual([40, 40, 40]);
    expect(counts({ kind: 'global' }, 2)).toEqual([40, 0, 0]);
  });

  it('go by key, equal ones to one channel whoever sends them', () => {
    const spec: PartitionerSpec = { kind: 'hash', keys: [0] };
    const [first, second] = [0, 1].map((senderSubtask) => routed(spec, { senderSubtask, receivers: 3 }));
    expect(second).toEqual(first);
    const keys = first!.map((got) => new Set(got));
    expect(keys.reduce((sum, { size }) => sum + size, 0)).toBe(7);
    expect(first!.flat().length).toBe(40);
  });
});

describe('channels of a sender', () => {
  it('lead to all receivers, and of forward and rescale to a part that no other has', () => {
    const of = (kind: 'rebalance' | 'rescale', senders: number, receivers: number): number[][] =>
      Array.from({ length: senders }, (_, sender) => connectedSubtasks({ kind }, sender, { senders, receivers }));
    expect(of('rebalance', 2, 3)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(of('rescale', 2, 4)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(of('rescale', 4, 2)).toEqual([[0], [0], [1], [1]]);
    expect(of('rescale', 2, 3).flat().sort()).toEqual([0, 1, 2]);
  });
});
