import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkLaw } from '../tools/law/index.ts';
import { testSeed } from '../tools/processes/index.ts';
import { configurations } from '../tools/sqltest/index.ts';
import { testBuiltIns } from './test-runners.ts';

/** Programs of a run: a sample in `npm test`, FSQL_LAW_PROGRAMS with `npm run test:law`. */
const programs = Number(process.env.FSQL_LAW_PROGRAMS ?? 2);
const VIEWS = 14;
const CHANGES = 14;
/** As long as a program may take on a busy machine. */
const PROGRAM_MS = 60_000;

it.each([
  { what: 'random queries over random inputs', hinted: false, count: programs, from: 0 },
  // The first of them crashes and comes back with another parallelism.
  { what: 'random queries with hints, which change no answer', hinted: true, count: Math.ceil(programs / 2), from: 4 },
])(
  'holds for $what',
  async ({ what, hinted, count, from }) => {
    const first = testSeed(`the law of ${what}`, `${count} programs`);
    const builtIns = testBuiltIns();
    const refused = new Map<string, number>();
    const failures: string[] = [];
    let cases = 0;
    let comparisons = 0;
    for (let program = 0; program < count; program++) {
      const configuration = configurations[(program + from) % configurations.length]!;
      const outcome = await checkLaw({
        configuration,
        seed: first + program,
        views: VIEWS,
        changes: CHANGES,
        hinted,
        builtIns,
      });
      cases += outcome.cases;
      comparisons += outcome.comparisons;
      for (const [message, count] of outcome.refused) refused.set(message, (refused.get(message) ?? 0) + count);
      failures.push(...outcome.failures.map((text) => `# configuration: ${configuration.name}\n${text}`));
    }
    const list = [...refused].sort((left, right) => right[1] - left[1]).map(([message, count]) => `  refused ${count} times: ${message}\n`);
    process.stderr.write(`the law: ${cases} cases, ${comparisons} comparisons, ${failures.length} failures\n${list.join('')}`);
    if (failures.length > 0) {
      const folder = mkdtempSync(join(tmpdir(), 'fsql-law-'));
      failures.forEach((text, index) => {
        writeFileSync(join(folder, `${index}.slt`), text);
      });
      process.stderr.write(`the law: failures are in ${folder}\n`);
    }
    expect(failures.slice(0, 3)).toEqual([]);
    expect(cases).toBeGreaterThan(count);
  },
  programs * PROGRAM_MS,
);
