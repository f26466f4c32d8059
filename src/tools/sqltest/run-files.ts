import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../base/index.ts';
import { type Configuration, configurations } from './configurations.ts';
import { parseScript, type Script } from './parse-script.ts';
import { runScript, type ScriptResult } from './run-script.ts';
import type { TestDatabaseOptions } from './test-database.ts';

export interface FilesOptions {
  readonly filter: string | null;
  readonly configuration: Configuration;
  readonly seed: number;
  readonly shuffleSeed: number | null;
  readonly rewrite: boolean;
  readonly builtIns: TestDatabaseOptions['builtIns'];
  /** Told of each file as it is done. */
  readonly onFile: (outcome: FileOutcome) => void;
}

export interface FileOutcome {
  readonly file: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly records: number;
  /** `file:line: message` of what failed. */
  readonly failures: readonly string[];
  readonly milliseconds: number;
}

/** The configuration of that name. */
export function configurationNamed(name: string): Configuration | null {
  return configurations.find((one) => one.name === name) ?? null;
}

/** Runs every `.slt` file below the paths, each in a database of its own, one after another. */
export async function runFiles(paths: readonly string[], options: FilesOptions): Promise<FileOutcome[]> {
  const files = paths.flatMap(filesBelow).filter((file) => options.filter === null || file.includes(options.filter));
  if (options.shuffleSeed !== null) shuffle(files, options.shuffleSeed);
  const outcomes: FileOutcome[] = [];
  for (const file of files) {
    const outcome = await runFile(file, options);
    outcomes.push(outcome);
    options.onFile(outcome);
  }
  return outcomes;
}

async function runFile(file: string, options: FilesOptions): Promise<FileOutcome> {
  const started = performance.now();
  const elapsed = (): number => Math.round((performance.now() - started) * 100) / 100;
  let script: Script;
  try {
    script = parseScript(readFileSync(file, 'utf8'));
  } catch (error) {
    return {
      file,
      outcome: 'failed',
      records: 0,
      failures: [`${file}: ${error instanceof Error ? error.message : String(error)}`],
      milliseconds: elapsed(),
    };
  }
  const { name } = options.configuration;
  const wanted = script.configurations.length === 0 || script.configurations.includes(name);
  if (!wanted || script.excludedConfigurations.includes(name)) return { file, outcome: 'skipped', records: 0, failures: [], milliseconds: elapsed() };
  const result = await runScript(script, { configuration: options.configuration, seed: options.seed, builtIns: options.builtIns }, options.rewrite);
  if (options.rewrite && result.failures.length === 0) rewriteFile(file, script, result);
  const failures = result.failures.map((failure) => `${file}:${failure.line}: ${failure.message}`);
  return { file, outcome: failures.length === 0 ? 'passed' : 'failed', records: result.records, failures, milliseconds: elapsed() };
}

/** Puts what came out in the place of what was expected, from the end so that line numbers hold. */
function rewriteFile(file: string, script: Script, result: ScriptResult): void {
  const lines = [...script.lines];
  for (const record of [...script.records].reverse()) {
    const actual = result.actual.get(record);
    if (actual === undefined) continue;
    const [first, last] = record.expectedRange;
    lines.splice(first, last - first, ...(record.expected === null ? ['----'] : []), ...actual);
  }
  writeFileSync(file, lines.join('\n'));
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => name.endsWith('.slt'))
    .sort();
}

function shuffle(files: string[], seed: number): void {
  const random = seededRandom(seed);
  for (let index = files.length - 1; index > 0; index--) {
    const other = random.nextInt(index + 1);
    [files[index], files[other]] = [files[other]!, files[index]!];
  }
}
