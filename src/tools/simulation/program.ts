import type { Random } from '../../base/index.ts';
import { MODEL_SERVERS } from '../../connectors/kafka/testing/index.ts';

/** A view of a program and the law it is held to. `{bids}` stands for the stream, and for what was read of it when the law is asked. */
export interface SimulatedView {
  readonly name: string;
  readonly query: string;
  /** Other views it reads: made before it. */
  readonly reads?: readonly string[];
}

export const STREAM = 'bids';
/** The view that shows which prefix of the stream an epoch has. */
export const PREFIX_VIEW = 'prefix';
export const TABLES = ['items', 'accounts'] as const;
export const WATERMARK_SECONDS = 4;
/** In a rest of the feed a broker is asked that often: longer than by default, for many such questions are a good part of what a quiet second costs. */
const FETCH_WAIT_MS = 2_000;

export const tableStatements: readonly string[] = [
  'CREATE TABLE items (id INT PRIMARY KEY, name TEXT)',
  'CREATE TABLE accounts (id INT PRIMARY KEY, amount INT)',
];

/** `oneByOne`: a fetch brings the least it can of a partition. */
export function streamStatement(oneByOne: boolean): string {
  const least = oneByOne ? ", properties.max.partition.fetch.bytes = '1'" : '';
  return `CREATE STREAM bids (p INT, n INT, item INT, price BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '${WATERMARK_SECONDS} seconds')
   WITH (connector = 'kafka', topic = 'bids', properties.bootstrap.servers = '${MODEL_SERVERS}', properties.fetch.max.wait.ms = '${FETCH_WAIT_MS}'${least}, format = 'json')`;
}

/** Topics that sinks write, exactly once. */
export const SINK_TOPICS = ['copies', 'counts'] as const;

/** What writes one of them: a sink of its own, or the job of an INSERT into a table over the topic. */
export interface SimulatedSink {
  readonly topic: (typeof SINK_TOPICS)[number];
  readonly job: string;
}

const SINK_QUERIES = { copies: `SELECT p, n FROM ${STREAM}`, counts: `SELECT item, count(*) AS n FROM ${STREAM} GROUP BY item` };
const TOPIC_TABLES = { copies: '(p INT, n INT)', counts: '(item INT, n BIGINT, PRIMARY KEY (item) NOT ENFORCED)' };

function sinkStatement(topic: SimulatedSink['topic']): string {
  const key = topic === 'counts' ? ", primary_key = 'item'" : '';
  return `CREATE SINK ${topic} WITH (${exactlyOnceInto('kafka', topic)}, format = 'json'${key}) AS ${SINK_QUERIES[topic]}`;
}

function topicTableStatement(topic: SimulatedSink['topic']): string {
  const [connector, formats] = topic === 'counts' ? ['upsert-kafka', "key.format = 'json', value.format = 'json'"] : ['kafka', "format = 'json'"];
  return `CREATE TABLE ${topic} ${TOPIC_TABLES[topic]} WITH (${exactlyOnceInto(connector!, topic)}, ${formats})`;
}

export function exactlyOnceInto(connector: string, topic: string): string {
  return `${topicOptions(connector, topic)}, sink.delivery-guarantee = 'exactly-once'`;
}

export function topicOptions(connector: string, topic: string): string {
  return `connector = '${connector}', topic = '${topic}', properties.bootstrap.servers = '${MODEL_SERVERS}'`;
}

/** What makes the sinks of a run: each by itself, or the jobs of a statement set all at once. */
export function sinkStatements({ sinks, sinksAreInserts }: Program): string[] {
  const topics = sinks.map(({ topic }) => topic);
  if (!sinksAreInserts) return topics.map(sinkStatement);
  const inserts = topics.map((topic) => `INSERT INTO ${topic} ${SINK_QUERIES[topic]};`);
  return [...topics.map(topicTableStatement), ...(inserts.length === 0 ? [] : [`EXECUTE STATEMENT SET BEGIN ${inserts.join(' ')} END`])];
}

