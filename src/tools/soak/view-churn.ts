import type { EventFeed } from './event-feed.ts';
import { type Habit, WrongAnswer } from './user.ts';

/** Makes a view, compares it with what it has to show, and drops it: one over the topic as it is now, one over tables, one over a view. */
export function viewChurn(feed: EventFeed): Habit {
  let round = 0;
  return {
    settle: async (client) => {
      await client.query('DROP MATERIALIZED VIEW IF EXISTS churn');
    },
    act: async (client) => {
      // Nothing is sent between the two, so `before` of the bids in the relation have smaller ids.
      const [since, before] = [feed.nextId, feed.kept.size];
      const kinds = [
        { query: `SELECT auction % 5 AS k, count(*) AS n FROM bids WHERE id >= ${since} GROUP BY 1`, equal: `(SELECT n FROM all_bids) - ${before}` },
        {
          query: 'SELECT o.amount % 9 AS k, count(*) AS n FROM orders o JOIN accounts a ON a.id = o.account GROUP BY 1',
          equal: '(SELECT count(*) FROM orders)',
        },
        { query: 'SELECT owner % 3 AS k, sum(n) AS n FROM order_totals GROUP BY 1', equal: '(SELECT count(*) FROM orders)' },
      ];
      const { query, equal } = kinds[round++ % kinds.length]!;
      await client.query(`CREATE MATERIALIZED VIEW churn AS ${query}`);
      const { rows } = await client.query<{ n: string; expected: string }>(`SELECT coalesce(sum(n), 0) AS n, ${equal} AS expected FROM churn`);
      if (rows[0]!.n !== rows[0]!.expected) throw new WrongAnswer(`a view of "${query}" counts ${rows[0]!.n} rows instead of ${rows[0]!.expected}`);
      await client.query('DROP MATERIALIZED VIEW churn');
    },
  };
}
