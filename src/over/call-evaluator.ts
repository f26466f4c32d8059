import type { EvaluationContext, FunctionLookup } from '../expr/index.ts';
import type { AggregateDefinition, Registry } from '../spi/index.ts';
import type { Datum } from '../types/index.ts';
import { Frames } from './frame.ts';
import { FrameAggregate } from './frame-aggregate.ts';
import type { PeerGroups } from './peer-groups.ts';
import type { PartitionValues, WindowCall } from './window-call.ts';
import { windowFunctionEvaluator } from './window-function.ts';

export interface OverEnvironment {
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  readonly evaluation: EvaluationContext;
}

/** A call over one partition. Rows asked for in ascending order cost least. */
export interface CallEvaluator {
  /** Errors: those of the function, for this row. */
  value(row: number): Datum | null;
  /** Rows from this position on have changed; those before are the same. */
  invalidate(from: number): void;
}

/** Errors: 22004 and 22013 for the frame's offsets. */
export function createCallEvaluator(
  call: WindowCall,
  partition: { readonly peers: PeerGroups; readonly values: PartitionValues },
  environment: OverEnvironment,
): CallEvaluator {
  const { peers, values } = partition;
  const frames = new Frames(call, partition, environment);
  const evaluator =
    call.function.kind === 'aggregate'
      ? new FrameAggregate(call, { frames, values }, environment.aggregates)
      : windowFunctionEvaluator(call.function.name, { peers, values, frames, argumentCount: call.argumentTypes.length });
  return {
    value: (row) => evaluator.value(row),
    invalidate: (from) => {
      frames.invalidate();
      evaluator.invalidate(from);
    },
  };
}
