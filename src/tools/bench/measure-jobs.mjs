import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nexmarkJob } from '../nexmark/nexmark-queries.mjs';
import { measureUnit, readSample } from './json-unit.mjs';
import { median, runJob } from './run-fsql.mjs';

/**
 * Runs a query some times; J before and after each. `ratio` compares rates by the wall clock, `cpuRatio` processor time an event with that of the
 * loop times the number of slots: what the ratio would be if every slot had a core to itself, start-up of the process included.
 */
export async function measureJob({ query, source, sampleFile, events, slots, repeat, launcher, directory }) {
  const sample = readSample(sampleFile);
  const file = join(directory, `${query}.sql`);
  writeFileSync(file, nexmarkJob(query, source));
  const runs = [];
  for (let run = 0; run < repeat; run++) {
    const before = measureUnit(sample);
    const report = await runJob(launcher, [file, '--memory', '--slots', String(slots)]);
    const after = measureUnit(sample);
    const unit = { wall: (before.wall + after.wall) / 2, cpu: (before.cpu + after.cpu) / 2 };
    const rate = events / report.seconds;
    runs.push({
      rate,
      unit: unit.wall,
      ratio: rate / unit.wall,
      cpuRatio: (slots * events) / report.cpu_seconds / unit.cpu,
      coreRate: events / report.cpu_seconds,
      memoryMb: report.peak_memory_bytes / 1e6,
    });
  }
  const middle = (key) => median(runs.map((run) => run[key]));
  return Object.fromEntries(Object.keys(runs[0]).map((key) => [key, middle(key)]));
}
