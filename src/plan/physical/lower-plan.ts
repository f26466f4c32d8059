import { SqlError, SqlState } from '../../base/index.ts';
import { type LogicalPlan, stateTtlOf } from '../logical/index.ts';
import type { Lowering, LoweringContext } from './lowering.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { shareSubplans } from './share-subplans.ts';

/** Names of logical patterns no operator implements, in the words of the SQL that makes them. */
const constructs: Readonly<Record<LogicalPlan['kind'], string>> = {
  scan: 'this relation',
  values: 'VALUES',
  'table-function': 'a table function',
  filter: 'this filter',
  project: 'this projection',
  'window-assign': 'this window',
  aggregate: 'this aggregate',
  join: 'this kind of join',
  'as-of-join': 'this as-of join',
  'set-operation': 'INTERSECT or EXCEPT',
  distinct: 'DISTINCT ON',
  over: 'a window function (OVER)',
  'match-recognize': 'MATCH_RECOGNIZE over this input',
  sort: 'ORDER BY without LIMIT',
  limit: 'this LIMIT',
  recursion: 'this WITH RECURSIVE',
  'mutual-recursion': 'this WITH MUTUALLY RECURSIVE',
  'recursive-scan': 'this place of a recursive reference',
};

/** Chooses operators for a continuous query; what occurs twice is one node read twice. Errors: 0A000 where none of `lowerings` takes a pattern. */
export function lowerPlan(plan: LogicalPlan, lowerings: readonly Lowering[], context: Omit<LoweringContext, 'lower' | 'stateTtl'>): PhysicalPlan {
  const full: LoweringContext = {
    ...context,
    stateTtl: stateTtlOf,
    lower: (child) => {
      for (const lowering of lowerings) {
        const lowered = lowering.lower(child, full);
        if (lowered !== null) return lowered;
      }
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `a continuous query cannot contain ${constructs[child.kind]}`,
        hint: 'It works in a one-time SELECT over the views such a query reads.',
      });
    },
  };
  return shareSubplans(full.lower(plan));
}
