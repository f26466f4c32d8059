/** The Nexmark source and queries in fsql's SQL, for a source given as its WITH options. */
const SOURCE_COLUMNS = `
  event_type INT,
  person ROW<id BIGINT, name TEXT, "emailAddress" TEXT, "creditCard" TEXT, city TEXT, state TEXT, "dateTime" TIMESTAMP(3), extra TEXT>,
  auction ROW<id BIGINT, "itemName" TEXT, description TEXT, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP(3), expires TIMESTAMP(3),
    seller BIGINT, category BIGINT, extra TEXT>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TIMESTAMP(3), extra TEXT>,
  "dateTime" AS CASE WHEN event_type = 0 THEN (person)."dateTime" WHEN event_type = 1 THEN (auction)."dateTime" ELSE (bid)."dateTime" END,
  WATERMARK FOR "dateTime" AS "dateTime" - INTERVAL '4 seconds'`;

const BID_VIEW = `
CREATE VIEW bid AS SELECT (bid).auction AS auction, (bid).bidder AS bidder, (bid).price AS price, (bid).channel AS channel, (bid).url AS url,
    "dateTime", (bid).extra AS extra
  FROM events WHERE event_type = 2;`;

const BIDS_PER_WINDOW = `SELECT auction, count(*) AS num, window_start, window_end
    FROM HOP(bid, "dateTime", INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY auction, window_start, window_end`;

/** The query of each sink. `count` is no Nexmark query; it runs over bids to a million auctions. */
export const NEXMARK_QUERIES = {
  q0: 'SELECT auction, bidder, price, "dateTime", extra FROM bid',
  q1: 'SELECT auction, bidder, 0.908 * price AS price, "dateTime", extra FROM bid',
  q2: 'SELECT auction, price FROM bid WHERE mod(auction, 123) = 0',
  q5: `SELECT a.auction, a.num FROM (${BIDS_PER_WINDOW}) a
  JOIN (SELECT max(num) AS maxn, window_start, window_end FROM (${BIDS_PER_WINDOW}) c GROUP BY window_start, window_end) m
  ON a.window_start = m.window_start AND a.window_end = m.window_end AND a.num >= m.maxn`,
  q7: `SELECT b.auction, b.price, b.bidder, b."dateTime", b.extra FROM bid b
  JOIN (SELECT max(price) AS maxprice, window_end FROM TUMBLE(bid, "dateTime", INTERVAL '10 seconds') GROUP BY window_start, window_end) m
  ON b.price = m.maxprice WHERE b."dateTime" BETWEEN m.window_end - INTERVAL '10 seconds' AND m.window_end`,
  count: 'SELECT auction, count(*) AS bids FROM bid GROUP BY auction',
};

/** A file of statements that runs one query into a blackhole. `options` are those of the source. */
export function nexmarkJob(query, options) {
  const settings = Object.entries({ ...options, format: 'json' }).map(([name, value]) => `${name} = '${value}'`);
  return `CREATE STREAM events (${SOURCE_COLUMNS}\n) WITH (${settings.join(', ')});${BID_VIEW}
CREATE SINK ${query} WITH (connector = 'blackhole') AS ${NEXMARK_QUERIES[query]};
`;
}
