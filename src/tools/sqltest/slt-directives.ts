import { createHash } from 'node:crypto';
import { type SqlErrorFields, toSqlError } from '../../base/index.ts';
import type { SqlType } from '../../types/index.ts';
import { errorText, Mismatch } from './mismatch.ts';
import { type ScriptRecord, scriptError } from './parse-script.ts';
import { inputRows, inputValues } from './read-input.ts';
import { rowDifference } from './row-difference.ts';
import type { ResultRows } from './run-sql.ts';
import { crashAtStep, executeSql } from './sql-directives.ts';
import type { TestRun } from './test-run.ts';

type Handler = (record: ScriptRecord) => Promise<void>;

/** The directives of `.slt` files: reads their words, asks TestRun, compares lines. */
export class SltDirectives {
  /** What came out, for --rewrite. */
  readonly actual = new Map<ScriptRecord, readonly string[]>();
  readonly #run: TestRun;
  readonly #rewrite: boolean;
  /** A result of more values is written as its hash; 0: never. */
  #hashThreshold = 0;
  readonly #handlers: Readonly<Record<string, Handler>>;

  constructor(run: TestRun, options: { readonly rewrite: boolean }) {
    this.#run = run;
    this.#rewrite = options.rewrite;
    const { database } = run;
    this.#handlers = {
      sql: (record) => executeSql(record, run),
      statement: (record) => this.#statement(record),
      query: (record) => this.#query(record),
      explain: (record) => this.#explain(record, 'EXPLAIN'),
      plan: (record) => this.#explain(record, 'EXPLAIN LOGICAL'),
      input: (record) => this.#input(record),
      topic: async ({ words }) => run.makeTopic(words[0]!, Number(words[2] ?? words[1])),
      changes: async (record) => this.#compare(record, await run.changes(named(record)), { written: netSigns(record.expected ?? []) }),
      output: async (record) => this.#compare(record, run.output(named(record)), { sorted: true }),
      late: (record) => this.#deadLetters(record, 'late'),
      bad: (record) => this.#deadLetters(record, 'bad'),
      equivalent: (record) => this.#equivalent(record),
      epoch: () => run.settle(),
      checkpoint: async () => void (await database.engine.cluster.checkpoint()),
      clock: ({ words }) => {
        const text = words.join(' ');
        return text.startsWith('+') ? run.clock('by', quoted(text.slice(1))) : run.clock('to', quoted(text));
      },
      sleep: ({ words }) => run.clock('by', quoted(words.join(' '))),
      watermark: (record) => run.watermark(named(record), quoted(record.words.slice(1).join(' '))),
      crash: (record) => this.#crash(record),
      restore: ({ words }) => database.restore(words[0] === 'parallelism' ? Number(words[1]) : null),
      'hash-threshold': async ({ words }) => {
        this.#hashThreshold = Number(words[0]);
      },
    };
  }

  async record(record: ScriptRecord): Promise<void> {
    const handler = this.#handlers[record.directive];
    if (handler === undefined) throw new Mismatch(`unknown directive "${record.directive}"`);
    await handler(record);
    if (['statement', 'input', 'epoch'].includes(record.directive)) await this.#run.database.crashIfConfigured();
  }

  async #statement(record: ScriptRecord): Promise<void> {
    const [outcome, code, ...words] = record.words;
    if (outcome === 'ok') return this.#run.statement(record.body);
    if (outcome === 'warning') return this.#warning(record);
    if (outcome !== 'error' || code === undefined)
      throw scriptError(record, 'a statement is "statement ok", "statement warning" or "statement error SQLSTATE [part of the message]"');
    const error = await this.#run.statement(record.body).then(
      () => null,
      (cause: unknown) => toSqlError(cause),
    );
    if (error === null) throw new Mismatch(`expected error ${code}, but the statement succeeded`);
    if (error.code !== code) throw new Mismatch(`expected error ${code}, got ${errorText(error)}`);
    if (!error.message.includes(words.join(' '))) throw new Mismatch(`expected an error with "${words.join(' ')}", got "${error.message}"`);
    if (record.expected === null) return;
    const { written, body } = this.#placed(record, record.expected);
    this.#compare(record, errorLines(error, body), { written });
  }

  /** `statement warning`: it succeeds, and these are all of its warnings. */
  async #warning(record: ScriptRecord): Promise<void> {
    const { database } = this.#run;
    database.takeNotices();
    await this.#run.statement(record.body);
    const { written, body } = this.#placed(record, record.expected ?? []);
    const warnings = database.takeNotices().filter(({ severity }) => severity === 'WARNING');
    this.#compare(
      record,
      warnings.flatMap((warning) => errorLines(warning, body)),
      { written },
    );
  }

  /** A printed statement has its tokens elsewhere: there the place of an error says nothing. */
  #placed({ body }: ScriptRecord, expected: readonly string[]): { readonly written: readonly string[]; readonly body: string | null } {
    const placed = !this.#run.configuration.reprint && expected.some((line) => line.startsWith(POSITION));
    return placed ? { written: expected, body } : { written: expected.filter((line) => !line.startsWith(POSITION)), body: null };
  }

  /** `query [TYPES] [nosort|rowsort|valuesort]`. */
  async #query(record: ScriptRecord): Promise<void> {
    const result = await this.#run.resultRows(record.body);
    const modes = ['nosort', 'rowsort', 'valuesort'];
    const types = record.words[0] !== undefined && !modes.includes(record.words[0]) ? record.words[0] : null;
    if (types !== null) checkTypes(types, result);
    const mode = record.words.find((word) => modes.includes(word)) ?? 'nosort';
    const cells = result.rows.flat();
    const lines = mode === 'valuesort' ? cells.sort() : result.rows.map((row) => row.join('\t'));
    if (mode === 'rowsort') lines.sort();
    const isHashed = record.expected?.length === 1 && HASHED.test(record.expected[0]!);
    if (isHashed || (this.#rewrite && this.#hashThreshold > 0 && cells.length > this.#hashThreshold)) {
      const values = mode === 'valuesort' ? lines : lines.flatMap((line) => line.split('\t'));
      this.#compare(record, [hashLine(values)]);
    } else this.#compare(record, lines, { sorted: mode !== 'nosort' });
  }

  async #explain(record: ScriptRecord, head: string): Promise<void> {
    const rule = record.words.find((word) => word.startsWith('expect='));
    if (rule !== undefined) throw scriptError(record, `"${rule}" is not supported`, 'Write the plan behind ----.');
    this.#compare(record, await this.#run.rows(`${head} ${record.body}`));
  }

  /** `input STREAM [partition N] [columns]`: messages of the stream's topic, or rows; one epoch. */
  async #input(record: ScriptRecord): Promise<void> {
    const run = this.#run;
    const name = named(record);
    const partition = record.words[1] === 'partition' ? Number(record.words[2]) : 0;
    const relation = run.relation(name);
    const lines = record.body.split('\n').filter((line) => line !== '');
    if (record.words.at(-1) === 'columns' || relation.options === null) {
      run.database.topics.insertPartition = partition;
      try {
        await run.statement(`INSERT INTO ${name} VALUES ${record.words.at(-1) === 'columns' ? inputValues(lines) : inputRows(lines)}`);
      } finally {
        run.database.topics.insertPartition = 0;
      }
      return;
    }
    for (const line of lines) {
      const [key, value] = (line.includes('\t') ? line.split('\t') : ['NULL', line]).map((text) => (text === 'NULL' ? null : text)) as [
        string | null,
        string | null,
      ];
      run.append(relation, partition, { key, value });
    }
    await run.settle();
  }

  async #deadLetters(record: ScriptRecord, variant: 'late' | 'bad'): Promise<void> {
    const columns = variant === 'bad' ? '"partition", "offset", reason' : '*';
    this.#compare(record, (await this.#run.rows(`SELECT ${columns} FROM ${variant}_rows(${quoted(this.#run.sqlName(named(record)))})`)).sort(), {
      sorted: true,
    });
  }

  /** `equivalent VIEW [shuffle SEED] [duplicate] [late]`. */
  async #equivalent(record: ScriptRecord): Promise<void> {
    const [view, ...words] = record.words;
    const shuffle = words.indexOf('shuffle');
    const shuffleSeed = shuffle < 0 ? null : Number(words[shuffle + 1]);
    const known = words.filter((word, index) => ['shuffle', 'duplicate', 'late'].includes(word) || (shuffle >= 0 && index === shuffle + 1));
    if (known.length < words.length || Number.isNaN(shuffleSeed))
      throw scriptError(record, 'it is "equivalent VIEW [shuffle SEED] [duplicate] [late]"');
    await this.#run.equivalent(
      view ?? '',
      words.length === 0 ? null : { shuffleSeed, duplicate: words.includes('duplicate'), late: words.includes('late') },
    );
  }

  async #crash(record: ScriptRecord): Promise<void> {
    if (record.words.length > 0) throw crashAtStep();
    await this.#run.database.crash();
  }

  #compare(record: ScriptRecord, found: readonly string[], options: { readonly sorted?: boolean; readonly written?: readonly string[] } = {}): void {
    // A value or a DETAIL of several lines takes as many in the file.
    const actual = found.flatMap((line) => line.split('\n'));
    this.actual.set(record, actual);
    if (this.#rewrite && record.expectedRange !== null) return;
    const written = options.written ?? record.expected ?? [];
    const expected = options.sorted === true ? [...written].sort() : written;
    if (expected.length === actual.length && expected.every((line, index) => line.trimEnd() === actual[index]!.trimEnd())) return;
    throw new Mismatch(`expected and actual differ\n${rowDifference(expected, actual)}`);
  }
}

