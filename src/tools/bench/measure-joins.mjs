import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, runJob } from './run-fsql.mjs';

const FEW_KEYS = 10_000;
const MANY_KEYS = 1_000_000;
/** Rows that meet them, enough that the start of the process is a small part. */
const ROWS = 4_000_000;

/** Processor time of a row that comes into a join whose other input has a million rows, as a ratio to one with 10,000; each row meets one. In turn, medians. */
export async function measureJoins({ repeat, launcher, directory }) {
  const rounds = [];
  for (let round = 0; round < repeat; round++) {
    rounds.push({ few: await rowCost(FEW_KEYS, launcher, directory), many: await rowCost(MANY_KEYS, launcher, directory) });
  }
  return { ratio: median(rounds.map(({ few, many }) => many / few)), fewMicros: median(rounds.map(({ few }) => few)) };
}

/** Microseconds of processor time a row of either input. */
async function rowCost(keys, launcher, directory) {
  const file = join(directory, `join-${keys}.sql`);
  const generated = (rows, key) => `WITH (connector = 'datagen', rows-per-second = 0, number-of-rows = ${rows}, ${key})`;
  writeFileSync(
    file,
    `CREATE STREAM l (k BIGINT, v BIGINT) ${generated(keys, `fields.k.kind = 'sequence', fields.k.start = 0, fields.k.end = ${keys - 1}`)};
CREATE STREAM r (k BIGINT, w BIGINT) ${generated(ROWS, `fields.k.min = 0, fields.k.max = ${keys - 1}`)};
CREATE SINK joined WITH (connector = 'blackhole') AS SELECT l.k, l.v, r.w FROM l JOIN r ON l.k = r.k;
`,
  );
  const report = await runJob(launcher, [file, '--memory', '--slots', '1', '--state-memory-mb', '8192']);
  if (report.rows_out !== ROWS) throw new Error(`${report.rows_out} rows of ${ROWS} came out of the join`);
  return (report.cpu_seconds * 1e6) / report.rows_in;
}
