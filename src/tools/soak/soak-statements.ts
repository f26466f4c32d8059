/** The program of a soak: every view of it has bounded state under an unbounded input, so that flat is what it has to be. */
export interface SoakTopics {
  readonly servers: string;
  readonly bids: string;
  readonly payments: string;
  readonly copy: string;
  readonly tops: string;
}

export const ACCOUNTS = 40;
const OWNERS = 8;
export const FIRST_BALANCE = 1000;

const SUMS = 'coalesce(sum(n), 0), coalesce(sum(total), 0)';
const ORDER_TOTALS = 'SELECT a.owner, count(*) AS n, sum(o.amount) AS total FROM orders o JOIN accounts a ON a.id = o.account GROUP BY a.owner';
const LARGEST = `SELECT owner, id, amount FROM (
  SELECT a.owner, o.id, o.amount, row_number() OVER (PARTITION BY a.owner ORDER BY o.amount DESC, o.id) AS place
  FROM orders o JOIN accounts a ON a.id = o.account) ranked WHERE place <= 3`;
const AMOUNTS = 'SELECT DISTINCT amount % 50 AS amount FROM orders';
const BY_OWNER = 'SELECT owner, count(*) AS n, sum(balance) AS total FROM accounts GROUP BY owner';

/** Views over stored tables, with the query each has to equal in any transaction. */
export const viewsOfTables: Readonly<Record<string, string>> = {
  order_totals: ORDER_TOTALS,
  largest: LARGEST,
  amounts: AMOUNTS,
  by_owner: BY_OWNER,
};

/** Statements in one transaction whose answers are equal. */
export const equalReads: readonly (readonly [string, string])[] = [
  [`SELECT ${SUMS} FROM per_channel`, 'SELECT coalesce(n, 0), coalesce(total, 0) FROM total'],
  [`SELECT ${SUMS} FROM per_channel`, 'SELECT n, coalesce(total, 0) FROM all_bids'],
  ['SELECT coalesce(sum(bids), 0) FROM recent', 'SELECT n FROM recent_count'],
  ['SELECT coalesce(sum(n), 0) FROM by_bidder', 'SELECT n FROM all_bids'],
  ['SELECT sum(total) FROM by_owner', `SELECT ${ACCOUNTS * FIRST_BALANCE}`],
  // Each account by itself: an update that is lost changes no sum over all of them.
  [`SELECT count(*) FROM accounts a LEFT JOIN moved m ON m.account = a.id WHERE a.balance <> ${FIRST_BALANCE} + coalesce(m.total, 0)`, 'SELECT 0'],
  ['SELECT coalesce(sum(n), 0) FROM order_totals', 'SELECT count(*) FROM orders'],
];

export function soakStatements({ servers, bids, payments, copy, tops }: SoakTopics): string[] {
  const kafka = (topic: string, more = ''): string =>
    `WITH (connector = 'kafka', topic = '${topic}', properties.bootstrap.servers = '${servers}', format = 'json'${more})`;
  // A view made later begins with what the topic still has.
  const earliest = ", scan.startup.mode = 'earliest-offset', scan.on_offset_out_of_range = 'earliest', dead_letter_retention = '1 MB, 2 minutes'";
  const exactly = ", delivery = 'exactly_once'";
  const lastMinute = "at > now()::timestamp - INTERVAL '1 minute'";
  return [
    `CREATE STREAM bids (id BIGINT, auction BIGINT, price BIGINT, channel TEXT, at TIMESTAMP(3), p AS PROCTIME(),
      WATERMARK FOR at AS at - INTERVAL '2 seconds') ${kafka(bids, earliest)}`,
    `CREATE STREAM payments (bid BIGINT, amount BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '2 seconds') ${kafka(payments, earliest)}`,
    "CREATE STREAM events (kind BIGINT, n BIGINT) WITH (retention = '1 minute')",
    "CREATE STREAM moves (account BIGINT, amount BIGINT) WITH (retention = '1 minute')",
    'CREATE TABLE accounts (id BIGINT PRIMARY KEY, owner BIGINT, balance BIGINT)',
    'CREATE TABLE orders (id BIGINT PRIMARY KEY, account BIGINT, amount BIGINT)',
    `INSERT INTO accounts SELECT g, g % ${OWNERS}, ${FIRST_BALANCE} FROM generate_series(0, ${ACCOUNTS - 1}) g`,
    'CREATE MATERIALIZED VIEW per_channel AS SELECT channel, count(*) AS n, sum(price) AS total FROM bids GROUP BY channel',
    'CREATE MATERIALIZED VIEW total AS SELECT sum(n) AS n, sum(total) AS total FROM per_channel',
    'CREATE MATERIALIZED VIEW all_bids AS SELECT count(*) AS n, sum(price) AS total FROM bids',
    `CREATE MATERIALIZED VIEW recent AS SELECT auction, window_start, window_end, count(*) AS bids, max(price) AS top
      FROM TUMBLE((SELECT * FROM bids WHERE ${lastMinute}), at, INTERVAL '10 seconds') GROUP BY auction, window_start, window_end`,
    `CREATE MATERIALIZED VIEW recent_count AS SELECT count(*) AS n FROM bids WHERE ${lastMinute}`,
    `CREATE MATERIALIZED VIEW paid AS SELECT b.channel, count(*) AS n, sum(p.amount) AS total
      FROM bids b JOIN payments p ON b.id = p.bid AND p.at BETWEEN b.at AND b.at + INTERVAL '5 seconds' GROUP BY b.channel`,
    `CREATE MATERIALIZED VIEW by_bidder AS SELECT a.owner, count(*) AS n
      FROM bids b LEFT JOIN accounts FOR SYSTEM_TIME AS OF b.p AS a ON a.id = b.auction GROUP BY a.owner`,
    'CREATE MATERIALIZED VIEW moved AS SELECT account, sum(amount) AS total FROM moves GROUP BY account',
    'CREATE MATERIALIZED VIEW kinds AS SELECT kind, count(*) AS n FROM events GROUP BY kind',
    ...Object.entries(viewsOfTables).map(([name, query]) => `CREATE MATERIALIZED VIEW ${name} AS ${query}`),
    `CREATE SINK copy ${kafka(copy, exactly)} AS SELECT id, price FROM bids`,
    `CREATE SINK tops ${kafka(tops, exactly)} AS SELECT auction, window_end, count(*) AS bids, max(price) AS top
      FROM TUMBLE(bids, at, INTERVAL '10 seconds') GROUP BY auction, window_start, window_end EMIT ON WINDOW CLOSE`,
  ];
}
