import { existsSync, writeFileSync } from 'node:fs';
import { nearestNames } from '../../base/index.ts';
import {
  type Coverage,
  configurationNamed,
  configurations,
  type FileChoice,
  type FileOutcome,
  filesToRun,
  mergeCoverage,
  runFiles,
  watchFiles,
} from '../../tools/sqltest/index.ts';
import { UsageError } from '../print-error.ts';
import { RECORD_SECONDS_MAX, startTestRunners } from '../test-runners.ts';

export interface TestOptions {
  readonly filter?: string;
  readonly config: string;
  readonly seed: number;
  readonly shuffleSeed?: number;
  readonly shard?: string;
  readonly jobs?: number;
  readonly timeout?: number;
  readonly rewrite?: boolean;
  readonly coverage?: boolean;
  readonly watch?: boolean;
  readonly real?: readonly string[];
  readonly junit?: string;
  readonly report?: string;
  readonly json?: boolean;
}

/** `fsql test PATH…`: exit 0 all passed, 1 a test failed, 2 the run itself is wrong. */
export async function runTests(paths: readonly string[], options: TestOptions): Promise<number> {
  checkOptions(paths, options);
  if (options.watch === true) return watchUntilInterrupted(paths, options);
  const files = listed(paths, options);
  if (files.length === 0) throw new UsageError('no test file found');
  const outcomes = await runOnce(files, options);
  return outcomes.some((one) => one.outcome === 'failed') ? 1 : 0;
}

function checkOptions(paths: readonly string[], options: TestOptions): void {
  if (configurationNamed(options.config) === null) {
    const names = configurations.map((one) => one.name);
    throw new UsageError(
      `there is no configuration "${options.config}"; perhaps you meant ${nearestNames(options.config, names, 1)[0] ?? names.join(', ')}`,
    );
  }
  for (const path of paths) if (!existsSync(path)) throw new UsageError(`there is no file or folder "${path}"`);
  if (options.watch === true && options.rewrite === true)
    throw new UsageError('--watch and --rewrite do not go together: each would set off the other');
}

function listed(paths: readonly string[], options: TestOptions): string[] {
  const choice = { filter: options.filter ?? null, shuffleSeed: options.shuffleSeed ?? null, shard: shardOf(options.shard) };
  return filesToRun(paths.filter(existsSync), choice);
}

function shardOf(text: string | undefined): FileChoice['shard'] {
  if (text === undefined) return null;
  const [, from, to, of] = /^(\d+)(?:-(\d+))?\/(\d+)$/.exec(text) ?? [];
  const [first, last, count] = [Number(from), Number(to ?? from), Number(of)];
  if (first >= 1 && first <= last && last <= count) return { first, last, count };
  throw new UsageError(`--shard is I/N or I-J/N with I and J from 1 to N, not "${text}"`);
}

async function watchUntilInterrupted(paths: readonly string[], options: TestOptions): Promise<number> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  await watchFiles({ list: () => listed(paths, options), run: (files) => runOnce(files, options), signal: abort.signal });
  return 0;
}

async function runOnce(files: readonly string[], options: TestOptions): Promise<readonly FileOutcome[]> {
  const { runners, close } = startTestRunners({
    jobs: options.jobs ?? null,
    fileCount: files.length,
    limitSeconds: options.timeout ?? RECORD_SECONDS_MAX,
  });
  try {
    const outcomes = await runFiles(files, {
      configuration: configurationNamed(options.config)!,
      seed: options.seed,
      rewrite: options.rewrite ?? false,
      coverage: options.coverage ?? false,
      real: options.real ?? [],
      runners,
      onFile: (outcome) => report(outcome, options),
    });
    summarize(outcomes, options);
    return outcomes;
  } finally {
    await close();
  }
}

function summarize(outcomes: readonly FileOutcome[], options: TestOptions): void {
  const count = (kind: FileOutcome['outcome']): number => outcomes.filter((one) => one.outcome === kind).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  if (options.report !== undefined) writeFileSync(options.report, JSON.stringify(counts));
  if (options.junit !== undefined) writeFileSync(options.junit, junitXml(outcomes, options.config));
  const coverage = mergeCoverage(outcomes.map((one) => one.coverage));
  if (options.json) {
    if (options.coverage) process.stdout.write(`${JSON.stringify({ coverage })}\n`);
    return;
  }
  if (options.coverage) process.stdout.write(coverageTable(coverage));
  process.stdout.write(`${options.config}, seed ${options.seed}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
}

function report({ reads: _, coverage, ...outcome }: FileOutcome, options: TestOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify(options.coverage ? { ...outcome, coverage } : outcome)}\n`);
  else for (const failure of outcome.failures) process.stdout.write(`FAILED ${failure}\n`);
}

/** A line a view or sink with its counts, and below it what no test reached. */
export function coverageTable(coverage: Coverage): string {
  const names = [...new Set(coverage.map((part) => part.relation))].sort();
  const width = Math.max('relation'.length, ...names.map((name) => name.length));
  const lines = [`${'relation'.padEnd(width)}  rows  windows  branches`];
  for (const name of names) {
    const parts = coverage.filter((part) => part.relation === name);
    const share = (kind: Coverage[number]['kind']): string => {
      const all = parts.filter((part) => part.kind === kind);
      return all.length === 0 ? '-' : `${all.filter((part) => part.reached).length}/${all.length}`;
    };
    const rows = parts.some((part) => part.kind === 'rows' && part.reached) ? 'yes' : 'no';
    lines.push(`${name.padEnd(width)}  ${rows.padEnd(4)}  ${share('window').padEnd(7)}  ${share('branch')}`);
    for (const part of parts) if (!part.reached && part.kind !== 'rows') lines.push(`  not reached: ${part.text}`);
  }
  return `${lines.join('\n')}\n`;
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
