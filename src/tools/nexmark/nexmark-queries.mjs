const SOURCE_COLUMNS = `
  event_type INT,
  person ROW<id BIGINT, name TEXT, "emailAddress" TEXT, "creditCard" TEXT, city TEXT, state TEXT, "dateTime" TIMESTAMP(3), extra TEXT>,
  auction ROW<id BIGINT, "itemName" TEXT, description TEXT, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP(3), expires TIMESTAMP(3),
    seller BIGINT, category BIGINT, extra TEXT>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TIMESTAMP(3), extra TEXT>,
  "dateTime" AS CASE WHEN event_type = 0 THEN (person)."dateTime" WHEN event_type = 1 THEN (auction)."dateTime" ELSE (bid)."dateTime" END,
  WATERMARK FOR "dateTime" AS "dateTime" - INTERVAL '4 seconds'`;

const VIEWS = `
CREATE VIEW person AS SELECT (person).id AS id, (person).name AS name, (person)."emailAddress" AS "emailAddress", (person)."creditCard" AS "creditCard",
    (person).city AS city, (person).state AS state, "dateTime", (person).extra AS extra FROM events WHERE event_type = 0;
CREATE VIEW auction AS SELECT (auction).id AS id, (auction)."itemName" AS "itemName", (auction).description AS description,
    (auction)."initialBid" AS "initialBid", (auction).reserve AS reserve, "dateTime", (auction).expires AS expires, (auction).seller AS seller,
    (auction).category AS category, (auction).extra AS extra FROM events WHERE event_type = 1;
CREATE VIEW bid AS SELECT (bid).auction AS auction, (bid).bidder AS bidder, (bid).price AS price, (bid).channel AS channel, (bid).url AS url,
    "dateTime", (bid).extra AS extra FROM events WHERE event_type = 2;`;

const BIDS_PER_WINDOW = `SELECT auction, count(*) AS num, window_start, window_end
    FROM HOP(bid, "dateTime", INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY auction, window_start, window_end`;

/** Counts of all rows and by three ranges of the price, as q15 and q16 ask for rows, bidders and auctions. */
function ranges(what, name) {
  const one = (number, condition) => `${what} FILTER (WHERE ${condition}) AS rank${number}_${name}`;
  return `${what} AS total_${name}, ${one(1, 'price < 10000')}, ${one(2, 'price >= 10000 AND price < 1000000')}, ${one(3, 'price >= 1000000')}`;
}
const DAY_COUNTS = [ranges('count(*)', 'bids'), ranges('count(DISTINCT bidder)', 'bidders'), ranges('count(DISTINCT auction)', 'auctions')].join(
  ', ',
);
const DAY = `DATE_FORMAT("dateTime", 'yyyy-MM-dd')`;
const BEST_BIDS = `SELECT A.*, B.auction, B.bidder, B.price, B."dateTime" AS "bid_dateTime", B.extra AS bid_extra,
    ROW_NUMBER() OVER (PARTITION BY A.id ORDER BY B.price DESC, B."dateTime" ASC) AS rownum
  FROM auction A, bid B WHERE A.id = B.auction AND B."dateTime" BETWEEN A."dateTime" AND A.expires`;
const SELLERS_BY_WINDOW = `SELECT seller, window_start AS starttime, window_end AS endtime
    FROM TUMBLE(auction, "dateTime", INTERVAL '10 seconds') GROUP BY seller, window_start, window_end`;
const PEOPLE_BY_WINDOW = `SELECT id, name, window_start AS starttime, window_end AS endtime
    FROM TUMBLE(person, "dateTime", INTERVAL '10 seconds') GROUP BY id, name, window_start, window_end`;

/** What some queries need besides the streams. The published q13 looks up a side input of that many keys, q14 calls a Java function. */
const SIDE_INPUT_KEYS = 10_000;
const NEEDS = {
  q13: `CREATE MATERIALIZED VIEW side_input AS SELECT key, 'value of ' || key AS value FROM generate_series(0, ${SIDE_INPUT_KEYS - 1}) AS keys (key);`,
  q14: `CREATE FUNCTION count_char(s TEXT, c TEXT) RETURNS BIGINT STRICT LANGUAGE javascript AS $$
  let count = 0;
  for (let i = 0; i < s.length; i++) if (s[i] === c) count++;
  return count;
$$;`,
};

