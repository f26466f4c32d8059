import type { PartitionerSpec } from '../../jobgraph/index.ts';

export interface ChainEnd {
  readonly parallelism: number;
  readonly slotSharingGroup: string;
  readonly maxParallelism: number;
  readonly optsOut: boolean;
}

export interface ChainCandidate {
  readonly producer: ChainEnd;
  readonly consumer: ChainEnd;
  readonly consumerInputCount: number;
  readonly partitioner: PartitionerSpec;
}

/**
 * Flink's rule (StreamingJobGraphGenerator.isChainable) as one pure predicate: the consumer has exactly one input edge, both ends share the
 * slot-sharing group, the partitioner is forward, parallelism and key-group count are equal, and neither end opts out.
 */
export function isChainable(edge: ChainCandidate): boolean {
  return (
    edge.consumerInputCount === 1 &&
    edge.partitioner.kind === 'forward' &&
    edge.producer.slotSharingGroup === edge.consumer.slotSharingGroup &&
    edge.producer.parallelism === edge.consumer.parallelism &&
    edge.producer.maxParallelism === edge.consumer.maxParallelism &&
    !edge.producer.optsOut &&
    !edge.consumer.optsOut
  );
}
