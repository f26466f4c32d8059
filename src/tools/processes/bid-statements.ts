/** The statements of the product's first transcript, word by word; only broker, topics and names of the objects differ. */
export interface BidNames {
  readonly servers: string;
  readonly topic: string;
  readonly sinkTopic: string;
}

function createBids({ servers, topic }: BidNames): string {
  return `CREATE STREAM bids (auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TIMESTAMP(3), extra TEXT,
    part INT METADATA FROM 'partition' VIRTUAL, off BIGINT METADATA FROM 'offset' VIRTUAL, cents AS price * 100,
    WATERMARK FOR "dateTime" AS "dateTime" - INTERVAL '4 seconds')
  WITH (connector = 'kafka', topic = '${topic}', properties.bootstrap.servers = '${servers}', scan.startup.mode = 'earliest-offset', format = 'json');`;
}

const createPerAuction = `CREATE MATERIALIZED VIEW per_auction AS
  SELECT auction, window_start, window_end, count(*) AS bids, max(price) AS top, avg(price) AS mean
  FROM TUMBLE(bids, "dateTime", INTERVAL '10 seconds') GROUP BY auction, window_start, window_end;`;

export const createPerChannel =
  'CREATE MATERIALIZED VIEW per_channel AS SELECT channel, count(*) n, sum(price) total FROM bids WHERE price > 100 GROUP BY channel HAVING count(*) > 1;';

export const createTotal =
  'CREATE MATERIALIZED VIEW total AS SELECT sum(n) n, sum(total) total FROM per_channel;          -- a view on a view, same epoch';

export function createTops({ servers, sinkTopic }: BidNames): string {
  return `CREATE SINK tops WITH (connector = 'kafka', topic = '${sinkTopic}', properties.bootstrap.servers = '${servers}', format = 'json')
  AS SELECT auction, window_end, max(price) AS top FROM TUMBLE(bids, "dateTime", INTERVAL '10 seconds') GROUP BY auction, window_start, window_end EMIT ON WINDOW CLOSE;`;
}

/** All five, in order. */
export function bidStatements(names: BidNames): string[] {
  return [createBids(names), createPerAuction, createPerChannel, createTotal, createTops(names)];
}
