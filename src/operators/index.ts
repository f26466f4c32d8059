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

export { type CalcSpec, calcSpecCodec } from './calc/index.ts';
export { type HashAggregateSpec, hashAggregateSpecCodec } from './hash-aggregate/index.ts';
export { type HashJoinSpec, hashJoinSpecCodec } from './hash-join/index.ts';
export { type MatchRecognizeSpec, matchRecognizeSpecCodec } from './match-recognize/index.ts';
export { type MaterializeSpec, materializeSpecCodec } from './materialize/index.ts';
export { operatorFactories, sourceOperatorFactories } from './operator-factories.ts';
export { type OverSpec, overSpecCodec } from './over/index.ts';
export { type SinkSpec, sinkSpecCodec } from './sink/index.ts';
export { type SourceColumnOrigin, type SourceColumnSpec, type SourceSpec, type SourceWatermarkSpec, sourceSpecCodec } from './source/index.ts';
export type { AggregateCallSpec, SortKeySpec, SpecCodec } from './spec/index.ts';
export { type TopNSpec, topNSpecCodec } from './top-n/index.ts';
export { unionAllSpecCodec } from './union-all/index.ts';
export { type ValuesSpec, valuesSpecCodec } from './values/index.ts';
export { type WindowAggregateSpec, windowAggregateSpecCodec } from './window-aggregate/index.ts';
export { type WindowAssignSpec, type WindowSpec, windowAssignSpecCodec } from './window-assign/index.ts';
