import { expect, it } from 'vitest';
import { silentLogger } from '../../base/index.ts';
import { Doorbell } from '../../runtime/index.ts';
import { Registry, type SourceOperatorFactory } from '../../spi/index.ts';
import { memoryScratchPlace } from '../../state/index.ts';
import { sourceJob } from '../testing/index.ts';
import { TestClock } from '../testing/test-clock.ts';
import { testRegistries } from '../testing/test-cluster.ts';
import type { FromSlot } from '../transport/index.ts';
import { Slot } from './slot.ts';

const settings = {
  interpreted: false,
  batchRows: null,
  thoroughChecks: true,
  stateBytesMax: 1e6,
  spillBytesMax: null,
  pinnedBytesMax: 1e6,
};

it('a task that was woken while it was being made, and could not be made, is not stepped', () => {
  const sent: FromSlot[] = [];
  const failing: SourceOperatorFactory = {
    kind: 'test-topic',
    version: 1,
    createSource: (_, environment) => {
      environment.wake();
      throw new Error('cannot be made');
    },
  };
  const registries = {
    ...testRegistries(new Map(), { key: null, checkpoint: null, times: 0, error: null }),
    sources: new Registry([failing], ({ kind }) => kind),
  };
  const launch = { slot: 0, incarnation: 1, channelBytes: 1024, settings, doorbell: Doorbell.memory() };
  const clock = new TestClock();
  const slot = new Slot({
    launch,
    registries,
    clock,
    logger: silentLogger,
    scratch: memoryScratchPlace(),
    send: (message) => sent.push(message),
    wake: () => undefined,
  });
  const { graph } = sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 1 });
  const { vertices, jobId, maxParallelism } = graph;
  const described = { inputs: [], inputColumns: [], inputAppendOnly: [], inputRelation: [], outputs: [], relation: 't', terminal: true };
  const source = { splits: [], fields: null, private: false };
  const task = { ...described, vertex: 'v0', subtask: 0, parallelism: 1, operators: vertices[0]!.operators, source };
  slot.receive({
    kind: 'deploy',
    deployment: { jobId, attempt: 1, maxParallelism, failOnRowError: false, startEpoch: 0, startMicros: 0n, tasks: [task] },
  });
  expect(sent.map(({ kind }) => kind)).toEqual(['failed']);
  slot.wakeAll();
  for (const turn of slot.turns()) expect(turn.step()).toBe('idle');
});
