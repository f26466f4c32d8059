import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

const program = `
import { open } from 'fsql';
const db = await open({ slots: 2, threads: true });
await db.function('twice', { arguments: ['int'], returns: 'int' }, (x) => 2 * x);
await db.query('CREATE TABLE t (x INT); CREATE MATERIALIZED VIEW v AS SELECT twice(x) AS y FROM t; INSERT INTO t VALUES (4), (5)');
console.log(JSON.stringify(await db.query('SELECT y FROM v ORDER BY y')));
await db.close();
`;

test('the built package is imported by its name, with threads for slots, and the process ends by itself', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
  expect(JSON.parse(stdout)).toEqual([{ y: 8 }, { y: 10 }]);
});
