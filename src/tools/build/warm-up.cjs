/** Runs in one process what people start fsql for; the argument is the folder of the bundles. */
const { mkdtempSync, rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const dist = process.argv[2];
const { main } = require(join(dist, 'load-cli.cjs'));

const STATEMENTS = `
CREATE TABLE t (id INT PRIMARY KEY, v INT);
CREATE MATERIALIZED VIEW m AS SELECT v, count(*) AS n, sum(id) AS s FROM t WHERE id > 0 GROUP BY v;
INSERT INTO t VALUES (1, 2), (3, 4);
SELECT * FROM m ORDER BY v;
SELECT a.id, b.v FROM t AS a JOIN t AS b ON a.id = b.id ORDER BY a.id;
`;
/** The benchmark of a small file's time takes it too. */
const TEST_FILE = join(__dirname, 'small-test.slt');

run();

async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'fsql-build-'));
  try {
    await command('-c', 'SELECT 1', '-c', STATEMENTS);
    await command('test', TEST_FILE);
    const port = String(await freePort());
    const served = command('serve', '--data-dir', join(folder, 'data'), '--port', port, '--http-port', '0', '--slots', '2');
    await Promise.race([untilListening(), served]);
    await command('--port', port, '-c', STATEMENTS);
    process.emit('SIGTERM');
    await served;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A server that is ready waits for signals. */
async function untilListening() {
  while (process.listenerCount('SIGTERM') === 0) await new Promise((resolve) => setTimeout(resolve, 10).unref());
}

async function command(...args) {
  await main(args);
  if (process.exitCode) throw new Error(`fsql ${args.join(' ')} ended with ${process.exitCode}`);
}
