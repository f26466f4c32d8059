import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nexmarkSource } from '../nexmark/nexmark-queries.mjs';
import { median, runJob } from './run-fsql.mjs';

const WINDOWS = {
  tumble: `TUMBLE(bid, "dateTime", INTERVAL '60 seconds')`,
  hop: `HOP(bid, "dateTime", INTERVAL '1 second', INTERVAL '60 seconds')`,
};

const EMIT = { 'on update': '', 'on window close': ' EMIT ON WINDOW CLOSE' };

const TARGETS = { 'a blackhole': `SINK counts WITH (connector = 'blackhole') AS`, 'a view': 'MATERIALIZED VIEW counts AS' };

/**
 * Counts by windows of a minute that hop by a second, so that a row lies in sixty, against counts by windows that tumble, in turn: what the times by the clock
 * and of processor are to each other, medians over the rounds. `rows`: how many times the rows come out.
 */
export async function measureWindows({ source, slots, repeat, launcher, directory }) {
  const results = [];
  for (const [target, create] of Object.entries(TARGETS)) {
    for (const [mode, emit] of Object.entries(EMIT)) {
      const rounds = [];
      for (let round = 0; round < repeat; round++) {
        const run = async (kind) => {
          const file = join(directory, `${kind}.sql`);
          const query = `SELECT auction, window_start, window_end, count(*) AS n FROM ${WINDOWS[kind]} GROUP BY auction, window_start, window_end${emit}`;
          writeFileSync(file, `${nexmarkSource(source, [])}\nCREATE ${create} ${query};\n`);
          return runJob(launcher, [file, '--memory', '--slots', String(slots)]);
        };
        rounds.push({ tumble: await run('tumble'), hop: await run('hop') });
      }
      const ratio = (key) => median(rounds.map(({ tumble, hop }) => hop[key] / tumble[key]));
      results.push({
        target,
        mode,
        ratio: ratio('seconds'),
        cpuRatio: ratio('cpu_seconds'),
        rows: ratio('rows_out'),
        memory: ratio('peak_memory_bytes'),
      });
    }
  }
  return results;
}