const views: readonly SimulatedView[] = [
  { name: 'totals', query: 'SELECT item, count(*) AS n, sum(price) AS total, max(price) AS top FROM {bids} GROUP BY item' },
  { name: 'named', query: 'SELECT i.name, count(*) AS n, sum(b.price) AS total FROM {bids} AS b JOIN items AS i ON b.item = i.id GROUP BY i.name' },
  { name: 'rated', query: 'SELECT b.p, b.n, b.price, i.name FROM {bids} AS b LEFT JOIN items AS i ON b.item = i.id WHERE b.price % 3 <> 0' },
  { name: 'by_item', query: 'SELECT i.id, i.name, t.n, t.total FROM items AS i LEFT JOIN totals AS t ON t.item = i.id', reads: ['totals'] },
  { name: 'best', query: 'SELECT item, n, total FROM totals ORDER BY total DESC, item LIMIT 3', reads: ['totals'] },
  {
    name: 'windows',
    query:
      "SELECT item, window_start, window_end, count(*) AS n, min(price) AS low FROM TUMBLE({bids}, ts, INTERVAL '10 seconds') GROUP BY item, window_start, window_end",
  },
  {
    name: 'sliding',
    query:
      "SELECT window_end, count(*) AS n, sum(price) AS total FROM HOP({bids}, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end",
  },
  { name: 'kinds', query: 'SELECT DISTINCT item, price % 5 AS kind FROM {bids}' },
  {
    name: 'ranked',
    query:
      'SELECT item, price, p, n FROM (SELECT item, price, p, n, row_number() OVER (PARTITION BY item ORDER BY price DESC, p, n) AS rank FROM {bids}) AS r WHERE rank <= 2',
  },
  { name: 'missing', query: 'SELECT i.id, i.name FROM items AS i WHERE NOT EXISTS (SELECT 1 FROM {bids} AS b WHERE b.item = i.id AND b.price > 90)' },
  {
    name: 'visits',
    query:
      "SELECT item, window_start, window_end, count(*) AS n FROM SESSION(TABLE {bids} PARTITION BY item, DESCRIPTOR(ts), INTERVAL '3 seconds') GROUP BY item, window_start, window_end",
  },
  {
    name: 'growing',
    query:
      "SELECT window_end, count(*) AS n, count(DISTINCT item) AS items FROM CUMULATE({bids}, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end",
  },
  {
    name: 'pairs',
    query:
      "SELECT a.p, a.n, b.p AS q, b.n AS m FROM {bids} AS a JOIN {bids} AS b ON a.item = b.item AND b.ts > a.ts AND b.ts <= a.ts + INTERVAL '2 seconds'",
  },
  {
    name: 'running',
    query:
      'SELECT p, n, sum(price) OVER w AS total, lag(n) OVER w AS previous FROM {bids} WINDOW w AS (PARTITION BY item ORDER BY ts, p, n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)',
  },
  { name: 'dear', query: 'SELECT item FROM {bids} WHERE price > 50 EXCEPT SELECT id FROM items' },
  {
    name: 'either',
    query:
      'SELECT coalesce(h.item, l.item) AS item, h.n AS high, l.n AS low FROM (SELECT item, count(*) AS n FROM {bids} WHERE price >= 80 GROUP BY item) AS h FULL JOIN (SELECT item, count(*) AS n FROM {bids} WHERE price < 20 GROUP BY item) AS l ON h.item = l.item',
  },
  { name: 'levels', query: 'SELECT item, price % 3 AS level, count(*) AS n, sum(price) AS total FROM {bids} GROUP BY ROLLUP (item, price % 3)' },
  {
    name: 'gathered',
    query:
      "SELECT item, count(DISTINCT price) AS prices, string_agg(CAST(n AS TEXT), ',' ORDER BY p, n) AS list, percentile_disc(0.5) WITHIN GROUP (ORDER BY price) AS middle FROM {bids} GROUP BY item",
  },
  { name: 'answers', query: 'SELECT i.id, (SELECT max(b.price) FROM {bids} AS b WHERE b.item = i.id) AS top FROM items AS i' },
  { name: 'equals', query: 'SELECT a.id, b.id AS other FROM accounts AS a JOIN accounts AS b ON a.amount = b.amount AND a.id < b.id' },
  {
    name: 'reached',
    query:
      'WITH RECURSIVE r (id, hops) AS (SELECT id, 0 FROM items WHERE id = 0 UNION SELECT i.id, r.hops + 1 FROM r JOIN items AS i ON i.id = r.id + 1) SELECT id, hops FROM r',
  },
  { name: 'wealth', query: 'SELECT sum(amount) AS total, count(*) AS n FROM accounts' },
];

/** Of one run; those they read come on top. */
const VIEWS_MAX = 4;

/** Relations of one run. */
export interface Program {
  /** Made before the first row comes. */
  readonly early: readonly SimulatedView[];
  /** Made while rows come and processes die. */
  readonly late: readonly SimulatedView[];
  readonly sinks: readonly SimulatedSink[];
  readonly sinksAreInserts: boolean;
}

export const prefixView: SimulatedView = { name: PREFIX_VIEW, query: 'SELECT p, n, item, price, ts FROM {bids}' };

/** Some of the views, some of them late; what a view reads comes with it. */
export function randomProgram(random: Random): Program {
  const wanted = new Set<SimulatedView>();
  const count = 1 + random.nextInt(VIEWS_MAX);
  while (wanted.size < count) {
    const view = views[random.nextInt(views.length)]!;
    for (const name of view.reads ?? []) wanted.add(views.find((one) => one.name === name)!);
    wanted.add(view);
  }
  const late = new Set<SimulatedView>();
  const chosen = views.filter((view) => wanted.has(view));
  for (const view of chosen) {
    const readsLate = (view.reads ?? []).some((name) => [...late].some((one) => one.name === name));
    if (readsLate || random.nextInt(3) === 0) late.add(view);
  }
  const sinksAreInserts = random.nextInt(2) === 0;
  const topics = SINK_TOPICS.filter(() => random.nextInt(2) === 0);
  const sinks = topics.map((topic) => ({ topic, job: sinksAreInserts ? `insert_into_${topic}` : topic }));
  return { early: [prefixView, ...chosen.filter((view) => !late.has(view))], late: [...late], sinks, sinksAreInserts };
}

export function createStatement(view: SimulatedView): string {
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${view.name} AS ${view.query.replaceAll('{bids}', STREAM)}`;
}

/** The same view by its own text, or around it: a job takes the state of the last one over where it fits. */
export function otherTextStatement(view: SimulatedView, wrapped: boolean): string {
  const query = view.query.replaceAll('{bids}', STREAM);
  return `ALTER MATERIALIZED VIEW ${view.name} AS ${wrapped ? `SELECT * FROM (${query}) AS q` : query}`;
}

/** What the view has to hold, asked of the inputs of the same epoch. */
export function lawQuery(view: SimulatedView): string {
  return view.query.replaceAll('{bids}', PREFIX_VIEW);
}
