import { type Lowering, lowerScan, type PhysicalRoots } from '../plan/physical/index.ts';
import { lowerAsOfJoin } from './as-of-join/lower.ts';
import { lowerCalc } from './calc/lower.ts';
import { calcSpecCodec } from './calc/spec.ts';
import { lowerDistinctInTwoPhases } from './distinct-phases/lower.ts';
import { lowerGroupingSets } from './expand/lower.ts';
import { lowerHashAggregate } from './hash-aggregate/lower.ts';
import { lowerHashJoin } from './hash-join/lower.ts';
import { lowerLookupJoin } from './lookup-join/lower.ts';
import { lowerMatchRecognize } from './match-recognize/lower.ts';
import { materializeNode } from './materialize/lower.ts';
import { neededRowsNode } from './needed-rows/index.ts';
import { lowerOver } from './over/lower.ts';
import { lowerRecursion } from './recursion/lower.ts';
import { lowerSessionAssign } from './session-assign/lower.ts';
import { lowerSetOperation } from './set-operation/lower.ts';
import { sinkNode } from './sink/lower.ts';
import { sourceNode } from './source/lower.ts';
import { lowerTableFunction } from './table-function/lower.ts';
import { lowerTemporalFilter } from './temporal-filter/lower.ts';
import { lowerTemporalJoin } from './temporal-join/lower.ts';
import { lowerTopN } from './top-n/lower.ts';
import { lowerUnionAll } from './union-all/lower.ts';
import { lowerValues } from './values/lower.ts';
import { lowerWindowAggregate } from './window-aggregate/lower.ts';
import { lowerWindowAssign } from './window-assign/lower.ts';

/**
 * The planning halves, in the order they are asked: temporal-filter and top-n before calc, grouping sets before window-aggregate, that before
 * hash-aggregate, lookup-join before temporal-join; who comes later takes what is left.
 */
export const lowerings: readonly Lowering[] = [
  lowerScan,
  lowerTopN,
  lowerTemporalFilter,
  lowerCalc,
  lowerSessionAssign,
  lowerWindowAssign,
  lowerGroupingSets,
  lowerWindowAggregate,
  lowerDistinctInTwoPhases,
  lowerHashAggregate,
  lowerTableFunction,
  lowerHashJoin,
  lowerAsOfJoin,
  lowerLookupJoin,
  lowerTemporalJoin,
  lowerOver,
  lowerMatchRecognize,
  lowerUnionAll,
  lowerSetOperation,
  lowerValues,
  lowerRecursion,
];

/** What stands at the ends of job graphs. */
export const physicalRoots: PhysicalRoots = {
  source: sourceNode,
  neededRows: neededRowsNode,
  materialize: materializeNode,
  sink: sinkNode,
  calcOf: (spec) => (spec.kind === calcSpecCodec.kind ? calcSpecCodec.decode(spec.parameters) : null),
};
