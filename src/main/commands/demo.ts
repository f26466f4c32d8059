import { renderRows } from '../../tools/repl/index.ts';
import { openLocalSession, runText, type TextOutcome } from '../local-session.ts';
import { type RunningServer, startServer, untilSignal } from './serve.ts';

export interface DemoOptions {
  readonly seconds?: number;
  readonly port: number;
  readonly httpPort: number;
}

/** The demo's pipeline: a generated order stream and four views on it. */
const PIPELINE = `
CREATE STREAM orders (
    id BIGINT, customer INT, product TEXT, quantity INT, price NUMERIC(8,2), placed_at TIMESTAMP(3),
    amount AS quantity * price,
    WATERMARK FOR placed_at AS placed_at - INTERVAL '2 seconds')
  WITH (connector = 'datagen', rows-per-second = 200,
    fields.id.kind = 'sequence', fields.id.start = 1,
    fields.customer.min = 1, fields.customer.max = 500,
    fields.product.choices = 'coffee,tea,cake,sandwich,juice',
    fields.quantity.min = 1, fields.quantity.max = 5,
    fields.price.min = 2, fields.price.max = 12);
CREATE MATERIALIZED VIEW per_product AS
  SELECT product, count(*) AS orders, sum(amount) AS revenue FROM orders GROUP BY product;
CREATE MATERIALIZED VIEW revenue AS
  SELECT sum(orders) AS orders, sum(revenue) AS revenue FROM per_product;
CREATE MATERIALIZED VIEW per_window AS
  SELECT window_start, window_end, count(*) AS orders, sum(amount) AS revenue, max(amount) AS largest
  FROM TUMBLE(orders, placed_at, INTERVAL '10 seconds') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW big_spenders AS
  SELECT customer, sum(amount) AS spent FROM orders GROUP BY customer HAVING sum(amount) > 500;
`;

const SHOWN = 'SELECT product, orders, revenue FROM per_product ORDER BY revenue DESC; SELECT * FROM per_window ORDER BY window_start DESC LIMIT 3;';

/** What `npm start` runs: a server in memory with something to look at. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const server = await startServer({ memory: true, host: '127.0.0.1', port: options.port, httpPort: options.httpPort });
  const session = await openLocalSession(server.database, () => undefined);
  await runText(session, PIPELINE, () => undefined);
  process.stdout.write(`${welcome(server)}\n`);
  const stop = Promise.race([untilSignal(), ...(options.seconds === undefined ? [] : [wait(options.seconds * 1000)])]);
  let running = true;
  void stop.then(() => {
    running = false;
  });
  while (running) {
    await show(session);
    await Promise.race([wait(1000), stop]);
  }
  await session.close();
  await server.close();
  return 0;
}

async function show(session: Awaited<ReturnType<typeof openLocalSession>>): Promise<void> {
  const outcomes: TextOutcome[] = [];
  await runText(session, SHOWN, (outcome) => outcomes.push(outcome));
  if (process.stdout.isTTY) {
    const tables = outcomes.map(({ result }) => renderRows(result!, { format: 'aligned', expanded: false, tuplesOnly: false }));
    process.stdout.write(`\x1b[2J\x1b[H${tables.join('')}\nCtrl-C ends the demo.\n`);
    return;
  }
  for (const { result } of outcomes.slice(0, 1)) for (const row of result?.rows ?? []) process.stdout.write(`${row.join('  ')}\n`);
}

function welcome(server: RunningServer): string {
  return [
    'fsql demo: a generated order stream with four views on it.',
    '',
    `  psql -h 127.0.0.1 -p ${server.port} -U fsql`,
    '',
    '  SELECT * FROM per_product ORDER BY revenue DESC;',
    '  SELECT * FROM per_window ORDER BY window_start DESC LIMIT 5;',
    '  COPY (SUBSCRIBE revenue WITH (SNAPSHOT, PROGRESS)) TO STDOUT;',
    `  ${server.httpUrl}/metrics`,
    '',
  ].join('\n');
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
