import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configurationNamed } from '../../tools/sqltest/index.ts';
import { localRunner } from '../test-runners.ts';

/** Every kind of record whose answer could depend on scheduling: order of rows is given where it means something. */
const SCRIPT = `# description: what a seed must not change

topic s partitions 3

statement ok
CREATE STREAM s (k TEXT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1 second') WITH (connector = 'kafka', topic = 's', properties.bootstrap.servers = 'none:1', format = 'json')

statement ok
CREATE TABLE names (k TEXT PRIMARY KEY, name TEXT)

statement ok
CREATE MATERIALIZED VIEW totals AS SELECT k, count(*) AS n, sum(v) AS total, array_agg(v) AS values FROM s GROUP BY k

statement ok
CREATE MATERIALIZED VIEW named AS SELECT name, total FROM totals JOIN names USING (k)

statement ok
CREATE SINK closed WITH (connector = 'kafka', topic = 'closed', properties.bootstrap.servers = 'none:1', format = 'json') AS SELECT window_end, sum(v) AS total FROM TUMBLE(s, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end EMIT ON WINDOW CLOSE

input s partition 0
{"k": "a", "v": 1, "ts": "2024-01-01 00:00:01"}
{"k": "b", "v": 2, "ts": "2024-01-01 00:00:15"}
{"k": "b", "v": 9, "ts": "2024-01-01 00:00:02"}

input s partition 1
{"k": "a", "v": 3, "ts": "2024-01-01 00:00:12"}
broken

input s partition 2
{"k": "c", "v": 4, "ts": "2024-01-01 00:00:13"}

statement ok
INSERT INTO names VALUES ('a', 'Ann'), ('c', 'Cid')

changes totals

changes named

output closed

late s

bad s

explain
SELECT k, total FROM totals WHERE k <> 'x' EMIT CHANGES

query
SELECT relation, "partition", "offset", watermark FROM fsql_catalog.source_partitions ORDER BY 1, 2

crash

restore parallelism 3

query rowsort
SELECT * FROM totals
`;

describe('fsql test', () => {
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fsql-determinism-'));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  async function rewritten(seed: number): Promise<string> {
    const file = join(directory, `seed-${seed}.slt`);
    writeFileSync(file, SCRIPT);
    const { failures } = await localRunner()(file, {
      configuration: configurationNamed('compiled')!,
      seed,
      rewrite: true,
      coverage: false,
      real: [],
    });
    expect(failures).toEqual([]);
    return readFileSync(file, 'utf8');
  }

  it('writes the same bytes for the same seed, and for another one', async () => {
    const first = await rewritten(1);
    expect(first).toContain('{"window_end":"2024-01-01 00:00:10","total":1}');
    expect(await rewritten(1)).toBe(first);
    expect(await rewritten(2)).toBe(first);
  });
});
