import { writeFileSync } from 'node:fs';
import { SqlError } from '../../base/index.ts';
import { type Configuration, isMeant } from './configurations.ts';
import type { Coverage } from './coverage.ts';
import { loadScript } from './load-script.ts';
import type { Script, ScriptRecord } from './parse-script.ts';
import type { RecordGuard } from './record-guard.ts';
import { type Failure, runScript } from './run-script.ts';
import type { TestDatabaseOptions } from './test-database.ts';

/** How each file is run. Plain data: workers get it as a message. */
export interface FileOptions {
  readonly configuration: Configuration;
  readonly seed: number;
  readonly rewrite: boolean;
  readonly coverage: boolean;
  /** Connectors and topics that are left alone. */
  readonly real: readonly string[];
}

export interface FileOutcome {
  readonly file: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly records: number;
  /** `file:line: message` of what failed, the epoch, and the command that repeats it. */
  readonly failures: readonly string[];
  readonly milliseconds: number;
  /** Empty unless asked for. */
  readonly coverage: Coverage;
  /** The file and what it includes. */
  readonly reads: readonly string[];
}

/** What the composition root supplies. */
export interface FileHost {
  readonly builtIns: TestDatabaseOptions['builtIns'];
  readonly guard: RecordGuard;
}

/** Runs one test file. Never rejects: what goes wrong is the outcome. */
export async function runFile(file: string, options: FileOptions, { builtIns, guard }: FileHost): Promise<FileOutcome> {
  const started = performance.now();
  const elapsed = (): number => Math.round((performance.now() - started) * 100) / 100;
  let script: Script;
  try {
    script = loadScript(file);
  } catch (error) {
    return { file, outcome: 'failed', records: 0, failures: [unreadable(file, error)], milliseconds: elapsed(), coverage: [], reads: [file] };
  }
  const { configuration, seed, real } = options;
  const wanted = script.configurations.length === 0 || isMeant(configuration, script.configurations);
  if (!wanted || isMeant(configuration, script.excludedConfigurations))
    return { file, outcome: 'skipped', records: 0, failures: [], milliseconds: elapsed(), coverage: [], reads: [file] };
  const rewrite = options.rewrite && !file.endsWith('.sql');
  const result = await runScript(script, { configuration, seed, real, builtIns }, { rewrite, coverage: options.coverage, guard });
  if (rewrite && result.failures.length === 0) rewriteFile(file, script, result.actual);
  const failures = result.failures.map((failure) => described(file, failure, options));
  const reads = [...new Set([file, ...script.cases.flatMap((one) => one.records.map((record) => record.file))])];
  const outcome = failures.length === 0 ? 'passed' : 'failed';
  return { file, outcome, records: result.records, failures, milliseconds: elapsed(), coverage: result.coverage, reads };
}

function described(file: string, { file: place, line, message, epoch }: Failure, { configuration, seed, real }: FileOptions): string {
  const command = ['fsql test', file, `--seed ${seed}`, `--config ${configuration.name}`, ...real.map((name) => `--real ${name}`)].join(' ');
  return `${place}:${line}: ${message}\n${epoch === null ? '' : `at epoch ${epoch}; `}repeat with: ${command}`;
}

function unreadable(file: string, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const hint = error instanceof SqlError && error.hint !== undefined ? `\nHINT: ${error.hint}` : '';
  return text.startsWith(`${file}:`) ? `${text}${hint}` : `${file}: ${text}${hint}`;
}

/** Puts what came out in the place of what was expected, from the end so that line numbers hold. */
function rewriteFile(file: string, script: Script, actual: ReadonlyMap<ScriptRecord, readonly string[]>): void {
  const lines = [...script.lines];
  const records = script.cases.flatMap((one) => one.records).filter((record) => record.expectedRange !== null);
  for (const record of records.reverse()) {
    const found = actual.get(record);
    if (found === undefined) continue;
    const [first, last] = record.expectedRange!;
    lines.splice(first, last - first, ...(record.expected === null ? ['----'] : []), ...found);
  }
  writeFileSync(file, lines.join('\n'));
}
