import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, runJob } from './run-fsql.mjs';

const FEW_KEYS = 10_000;
/** Of rows that are counted by few keys: enough that the start of the process is a small part. */
const FEW_ROWS = 10_000_000;
/** What a slot has where the state is to be many times as large: about 40 bytes a key. */
const KEYS_PER_MB = 200_000;

/**
 * Processor time of a row counted by many keys, in memory and spilled, as a ratio to one counted by 10,000. Rows are as many as keys: each key comes once or a few times, and
 * every change is emitted.
 */
export async function measureState({ keys, repeat, launcher, directory }) {
  const few = await rowCost({ keys: FEW_KEYS, rows: FEW_ROWS, memoryMb: 8192, repeat, launcher, directory });
  const rows = Math.max(3_000_000, 2 * keys);
  const inMemory = await rowCost({ keys, rows, memoryMb: 8192, repeat, launcher, directory });
  const spilled = await rowCost({ keys, rows, memoryMb: Math.max(16, Math.round(keys / KEYS_PER_MB)), repeat, launcher, directory });
  return { few, inMemory: inMemory / few, spilled: spilled / few };
}

/** Microseconds of processor time a row. */
async function rowCost({ keys, rows, memoryMb, repeat, launcher, directory }) {
  const file = join(directory, `count-${keys}.sql`);
  const options = `connector = 'datagen', rows-per-second = 0, number-of-rows = ${rows}, fields.k.min = 0, fields.k.max = ${keys - 1}`;
  writeFileSync(
    file,
    `CREATE STREAM s (k BIGINT, v BIGINT) WITH (${options});
CREATE SINK counts WITH (connector = 'blackhole') AS SELECT k, count(*) AS n FROM s GROUP BY k;
`,
  );
  const costs = [];
  for (let run = 0; run < repeat; run++) {
    const report = await runJob(launcher, [file, '--memory', '--slots', '1', '--state-memory-mb', String(memoryMb)]);
    costs.push((report.cpu_seconds * 1e6) / rows);
  }
  return median(costs);
}