/**
 * The queries as published for Flink, in our spelling. q6 does not parse as published: it averages the last prices of a seller, in the order of the
 * winning bids. `count` is no Nexmark query; it runs over bids to a million auctions.
 */
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
  q3: `SELECT P.name, P.city, P.state, A.id FROM auction A JOIN person P ON A.seller = P.id
  WHERE A.category = 10 AND (P.state = 'OR' OR P.state = 'ID' OR P.state = 'CA')`,
  q4: `SELECT Q.category, avg(Q.final) AS final FROM (SELECT max(B.price) AS final, A.category FROM auction A, bid B
    WHERE A.id = B.auction AND B."dateTime" BETWEEN A."dateTime" AND A.expires GROUP BY A.id, A.category) Q GROUP BY Q.category`,
  q6: `SELECT Q.seller, avg(Q.final) OVER (PARTITION BY Q.seller ORDER BY Q."dateTime" ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS average
  FROM (SELECT A.id, A.seller, B.price AS final, B."dateTime", ROW_NUMBER() OVER (PARTITION BY A.id ORDER BY B.price DESC, B."dateTime") AS rownum
    FROM auction A, bid B WHERE A.id = B.auction AND B."dateTime" BETWEEN A."dateTime" AND A.expires) Q WHERE rownum <= 1`,
  q8: `SELECT P.id, P.name, P.starttime FROM (${PEOPLE_BY_WINDOW}) P JOIN (${SELLERS_BY_WINDOW}) A
  ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime = A.endtime`,
  q9: `SELECT id, "itemName", description, "initialBid", reserve, "dateTime", expires, seller, category, extra, auction, bidder, price, "bid_dateTime",
    bid_extra FROM (${BEST_BIDS}) Q WHERE rownum <= 1`,
  q10: `SELECT auction, bidder, price, "dateTime", extra, ${DAY} AS day, DATE_FORMAT("dateTime", 'HH:mm') AS minute FROM bid`,
  q11: `SELECT bidder, count(*) AS bid_count, window_start AS starttime, window_end AS endtime
  FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR("dateTime"), INTERVAL '10 seconds') GROUP BY bidder, window_start, window_end EMIT ON WINDOW CLOSE`,
  q12: `SELECT bidder, count(*) AS bid_count, window_start AS starttime, window_end AS endtime
  FROM TUMBLE((SELECT bidder, proctime() AS p_time FROM bid), p_time, INTERVAL '10 seconds') GROUP BY bidder, window_start, window_end`,
  q13: `SELECT B.auction, B.bidder, B.price, B."dateTime", S.value
  FROM (SELECT *, proctime() AS p_time FROM bid) B JOIN side_input FOR SYSTEM_TIME AS OF B.p_time AS S ON mod(B.auction, ${SIDE_INPUT_KEYS}) = S.key`,
  q14: `SELECT auction, bidder, 0.908 * price AS price, CASE WHEN hour("dateTime") >= 8 AND hour("dateTime") <= 18 THEN 'dayTime'
    WHEN hour("dateTime") <= 6 OR hour("dateTime") >= 20 THEN 'nightTime' ELSE 'otherTime' END AS bidtimetype, "dateTime", extra,
    count_char(extra, 'c') AS c_counts
  FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000`,
  q15: `SELECT ${DAY} AS day, ${DAY_COUNTS} FROM bid GROUP BY ${DAY}`,
  q16: `SELECT channel, ${DAY} AS day, max(DATE_FORMAT("dateTime", 'HH:mm')) AS minute, ${DAY_COUNTS} FROM bid GROUP BY channel, ${DAY}`,
  q17: `SELECT auction, ${DAY} AS day, ${ranges('count(*)', 'bids')}, min(price) AS min_price, max(price) AS max_price, avg(price) AS avg_price,
    sum(price) AS sum_price FROM bid GROUP BY auction, ${DAY}`,
  q18: `SELECT auction, bidder, price, channel, url, "dateTime", extra
  FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY "dateTime" DESC) AS rank_number FROM bid) R WHERE rank_number <= 1`,
  q19: `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS rank_number FROM bid) R WHERE rank_number <= 10`,
  q20: `SELECT auction, bidder, price, channel, url, B."dateTime", B.extra, "itemName", description, "initialBid", reserve, A."dateTime" AS "auction_dateTime",
    expires, seller, category, A.extra AS auction_extra FROM bid B JOIN auction A ON B.auction = A.id WHERE A.category = 10`,
  q21: `SELECT auction, bidder, price, channel, CASE WHEN lower(channel) = 'apple' THEN '0' WHEN lower(channel) = 'google' THEN '1'
    WHEN lower(channel) = 'facebook' THEN '2' WHEN lower(channel) = 'baidu' THEN '3'
    ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id
  FROM bid WHERE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')`,
  q22: `SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) AS dir1, SPLIT_INDEX(url, '/', 4) AS dir2, SPLIT_INDEX(url, '/', 5) AS dir3 FROM bid`,
  count: 'SELECT auction, count(*) AS bids FROM bid GROUP BY auction',
};

/** The numbers of the published queries, in order. */
export const NEXMARK_NAMES = Array.from({ length: 23 }, (_, number) => `q${number}`);

/** Statements that make the source, its three streams and what the queries need. `options` are those of the source. */
export function nexmarkSource(options, queries) {
  const settings = Object.entries({ ...options, format: 'json' }).map(([name, value]) => `${name} = '${value}'`);
  const needs = queries.flatMap((query) => (query in NEEDS ? [NEEDS[query]] : []));
  return [`CREATE STREAM events (${SOURCE_COLUMNS}\n) WITH (${settings.join(', ')});${VIEWS}`, ...needs].join('\n');
}

/** A file of statements that runs one query into a blackhole. */
export function nexmarkJob(query, options) {
  return `${nexmarkSource(options, [query])}
CREATE SINK ${query} WITH (connector = 'blackhole') AS ${NEXMARK_QUERIES[query]};
`;
}
