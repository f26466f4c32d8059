import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, runJob } from './run-fsql.mjs';

const KEYS = 100_000;
const CHECKPOINT_MS = 10_000;
/** A short run is slower by its start, so that what is left is more than thirty seconds, with three checkpoints. */
const RUN_SECONDS = 40;
const ROWS_TO_CALIBRATE = 3_000_000;

/**
 * What checkpoints every ten seconds cost a view of 100,000 groups that all change: rows a second with them over rows a second without any, in runs of more than
 * thirty seconds that take turns, medians over the rounds. The state lies on disk in both.
 */
export async function measureCheckpointCost({ slots, repeat, launcher, directory }) {
  const run = async (rows, intervalMs) => {
    const dataDir = join(directory, 'checkpoint-cost');
    const file = join(directory, 'checkpoint-cost.sql');
    const options = `connector = 'datagen', 'rows-per-second' = '1000000000', 'number-of-rows' = '${rows}', 'fields.k.min' = '1', 'fields.k.max' = '${KEYS}', 'fields.v.min' = '1', 'fields.v.max' = '1000'`;
    const view = 'CREATE MATERIALIZED VIEW totals AS SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k;';
    writeFileSync(file, `CREATE STREAM numbers (k INT, v INT) WITH (${options});\n${view}\n`);
    const own = ['--slots', String(slots), '--data-dir', dataDir, '--checkpoint-interval-ms', String(intervalMs)];
    try {
      return await runJob(launcher, [file, ...own]);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  };
  const short = await run(ROWS_TO_CALIBRATE, 0);
  const rows = Math.ceil((ROWS_TO_CALIBRATE / short.seconds) * RUN_SECONDS);
  const rounds = [];
  for (let round = 0; round < repeat; round++) rounds.push({ none: await run(rows, 0), steady: await run(rows, CHECKPOINT_MS) });
  const of = (value) => median(rounds.map(value));
  return {
    ratio: of(({ none, steady }) => none.seconds / steady.seconds),
    cpuRatio: of(({ none, steady }) => none.cpu_seconds / steady.cpu_seconds),
    rate: of(({ steady }) => rows / steady.seconds),
    seconds: of(({ steady }) => steady.seconds),
    keys: KEYS,
  };
}
