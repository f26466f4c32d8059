import { SqlError, toSqlError } from '../../base/index.ts';
import { parseStatements, printStatement } from '../../sql/index.ts';
import type { Configuration } from './configurations.ts';
import type { Script, ScriptRecord } from './parse-script.ts';
import { rowDifference, withoutRows } from './row-difference.ts';
import { runSql, textRows } from './run-sql.ts';
import { topicName } from './test-connector.ts';
import { TestDatabase, type TestDatabaseOptions } from './test-database.ts';

/** What one record of a script did not do as it says. */
export interface Failure {
  readonly line: number;
  readonly message: string;
}

export interface ScriptResult {
  readonly records: number;
  readonly failures: readonly Failure[];
  /** New expectations by record, for --rewrite. */
  readonly actual: ReadonlyMap<ScriptRecord, readonly string[]>;
}

/** Raised inside a record to say how it failed. */
class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** Runs every record of a script against a database of its own. Stops at the first failure: later records build on earlier ones. */
export async function runScript(script: Script, options: TestDatabaseOptions, rewrite: boolean): Promise<ScriptResult> {
  const database = new TestDatabase(options);
  const run = new ScriptRun(database, options.configuration, rewrite);
  const failures: Failure[] = [];
  let records = 0;
  try {
    await database.open();
    for (const record of script.records) {
      if (!applies(record, options.configuration.name)) continue;
      if (record.directive === 'halt') break;
      records++;
      await run.record(record);
    }
  } catch (error) {
    const line = run.line;
    failures.push({ line, message: error instanceof Mismatch ? error.message : errorText(error) });
  } finally {
    await database.close();
  }
  return { records, failures, actual: run.actual };
}

function applies(record: ScriptRecord, configuration: string): boolean {
  if (record.skipIf.includes(configuration)) return false;
  return record.onlyIf.length === 0 || record.onlyIf.includes(configuration);
}

function errorText(error: unknown): string {
  const known = toSqlError(error);
  const cause = known.cause instanceof Error ? `\n${known.cause.stack ?? ''}` : '';
  return `${known.code} ${known.message}${known.detail === undefined ? '' : `\nDETAIL: ${known.detail}`}${known.hint === undefined ? '' : `\nHINT: ${known.hint}`}${cause}`;
}

type Handler = (record: ScriptRecord) => Promise<void>;

class ScriptRun {
  readonly actual = new Map<ScriptRecord, readonly string[]>();
  line = 0;
  readonly #database: TestDatabase;
  readonly #configuration: Configuration;
  readonly #rewrite: boolean;
  /** Content of a view at its last look, for `changes`. */
  readonly #seen = new Map<string, readonly string[]>();
  readonly #outputSeen = new Map<string, number>();
  readonly #handlers: Readonly<Record<string, Handler>>;

  constructor(database: TestDatabase, configuration: Configuration, rewrite: boolean) {
    this.#database = database;
    this.#configuration = configuration;
    this.#rewrite = rewrite;
    this.#handlers = {
      statement: (record) => this.#statement(record),
      query: (record) => this.#query(record),
      explain: (record) => this.#explain(record, 'EXPLAIN'),
      plan: (record) => this.#explain(record, 'EXPLAIN LOGICAL'),
      input: (record) => this.#input(record),
      topic: async (record) => this.#database.topics.create(record.words[0]!, Number(record.words[2] ?? record.words[1])),
      changes: (record) => this.#changes(record),
      output: (record) => this.#output(record),
      late: (record) => this.#deadLetters(record, 'late'),
      bad: (record) => this.#deadLetters(record, 'bad'),
      equivalent: (record) => this.#equivalent(record),
      epoch: async () => this.#database.settle(),
      checkpoint: async () => void (await this.#database.engine.cluster.checkpoint()),
      clock: (record) => this.#clock(record),
      crash: async () => this.#database.crash(),
      restore: async (record) => this.#database.restore(record.words[0] === 'parallelism' ? Number(record.words[1]) : null),
    };
  }

