import type { OperatorFactory, SourceOperatorFactory } from '../spi/index.ts';
import { asOfJoinFactory } from './as-of-join/index.ts';
import { calcFactory } from './calc/index.ts';
import { combineRowsFactory } from './combine-rows/index.ts';
import { expandFactory } from './expand/index.ts';
import { hashAggregateFactory } from './hash-aggregate/index.ts';
import { hashJoinFactory } from './hash-join/index.ts';
import { lookupJoinFactory } from './lookup-join/index.ts';
import { matchRecognizeFactory } from './match-recognize/index.ts';
import { materializeFactory } from './materialize/index.ts';
import { neededRowsFactory } from './needed-rows/index.ts';
import { overFactory } from './over/index.ts';
import { recursionFactory } from './recursion/index.ts';
import { rowTtlFactory } from './row-ttl/index.ts';
import { sessionAssignFactory } from './session-assign/index.ts';
import { setOperationFactory } from './set-operation/index.ts';
import { sinkFactory } from './sink/index.ts';
import { sourceFactory } from './source/index.ts';
import { tableFunctionFactory } from './table-function/index.ts';
import { temporalFilterFactory } from './temporal-filter/index.ts';
import { temporalJoinFactory } from './temporal-join/index.ts';
import { topNFactory } from './top-n/index.ts';
import { unionAllFactory } from './union-all/index.ts';
import { valuesFactory } from './values/index.ts';
import { windowAggregateFactory } from './window-aggregate/index.ts';
import { windowAssignFactory } from './window-assign/index.ts';

/** Every operator's runtime half. */
export const operatorFactories: readonly OperatorFactory[] = [
  asOfJoinFactory,
  calcFactory,
  combineRowsFactory,
  expandFactory,
  hashAggregateFactory,
  hashJoinFactory,
  lookupJoinFactory,
  matchRecognizeFactory,
  materializeFactory,
  neededRowsFactory,
  recursionFactory,
  rowTtlFactory,
  setOperationFactory,
  sessionAssignFactory,
  overFactory,
  sinkFactory,
  tableFunctionFactory,
  temporalFilterFactory,
  temporalJoinFactory,
  topNFactory,
  unionAllFactory,
  windowAggregateFactory,
  windowAssignFactory,
];

/** Operators that read: heads of chains. */
export const sourceOperatorFactories: readonly SourceOperatorFactory[] = [sourceFactory, valuesFactory];
