import { existsSync, writeFileSync } from 'node:fs';
import { nearestNames } from '../../base/index.ts';
import { configurationNamed, configurations, type FileOutcome, runFiles } from '../../tools/sqltest/index.ts';
import { slotRegistries } from '../open-database.ts';
import { UsageError } from '../print-error.ts';
import { createRegistries, withConnectors } from '../registries.ts';

export interface TestOptions {
  readonly filter?: string;
  readonly config: string;
  readonly seed: number;
  readonly shuffleSeed?: number;
  readonly rewrite?: boolean;
  readonly junit?: string;
  readonly report?: string;
  readonly json?: boolean;
}

/** `fsql test PATH…`: exit 0 all passed, 1 a test failed, 2 the run itself is wrong. */
export async function runTests(paths: readonly string[], options: TestOptions): Promise<number> {
  const configuration = configurationNamed(options.config);
  if (configuration === null) {
    const names = configurations.map((one) => one.name);
    throw new UsageError(
      `there is no configuration "${options.config}"; perhaps you meant ${nearestNames(options.config, names, 1)[0] ?? names.join(', ')}`,
    );
  }
  for (const path of paths) if (!existsSync(path)) throw new UsageError(`there is no file or folder "${path}"`);
  const registries = createRegistries();
  const outcomes = await runFiles(paths, {
    filter: options.filter ?? null,
    configuration,
    seed: options.seed,
    shuffleSeed: options.shuffleSeed ?? null,
    rewrite: options.rewrite ?? false,
    builtIns: (extra) => {
      const engine = withConnectors(registries, extra);
      return { engine, slots: slotRegistries(engine) };
    },
    onFile: (outcome) => report(outcome, options),
  });
  const count = (kind: FileOutcome['outcome']): number => outcomes.filter((one) => one.outcome === kind).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  if (options.report !== undefined) writeFileSync(options.report, JSON.stringify(counts));
  if (options.junit !== undefined) writeFileSync(options.junit, junitXml(outcomes, options.config));
  if (!options.json) {
    process.stdout.write(`${options.config}, seed ${options.seed}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
  if (outcomes.length === 0) throw new UsageError('no test file found');
  return counts.failed === 0 ? 0 : 1;
}

function report(outcome: FileOutcome, options: TestOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else for (const failure of outcome.failures) process.stdout.write(`FAILED ${failure}\n`);
}

function junitXml(outcomes: readonly FileOutcome[], suite: string): string {
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const cases = outcomes.map((one) => {
    const head = `  <testcase classname="${escaped(suite)}" name="${escaped(one.file)}" time="${(one.milliseconds / 1000).toFixed(3)}">`;
    const failures = one.failures.map((failure) => `<failure message="${escaped(failure.split('\n')[0]!)}">${escaped(failure)}</failure>`).join('');
    return `${head}${failures}${one.outcome === 'skipped' ? '<skipped/>' : ''}</testcase>`;
  });
  const failed = outcomes.filter((one) => one.outcome === 'failed').length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="${escaped(suite)}" tests="${outcomes.length}" failures="${failed}">\n${cases.join('\n')}\n</testsuite>\n`;
}