  async record(record: ScriptRecord): Promise<void> {
    this.line = record.line;
    const handler = this.#handlers[record.directive];
    if (handler === undefined) throw new Mismatch(`unknown directive "${record.directive}"`);
    await handler(record);
    if (['statement', 'input', 'epoch'].includes(record.directive)) await this.#database.crashIfConfigured();
  }

  async #statement(record: ScriptRecord): Promise<void> {
    const [outcome, code, ...words] = record.words;
    const error = await this.#run(record.body).then(
      () => null,
      (cause: unknown) => toSqlError(cause),
    );
    if (outcome === 'ok') {
      if (error !== null) throw error;
      await this.#database.settle();
      return;
    }
    if (error === null) throw new Mismatch(`expected error ${code}, but the statement succeeded`);
    if (error.code !== code) throw new Mismatch(`expected error ${code}, got ${errorText(error)}`);
    if (!error.message.includes(words.join(' '))) throw new Mismatch(`expected an error with "${words.join(' ')}", got "${error.message}"`);
    if (record.expected === null) return;
    // A printed statement has its tokens elsewhere: there the place of an error says nothing.
    const placed = !this.#configuration.reprint && record.expected.some((line) => line.startsWith(POSITION));
    const expected = placed ? record.expected : record.expected.filter((line) => !line.startsWith(POSITION));
    this.#compare(record, errorLines(error, placed ? record.body : null), false, expected);
  }

  async #query(record: ScriptRecord): Promise<void> {
    const rows = await this.#rows(record.body);
    const sort = record.words.includes('rowsort');
    this.#compare(record, sort ? [...rows].sort() : rows, sort);
  }

  async #explain(record: ScriptRecord, head: string): Promise<void> {
    this.#compare(record, await this.#rows(`${head} ${record.body}`));
  }

  /** `input STREAM [partition N]`: JSON lines into the stream's topic, or tuples into an embedded one; one epoch. */
  async #input(record: ScriptRecord): Promise<void> {
    const [name, , partition] = record.words;
    const relation = this.#relation(name!);
    const lines = record.body.split('\n').filter((line) => line !== '');
    if (relation.options === null) {
      await this.#run(`INSERT INTO ${name} VALUES ${lines.map((line) => (line.trim().startsWith('(') ? line : `(${line})`)).join(', ')}`);
    } else {
      const timestampMs = Number(this.#database.clock.nowMicros() / 1000n);
      for (const line of lines) {
        const [key, value] = (line.includes('\t') ? line.split('\t') : ['NULL', line]).map((text) => (text === 'NULL' ? null : text)) as [
          string | null,
          string | null,
        ];
        const bytes = (text: string | null): Uint8Array | null => (text === null ? null : new TextEncoder().encode(text));
        this.#database.topics.append(topicName(relation.options), Number(partition ?? 0), { key: bytes(key), value: bytes(value), timestampMs });
      }
    }
    await this.#database.settle();
  }

  async #changes(record: ScriptRecord): Promise<void> {
    const view = record.words[0]!;
    const now = await this.#rows(`SELECT * FROM ${view}`);
    const before = this.#seen.get(view) ?? [];
    this.#seen.set(view, now);
    const added = withoutRows(now, before).map((row) => `+I\t${row}`);
    const removed = withoutRows(before, now).map((row) => `-D\t${row}`);
    this.#compare(record, [...removed.sort(), ...added.sort()]);
  }

  async #output(record: ScriptRecord): Promise<void> {
    const relation = this.#relation(record.words[0]!);
    const topic = topicName(relation.options ?? new Map());
    const records = this.#database.topics.records(topic, 0);
    const from = this.#outputSeen.get(topic) ?? 0;
    this.#outputSeen.set(topic, records.length);
    const text = (bytes: Uint8Array | null): string => (bytes === null ? 'NULL' : new TextDecoder().decode(bytes));
    const lines = records.slice(from).map((one) => (one.key === null ? text(one.value) : `${text(one.key)}\t${text(one.value)}`));
    this.#compare(record, lines.sort(), true);
  }

  async #deadLetters(record: ScriptRecord, variant: 'late' | 'bad'): Promise<void> {
    const columns = variant === 'bad' ? '"partition", "offset", reason' : '*';
    this.#compare(record, (await this.#rows(`SELECT ${columns} FROM ${variant}_rows('${record.words[0]}')`)).sort(), true);
  }

  /** The law: the view holds what its query gives over the inputs now. */
  async #equivalent(record: ScriptRecord): Promise<void> {
    const view = record.words[0]!;
    const relation = this.#relation(view);
    const held = (await this.#rows(`SELECT * FROM ${view}`)).sort();
    const batch = (await this.#rows(relation.query!.replace(/\s+EMIT\s+[A-Z ]+$/i, ''))).sort();
    if (held.join('\n') !== batch.join('\n')) throw new Mismatch(`the view differs from its query\n${rowDifference(batch, held)}`);
  }

  async #clock(record: ScriptRecord): Promise<void> {
    const [value] = await this.#rows(
      record.words[0]!.startsWith('+')
        ? `SELECT extract(epoch FROM INTERVAL '${record.words.join(' ').slice(1)}')`
        : `SELECT extract(epoch FROM TIMESTAMP '${record.words.join(' ')}')`,
    );
    const micros = BigInt(Math.round(Number(value) * 1e6));
    this.#database.clock.advanceTo(record.words[0]!.startsWith('+') ? this.#database.clock.nowMicros() + micros : micros);
    await this.#database.settle();
  }

  #relation(name: string) {
    const relation = this.#database.engine.snapshot.reader(['public']).relation(null, name);
    if (relation === null) throw new Mismatch(`there is no relation "${name}"`);
    return relation;
  }

  #rows(sql: string): Promise<string[]> {
    return textRows(this.#database, this.#text(sql));
  }

  #run(sql: string): Promise<void> {
    return runSql(this.#database, this.#text(sql));
  }

  #text(sql: string): string {
    return this.#configuration.reprint ? reprint(sql) : sql;
  }

  #compare(record: ScriptRecord, found: readonly string[], sorted = false, written = record.expected ?? []): void {
    // A value or a DETAIL of several lines takes as many in the file.
    const actual = found.flatMap((line) => line.split('\n'));
    this.actual.set(record, actual);
    if (this.#rewrite) return;
    const expected = sorted ? [...written].sort() : written;
    if (expected.length === actual.length && expected.every((line, index) => line.trimEnd() === actual[index]!.trimEnd())) return;
    throw new Mismatch(`expected and actual differ\n${rowDifference(expected, actual)}`);
  }
}

function reprint(sql: string): string {
  try {
    return parseStatements(sql)
      .map(({ statement }) => printStatement(statement))
      .join(';\n');
  } catch (error) {
    // A text that does not parse is run as it is: its error is what the test is about.
    if (error instanceof SqlError) return sql;
    throw error;
  }
}

const POSITION = 'POSITION: ';

/** With the text of the statement also where the error stands: the first character is 1, as in PostgreSQL's messages. */
function errorLines(error: SqlError, text: string | null): string[] {
  const lines = [error.message];
  if (error.detail !== undefined) lines.push(`DETAIL: ${error.detail}`);
  if (error.hint !== undefined) lines.push(`HINT: ${error.hint}`);
  // The place may lie in the text of a prepared statement, which is longer.
  const beyond = Math.max(0, (error.position ?? 0) - (text?.length ?? 0));
  if (text !== null && error.position !== undefined) lines.push(`${POSITION}${[...text.slice(0, error.position)].length + beyond + 1}`);
  return lines;
}