function named({ words }: ScriptRecord): string {
  if (words[0] === undefined) throw new Mismatch('the directive names no relation');
  return words[0];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `-U` and `+U` are the two halves of what a look sees as the end of one row and the beginning of another. */
function netSigns(lines: readonly string[]): string[] {
  const written = lines.map((line) => line.replace(/^([+-])U\t/, (_, sign: string) => `${sign === '+' ? '+I' : '-D'}\t`));
  return written.some((line, index) => line !== lines[index])
    ? [...written].sort((left, right) => order(left) - order(right) || (left < right ? -1 : 1))
    : written;
}

function order(line: string): number {
  return line.startsWith('-') ? 0 : 1;
}

const INTEGERS = ['int2', 'int4', 'int8'];
const NUMBERS = [...INTEGERS, 'numeric', 'float4', 'float8'];

/** `T` any type, `I` an integer, `R` a number: a letter a column, as elsewhere in the field. */
function checkTypes(types: string, { fields }: ResultRows): void {
  if (!/^[TIR?]+$/.test(types)) throw new Mismatch(`"${types}" is no list of column types: T (any), I (integer), R (number)`);
  if (types.length !== fields.length) throw new Mismatch(`expected ${types.length} columns, got ${fields.length}`);
  fields.forEach(({ name, type }, index) => {
    const allowed: readonly SqlType['kind'][] | null =
      types[index] === 'I' ? (INTEGERS as SqlType['kind'][]) : types[index] === 'R' ? (NUMBERS as SqlType['kind'][]) : null;
    if (allowed !== null && !allowed.includes(type.kind))
      throw new Mismatch(`column ${index + 1}, "${name}", is no ${types[index] === 'I' ? 'integer' : 'number'}`);
  });
}

const HASHED = /^\d+ values hashing to [0-9a-f]{32}$/;

/** As elsewhere in the field: MD5 over the values, each with a line feed behind it. */
function hashLine(values: readonly string[]): string {
  const hash = createHash('md5');
  for (const value of values) hash.update(`${value}\n`);
  return `${values.length} values hashing to ${hash.digest('hex')}`;
}

const POSITION = 'POSITION: ';

/** With the text of the statement also where the error stands: the first character is 1, as in PostgreSQL's messages. */
function errorLines(error: Omit<SqlErrorFields, 'code'>, text: string | null): string[] {
  const lines = [error.message];
  if (error.detail !== undefined) lines.push(`DETAIL: ${error.detail}`);
  if (error.hint !== undefined) lines.push(`HINT: ${error.hint}`);
  // The place may lie in the text of a prepared statement, which is longer.
  const beyond = Math.max(0, (error.position ?? 0) - (text?.length ?? 0));
  if (text !== null && error.position !== undefined) lines.push(`${POSITION}${[...text.slice(0, error.position)].length + beyond + 1}`);
  return lines;
}
