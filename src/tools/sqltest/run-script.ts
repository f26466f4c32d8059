import { toSqlError } from '../../base/index.ts';
import { type Configuration, isMeant } from './configurations.ts';
import { type Coverage, mergeCoverage } from './coverage.ts';
import { errorText, Mismatch, NeverEnds } from './mismatch.ts';
import type { Script, ScriptRecord, TestCase } from './parse-script.ts';
import type { Place, RecordGuard } from './record-guard.ts';
import { SltDirectives } from './slt-directives.ts';
import { followedRelations } from './sql-directives.ts';
import { TestDatabase, type TestDatabaseOptions } from './test-database.ts';
import { TestRun } from './test-run.ts';

/** What one record of a script did not do as it says. */
export interface Failure {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  /** The newest epoch that was complete; null: none was. */
  readonly epoch: number | null;
}

export interface ScriptResult {
  readonly records: number;
  readonly failures: readonly Failure[];
  /** New expectations by record, for --rewrite. */
  readonly actual: ReadonlyMap<ScriptRecord, readonly string[]>;
  readonly coverage: Coverage;
}

export interface ScriptOptions {
  readonly rewrite: boolean;
  readonly coverage: boolean;
  readonly guard: RecordGuard;
}

/** Runs every test of a file, each against a database of its own. A test stops at its first failure: later records build on earlier ones. */
export async function runScript(script: Script, database: TestDatabaseOptions, options: ScriptOptions): Promise<ScriptResult> {
  const results: ScriptResult[] = [];
  for (const one of script.cases) results.push(await runCase(one, database, options));
  return {
    records: results.reduce((sum, result) => sum + result.records, 0),
    failures: results.flatMap((result) => result.failures),
    actual: new Map(results.flatMap((result) => [...result.actual])),
    coverage: mergeCoverage(results.map((result) => result.coverage)),
  };
}

async function runCase(test: TestCase, databaseOptions: TestDatabaseOptions, options: ScriptOptions): Promise<ScriptResult> {
  const database = new TestDatabase(databaseOptions);
  const run = new TestRun(database, databaseOptions.configuration, options);
  const directives = new SltDirectives(run, options);
  for (const name of followedRelations(test.records)) run.taken.follow(name);
  const failures: Failure[] = [];
  let place: Place = test.records[0] ?? { file: '', line: 1 };
  const fail = (message: string): void => {
    const named = test.name === null ? message : `${test.name}: ${message}`;
    failures.push({ file: place.file, line: place.line, message: named, epoch: database.lastEpoch === 0 ? null : database.lastEpoch });
  };
  let records = 0;
  try {
    await options.guard.watch(place, () => database.open());
    for (const record of test.records) {
      if (!applies(record, databaseOptions.configuration)) continue;
      if (record.directive === 'halt') break;
      records++;
      place = record;
      await options.guard.watch(record, () => directives.record(record));
    }
    if (test.expectedError !== null) fail(`expected ${describe(test.expectedError)}, but nothing failed`);
  } catch (error) {
    const message = unexpected(error, test);
    if (message !== null) fail(message);
  }
  try {
    await options.guard.watch(place, () => database.close());
  } catch (error) {
    // Behind a failure it may be what that one has left.
    if (failures.length === 0) fail(error instanceof Mismatch ? `the end of the test ${error.message}` : errorText(error));
  }
  return { records, failures, actual: directives.actual, coverage: run.coverage };
}

function applies(record: ScriptRecord, configuration: Configuration): boolean {
  if (isMeant(configuration, record.skipIf)) return false;
  return record.onlyIf.length === 0 || isMeant(configuration, record.onlyIf);
}

/** What is wrong about a failure; null: it is the one that was expected. */
function unexpected(error: unknown, { expectedError }: TestCase): string | null {
  const isMismatch = error instanceof Mismatch;
  const text = isMismatch ? error.message : errorText(error);
  if (expectedError === null || error instanceof NeverEnds) return text;
  const { code, message } = expectedError;
  const known = isMismatch ? null : toSqlError(error);
  // Names of another system's errors say no more than that there is one.
  const codeFits = code === null || !/^[0-9A-Z]{5}$/.test(code) || known?.code === code;
  const messageFits = message === null || (known?.message ?? text).includes(message);
  return codeFits && messageFits ? null : `expected ${describe(expectedError)}, got ${text}`;
}

function describe({ code, message }: NonNullable<TestCase['expectedError']>): string {
  const named = `error${code === null ? '' : ` ${code}`}`;
  return message === null ? named : `${named} with "${message}"`;
}
