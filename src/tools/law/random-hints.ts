import type { Random } from '../../base/index.ts';
import { oneOf, percent, someOf } from './choose.ts';

/** Share of the SELECTs that get hints. */
const HINTED = 80;

/** The query with hints about how rows are sent, of which none changes its answer. They name items of any FROM of the query: what is not in their own is a warning. */
export function withHints(sql: string, random: Random): string {
  const aliases = [...new Set([...sql.matchAll(/ AS (q\d+)\b/g)].map(([, alias]) => alias!))];
  if (aliases.length === 0) return sql;
  return sql.replaceAll(/\bSELECT(?= )/g, (select) => {
    if (!percent(random, HINTED)) return select;
    const rerouted = oneOf(random, [
      '',
      ', REBALANCE',
      ', REPARTITION(k)',
      ', COALESCE(1)',
      `, REBALANCE(${oneOf(random, aliases)})`,
      `, REPARTITION(${oneOf(random, aliases)}, k)`,
    ]);
    return `${select} /*+ BROADCAST(${someOf(random, aliases).join(', ')})${rerouted} */`;
  });
}
