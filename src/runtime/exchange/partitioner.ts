import { unreachable } from '../../base/index.ts';
import { type Batch, KeySplitter, keyColumns } from '../../batch/index.ts';
import type { PartitionerSpec } from '../../jobgraph/index.ts';
import type { ChannelWriter } from '../channel/index.ts';

/** Sends the rows of a batch to the channels they belong to. Channel t leads to receiver subtask t of those connected. */
export type Partitioner = (batch: Batch, channels: readonly ChannelWriter[]) => void;

export interface PartitionerOptions {
  readonly spec: PartitionerSpec;
  readonly senderSubtask: number;
  readonly maxParallelism: number;
}

export function createPartitioner(options: PartitionerOptions): Partitioner {
  const { spec } = options;
  switch (spec.kind) {
    case 'forward':
    case 'global':
      return (batch, channels) => channels[0]!.write({ kind: 'data', batch });
    case 'broadcast':
      return (batch, channels) => {
        for (const channel of channels) channel.write({ kind: 'data', batch });
      };
    case 'rebalance':
    case 'rescale':
      return roundRobin(options.senderSubtask);
    case 'hash':
      return byKeyGroup(spec.keys, options.maxParallelism);
    default:
      return unreachable(spec);
  }
}

/** The start derives from the sender's index, never from chance, so that two runs route alike. */
function roundRobin(senderSubtask: number): Partitioner {
  let next = senderSubtask;
  return (batch, channels) => {
    channels[next % channels.length]!.write({ kind: 'data', batch });
    next = (next + 1) % channels.length;
  };
}

function byKeyGroup(keys: readonly number[], maxParallelism: number): Partitioner {
  let splitter: KeySplitter | null = null;
  return (batch, channels) => {
    if (channels.length === 1) {
      channels[0]!.write({ kind: 'data', batch });
      return;
    }
    splitter ??= new KeySplitter({ parallelism: channels.length, maxParallelism });
    const parts = splitter.split(batch, keyColumns(batch, keys));
    for (let target = 0; target < parts.length; target++) {
      const part = parts[target]!;
      if (part !== null) channels[target]!.write({ kind: 'data', batch: part });
    }
  };
}
