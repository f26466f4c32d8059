import { type ContentGrowth, type OperatorState, type PhysicalPlan, type StateBound, ttlBound } from '../../plan/physical/index.ts';
import type { TopNSpec } from './spec.ts';

/** What a top-n over `plan`, its ordered input, keeps. */
export function topNState(spec: TopNSpec, plan: PhysicalPlan): OperatorState {
  const { partitionCount } = spec;
  return {
    kept: [
      {
        what: partitionCount === 0 ? 'rows in order' : 'rows of each partition in order',
        key: plan.columns.slice(0, partitionCount),
        columns: plan.columns.slice(partitionCount),
        bound: boundOf(spec, plan.appendOnly),
      },
    ],
    content: growthOf(spec),
  };
}

function boundOf({ window, to, ranking, partitionCount, stateTtlMs }: TopNSpec, appendOnly: boolean): StateBound {
  if (stateTtlMs != null) return ttlBound('a partition', stateTtlMs);
  if (window !== null) return { kind: 'time', by: 'window', until: 'a partition goes when its window closes' };
  const remedy = 'partition by window_end of a window over event time, so that partitions close';
  if (to === null) return { kind: 'content', input: 0, remedy: 'add LIMIT, or an upper bound of the row number' };
  // Rows behind the last one shown are forgotten only where nothing in front of them is ever taken back.
  if (!appendOnly) return { kind: 'content', input: 0, remedy };
  if (ranking !== 'row-number') return { kind: 'content', input: 0, remedy: 'use ROW_NUMBER() or LIMIT: rows that tie are all kept' };
  return partitionCount === 0 ? { kind: 'fixed', by: `LIMIT: the first ${to} rows` } : { kind: 'keys' };
}

function growthOf({ window, to, ranking, partitionCount, stateTtlMs }: TopNSpec): ContentGrowth {
  if (stateTtlMs != null) return 'time';
  if (window !== null) return 'endless';
  if (to === null || ranking !== 'row-number') return 'input';
  return partitionCount === 0 ? 'fixed' : 'keys';
}
