import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { freePort, TaskManagerChild } from './task-manager-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const started: { dispose(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.dispose();
});

function keep<T extends { dispose(): Promise<void> }>(one: T): T {
  started.push(one);
  return one;
}

/** An authority and a certificate that it has signed, as docs/operations.md makes them. */
function certificates(): string[] {
  const folder = temporaryDirectory();
  const openssl = (command: string): void => {
    execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
  };
  openssl('req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=fsql-authority -keyout ca.key -out ca.crt');
  openssl('req -newkey rsa:2048 -nodes -subj /CN=fsql -keyout node.key -out node.csr');
  openssl('x509 -req -in node.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out node.crt');
  return ['--tls-cert', join(folder, 'node.crt'), '--tls-key', join(folder, 'node.key'), '--tls-ca', join(folder, 'ca.crt')];
}

const hasOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    process.stderr.write('openssl is missing: TLS between processes is not tested\n');
    return false;
  }
})();

test.runIf(hasOpenssl)(
  'processes with certificates of one authority work together over TLS; others are refused, and both sides say why',
  {
    timeout: 300_000,
  },
  async () => {
    const [ours, others] = [certificates(), certificates()];
    const port = await freePort();
    const tasks = ['--parallelism', '2', '--listen-tasks', `127.0.0.1:${port}`];
    const server = keep(await ServerProcess.start({ slots: 0, args: [...tasks, ...ours] }));
    const stranger = keep(new TaskManagerChild(port, others));
    const plain = keep(new TaskManagerChild(port));
    const logged = (of: { readonly log: string }, pattern: RegExp): Promise<string> =>
      eventually(
        String(pattern),
        async () => of.log,
        (log) => pattern.test(log),
        60_000,
      );
    await logged(stranger, /without a JobManager .*(certificate|closed)/);
    await logged(plain, /without a JobManager/);
    // The stranger does not like the server's certificate and goes before it shows its own.
    await logged(server, /a process was refused .*was closed \(socket hang up/);
    await logged(server, /a process was refused .*wrong version number/);
    // Garbage, and a gigabyte announced.
    for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from('fsqlrpc\n\x02\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0', 'latin1')]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes)).on('error', () => undefined);
        socket.on('data', () => undefined).on('close', () => resolve());
      });
    }
    await stranger.dispose();
    await plain.dispose();
    const taskManagers = [keep(new TaskManagerChild(port, ['--slots', '1', ...ours])), keep(new TaskManagerChild(port, ['--slots', '1', ...ours]))];
    await Promise.all(taskManagers.map((taskManager) => taskManager.joined()));
    const frontEnd = keep(await ServerProcess.start({ frontEndOf: [port], args: ours }));
    const client = await frontEnd.connect();
    await client.query('CREATE TABLE t (id INT PRIMARY KEY, v INT)');
    await client.query('CREATE MATERIALIZED VIEW m AS SELECT v, count(*)::int AS n FROM t GROUP BY v');
    await client.query('INSERT INTO t SELECT g, g % 3 FROM generate_series(1, 3000) g');
    const { rows } = await client.query('SELECT * FROM m ORDER BY v');
    expect(rows).toEqual([0, 1, 2].map((v) => ({ v, n: 1000 })));
    await client.end();
  },
);

test('files that cannot be used, and an address that needs TLS, are refused before anything starts', { timeout: 120_000 }, async () => {
  const file = join(temporaryDirectory(), 'no-certificate');
  await writeFile(file, 'nothing');
  const three = (path: string): string[] => ['--tls-cert', path, '--tls-key', path, '--tls-ca', path];
  for (const [args, message] of [
    [['--tls-cert', file], /TLS needs all of --tls-cert, --tls-key and --tls-ca/],
    [three(file), /the files of --tls-cert, --tls-key and --tls-ca cannot be used: /],
    [three(`${file}-2`), /cannot read the file of --tls-cert: ENOENT/],
    [['--listen', '0.0.0.0:0'], /refusing to listen on "0\.0\.0\.0" \(--listen\): .* give --tls-cert, --tls-key and --tls-ca/],
  ] as const) {
    const taskManager = keep(new TaskManagerChild(await freePort(), args));
    expect(await taskManager.end()).toEqual({ code: 2, signal: null });
    expect(taskManager.log).toMatch(message);
  }
});
