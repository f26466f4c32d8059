import type { Query } from '../../sql/index.ts';
import { invalidHint } from './hint-arguments.ts';
import { firstSelect } from './state-ttl-hint.ts';

const SPLIT_DISTINCT = 'split_distinct';

/** SPLIT_DISTINCT('on' | 'off') of the first SELECT of a query, which counts for all of its aggregates; null without. Errors: 22023. */
export function splitDistinctOfQuery({ body }: Pick<Query, 'body'>): boolean | null {
  const hint = firstSelect(body)?.hints.find(({ name }) => name.text.toLowerCase() === SPLIT_DISTINCT);
  if (hint === undefined) return null;
  const [argument, ...others] = hint.arguments;
  const value = argument?.key === null && others.length === 0 ? argument.value.toLowerCase() : '';
  if (value === 'on' || value === 'off') return value === 'on';
  throw invalidHint("SPLIT_DISTINCT requires 'on' or 'off'", hint, "Write /*+ SPLIT_DISTINCT('on') */ behind SELECT.");
}
