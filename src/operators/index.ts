/**
 * The physical operators, one folder each: `spec.ts` is its parameters as data (seen by both halves), `lower.ts` the planning half,
 * `operator.ts` the runtime half.
 *
 * An operator knows nothing of tasks, channels or storage: batches, watermarks and barriers come in by call, rows go out through
 * Output, state is declared as StateTables.
 *
 * Laws
 * - A stateful operator emits its net delta of the epoch at the barrier; state restored from its tables continues the same output.
 * - What is emitted is immutable and what is kept is compact: no view into a message buffer survives in state.
 *
 * Start reading at calc/, then hash-aggregate/ and materialize/.
 */
import type { OperatorFactory, SourceOperatorFactory } from '../spi/index.ts';
import { calcFactory } from './calc/operator.ts';
import { hashAggregateFactory } from './hash-aggregate/operator.ts';
import { hashJoinFactory } from './hash-join/operator.ts';
import { materializeFactory } from './materialize/operator.ts';
import { sinkFactory } from './sink/operator.ts';
import { sourceFactory } from './source/operator.ts';
import { topNFactory } from './top-n/operator.ts';
import { unionAllFactory } from './union-all/operator.ts';
import { valuesFactory } from './values/operator.ts';
import { windowAggregateFactory } from './window-aggregate/operator.ts';
import { windowAssignFactory } from './window-assign/operator.ts';

export { type CalcSpec, calcSpecCodec } from './calc/spec.ts';
export { type HashAggregateSpec, hashAggregateSpecCodec } from './hash-aggregate/spec.ts';
export { type HashJoinSpec, hashJoinSpecCodec } from './hash-join/spec.ts';
export { type MaterializeSpec, materializeSpecCodec } from './materialize/spec.ts';
export { type SinkSpec, sinkSpecCodec } from './sink/spec.ts';
export { type SourceColumnOrigin, type SourceColumnSpec, type SourceSpec, type SourceWatermarkSpec, sourceSpecCodec } from './source/spec.ts';
export type { AggregateCallSpec, SortKeySpec, SpecCodec } from './spec/index.ts';
export { type TopNSpec, topNSpecCodec } from './top-n/spec.ts';
export { type UnionAllSpec, unionAllSpecCodec } from './union-all/spec.ts';
export { type ValuesSpec, valuesSpecCodec } from './values/spec.ts';
export { type WindowAggregateSpec, windowAggregateSpecCodec } from './window-aggregate/spec.ts';
export { type WindowAssignSpec, type WindowSpec, windowAssignSpecCodec } from './window-assign/spec.ts';

/** Every operator's runtime half. */
export const operatorFactories: readonly OperatorFactory[] = [
  calcFactory,
  hashAggregateFactory,
  hashJoinFactory,
  materializeFactory,
  sinkFactory,
  topNFactory,
  unionAllFactory,
  windowAggregateFactory,
  windowAssignFactory,
];

/** Operators that read: heads of chains. */
export const sourceOperatorFactories: readonly SourceOperatorFactory[] = [sourceFactory, valuesFactory];
