import { describe, expect, it } from 'vitest';
import type { Relation } from '../../catalog/index.ts';
import { type LogicalPlan, mapPlan, printLogicalPlan } from '../logical/index.ts';
import { optimize } from '../optimizer/index.ts';
import { aggregates, bindText, evaluation, lookup, relation } from './plan-fixture.ts';

const time = '"dateTime" timestamp(3)';
const events = relation(
  1,
  'events',
  `event_type int, person row<id int8, name text, city text, state text, ${time}>, auction row<id int8, seller int8, category int8, ${time}, expires timestamp(3)>, bid row<auction int8, bidder int8, price int8, channel text, ${time}, extra text>, at timestamp(3)`,
  { kind: 'stream', options: new Map([['connector', 'kafka']]), appendOnly: true },
);

/** The published benchmark's views over one topic of mixed events. */
function eventView(oid: number, name: string, type: number, fields: readonly string[]): Relation {
  const columns = [...fields, 'dateTime'].map((column) => ({ ...events.columns[0]!, name: column }));
  const query = `SELECT ${fields.map((field) => `(${name}).${field}`).join(', ')}, at AS "dateTime" FROM events WHERE event_type = ${type}`;
  return { ...relation(oid, name, 'x int'), kind: 'view', columns, query };
}

const relations = [
  events,
  eventView(2, 'person', 0, ['id', 'name', 'city', 'state']),
  eventView(3, 'auction', 1, ['id', 'seller', 'category', 'expires']),
  eventView(4, 'bid', 2, ['auction', 'bidder', 'price', 'channel', 'extra']),
];

const hop = `SELECT auction, count(*) AS num, window_start AS starttime, window_end AS endtime
  FROM TABLE(HOP(TABLE bid, DESCRIPTOR("dateTime"), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end`;

const queries: Readonly<Record<string, string>> = {
  q0: 'SELECT auction, bidder, price, "dateTime", extra FROM bid',
  q1: 'SELECT auction, bidder, 0.908 * price AS price, "dateTime", extra FROM bid',
  q2: 'SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0',
  q3: "SELECT p.name, p.city, p.state, a.id FROM auction AS a INNER JOIN person AS p ON a.seller = p.id WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA')",
  q4: 'SELECT q.category, AVG(q.final) FROM (SELECT MAX(b.price) AS final, a.category FROM auction a, bid b WHERE a.id = b.auction AND b."dateTime" BETWEEN a."dateTime" AND a.expires GROUP BY a.id, a.category) q GROUP BY q.category',
  q5: `SELECT ab.auction, ab.num FROM (${hop}) AS ab JOIN (SELECT max(cb.num) AS maxn, cb.starttime, cb.endtime FROM (${hop}) AS cb GROUP BY cb.starttime, cb.endtime) AS mb ON ab.starttime = mb.starttime AND ab.endtime = mb.endtime AND ab.num >= mb.maxn`,
  q7: `SELECT b.auction, b.price, b.bidder, b."dateTime", b.extra FROM bid b JOIN (SELECT MAX(price) AS maxprice, window_end AS "dateTime" FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR("dateTime"), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) b1 ON b.price = b1.maxprice WHERE b."dateTime" BETWEEN b1."dateTime" - INTERVAL '10' SECOND AND b1."dateTime"`,
  q8: `SELECT p.id, p.name, p.starttime FROM (SELECT id, name, window_start AS starttime, window_end AS endtime FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR("dateTime"), INTERVAL '10' SECOND)) GROUP BY id, name, window_start, window_end) p JOIN (SELECT seller, window_start AS starttime, window_end AS endtime FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR("dateTime"), INTERVAL '10' SECOND)) GROUP BY seller, window_start, window_end) a ON p.id = a.seller AND p.starttime = a.starttime AND p.endtime = a.endtime`,
  q14: `SELECT auction, CASE WHEN extract(hour FROM "dateTime") >= 8 AND extract(hour FROM "dateTime") <= 18 THEN 'dayTime' ELSE 'otherTime' END FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000`,
  q15: `SELECT to_char("dateTime", 'YYYY-MM-DD') AS day, count(*) AS total, count(*) FILTER (WHERE price < 10000) AS rank1, count(DISTINCT bidder) AS bidders FROM bid GROUP BY to_char("dateTime", 'YYYY-MM-DD')`,
  q18: 'SELECT auction, bidder FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY "dateTime" DESC) AS rank_number FROM bid) s WHERE rank_number <= 1',
  q20: 'SELECT b.auction, b.price, a.category FROM bid b INNER JOIN auction a ON b.auction = a.id WHERE a.category = 10',
};

/** The columns and paths each scan reads. */
function scanned(plan: LogicalPlan): string[] {
  const found: string[] = [];
  mapPlan(plan, (node) => {
    if (node.kind === 'scan') found.push(printLogicalPlan(node));
    return node;
  });
  return found;
}

describe('Nexmark over one stream of mixed events', () => {
  for (const [name, sql] of Object.entries(queries)) {
    it(`${name} reads single fields, never a whole ROW`, () => {
      const scans = scanned(optimize(bindText(sql, relations).plan, { functions: lookup, aggregates, continuous: true, evaluation }));
      expect(scans.length).toBeGreaterThan(0);
      for (const scan of scans) expect(scan).not.toMatch(/[( ](bid|auction|person)[,)]/);
    });
  }

  it('filters mixed events before anything else', () => {
    expect(printLogicalPlan(optimize(bindText(queries.q2!, relations).plan, { functions: lookup, aggregates, continuous: true, evaluation }))).toBe(
      `Project auction, price
└─ Filter (event_type = 2) AND (mod(auction, 123) = 0)
   └─ Scan events (event_type, bid.auction, bid.price)`,
    );
  });
});
