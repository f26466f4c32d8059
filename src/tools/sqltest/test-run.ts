import { SqlError } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { parseStatements, printStatement, quoteRelation } from '../../sql/index.ts';
import type { Configuration } from './configurations.ts';
import { type Coverage, CoverageProbe } from './coverage.ts';
import { lawDifference } from './law-difference.ts';
import { Mismatch } from './mismatch.ts';
import { type ReplayOptions, replayDifference } from './replay.ts';
import { withoutRows } from './row-difference.ts';
import { type ResultRows, resultRows, runSql, textRows } from './run-sql.ts';
import { TakenRows } from './taken-rows.ts';
import { topicName } from './test-connector.ts';
import type { TestDatabase } from './test-database.ts';
import type { InputStep } from './test-inputs.ts';

/** Statements that begin so may hand rows to a topic. */
const INSERT_INTO = /^\s*insert\s+into\s+(?:table\s+)?("[^"]+"|[\w.]+)/i;

/**
 * What both forms of a directive do, on one test's database. Asks and answers are lines of text: cells separated by tabs, `NULL` and `(empty)`.
 */
export class TestRun {
  readonly database: TestDatabase;
  readonly configuration: Configuration;
  readonly taken: TakenRows;
  /** What came from outside so far, for replays. */
  readonly #inputs: InputStep[] = [];
  readonly #coverage: CoverageProbe | null;
  /** Content of a view at its last look, for `changes`. */
  readonly #seen = new Map<string, readonly string[]>();
  readonly #outputSeen = new Map<string, number>();

  constructor(database: TestDatabase, configuration: Configuration, options: { readonly coverage: boolean }) {
    this.database = database;
    this.configuration = configuration;
    this.taken = new TakenRows(this);
    this.#coverage = options.coverage ? new CoverageProbe(database) : null;
  }

  get coverage(): Coverage {
    return this.#coverage?.reached() ?? [];
  }

  /** Ends epochs until all is read, then looks at what is followed. */
  async settle(): Promise<void> {
    await this.database.settle();
    await this.taken.look();
    await this.#coverage?.look();
  }

  /** Runs statements, then ends epochs until every source has read what there is. */
  async statement(sql: string): Promise<void> {
    const topic = this.#insertedTopic(sql);
    const before = topic === null ? 0 : this.database.topics.records(topic, this.database.topics.insertPartition).length;
    await runSql(this.database, this.text(sql));
    if (topic === null) this.#inputs.push({ kind: 'statement', sql });
    else this.#noteRecords(topic, this.database.topics.insertPartition, before);
    await this.settle();
  }

  /** Adds a message to the topic of a stream. */
  append(relation: Relation, partition: number, message: { readonly key: string | null; readonly value: string | null }): void {
    const bytes = (text: string | null): Uint8Array | null => (text === null ? null : new TextEncoder().encode(text));
    const record = { key: bytes(message.key), value: bytes(message.value), timestampMs: Number(this.database.clock.nowMicros() / 1000n) };
    const topic = topicName(relation.options!);
    this.database.topics.append(topic, partition, record);
    this.#inputs.push({ kind: 'record', topic, partition, record });
  }

  makeTopic(name: string, partitions: number): void {
    this.database.topics.create(name, partitions);
    this.#inputs.push({ kind: 'topic', name, partitions });
  }

  /** Moves the clock to the value of an expression, or by it. */
  async clock(mode: 'to' | 'by', expression: string): Promise<void> {
    const micros = await this.#micros(`CAST(${expression} AS ${mode === 'by' ? 'INTERVAL' : 'TIMESTAMP'})`);
    const target = mode === 'by' ? this.database.clock.nowMicros() + micros : micros;
    if (target < this.database.clock.nowMicros()) throw new Mismatch('the clock cannot go back');
    this.database.clock.advanceTo(target);
    this.#inputs.push({ kind: 'clock', micros: target });
    await this.settle();
  }

  /** As if every partition of the stream had reached that time. */
  async watermark(name: string, expression: string): Promise<void> {
    const micros = await this.#micros(`CAST(${expression} AS TIMESTAMP)`);
    // What is in the topics came before.
    await this.settle();
    const relation = this.relation(name);
    await this.database.advanceWatermark(relation, micros);
    this.#inputs.push({ kind: 'watermark', schema: relation.schema, relation: relation.name, micros });
    await this.settle();
  }

  /** What changed in a view since the last look: `-D` rows, then `+I` rows, each sorted. */
  async changes(view: string): Promise<string[]> {
    const now = await this.rows(`SELECT * FROM ${this.sqlName(view)}`);
    const before = this.#seen.get(view) ?? [];
    this.#seen.set(view, now);
    const added = withoutRows(now, before).map((row) => `+I\t${row}`);
    const removed = withoutRows(before, now).map((row) => `-D\t${row}`);
    return [...removed.sort(), ...added.sort()];
  }

  /** What left a sink since the last look, sorted: `key<TAB>value`, or the value. */
  output(sink: string): string[] {
    const topic = topicName(this.relation(sink).options ?? new Map());
    const records = this.database.topics.records(topic, 0);
    const from = this.#outputSeen.get(topic) ?? 0;
    this.#outputSeen.set(topic, records.length);
    const text = (bytes: Uint8Array | null): string => (bytes === null ? 'NULL' : new TextDecoder().decode(bytes));
    return records
      .slice(from)
      .map((one) => (one.key === null ? text(one.value) : `${text(one.key)}\t${text(one.value)}`))
      .sort();
  }

  /** The law: the view holds what its query gives over the inputs now; with options, in replays of the inputs too. */
  async equivalent(view: string, options: ReplayOptions | null): Promise<void> {
    const difference = await lawDifference(this.relation(view), (sql) => this.rows(sql));
    if (difference !== null) throw new Mismatch(`the view differs from its query\n${difference}`);
    if (options === null) return;
    const replayed = await replayDifference(
      this.relation(view),
      { database: this.database, inputs: this.#inputs, text: (sql) => this.text(sql) },
      options,
    );
    if (replayed !== null) throw new Mismatch(replayed);
  }

  /** The name as any dialect reads it; as it is written when the session has to find it, through its search path. */
  sqlName(name: string): string {
    const relation = this.findRelation(nameParts(name));
    return relation === null ? name : quoteRelation(relation);
  }

  /** The relation of a name, which may name its schema. */
  relation(name: string): Relation {
    const relation = this.findRelation(nameParts(name));
    if (relation === null) throw new Mismatch(`there is no relation "${name}"`);
    return relation;
  }

  /** In another case too, when only one relation has such a name: other dialects keep or raise the case of names, and directives know no dialect. */
  findRelation(parts: readonly string[]): Relation | null {
    const reader = this.database.engine.snapshot.reader(['public']);
    const schema = parts.length > 1 ? parts.at(-2)! : null;
    const name = parts.at(-1)!;
    const exact = reader.relation(schema, name);
    if (exact !== null) return exact;
    const alike = [...reader.relations()].filter(
      (relation) => relation.schema === (schema ?? 'public') && relation.name.toLowerCase() === name.toLowerCase(),
    );
    return alike.length === 1 ? alike[0]! : null;
  }

  rows(sql: string): Promise<string[]> {
    return textRows(this.database, this.text(sql));
  }

  resultRows(sql: string): Promise<ResultRows> {
    return resultRows(this.database, this.text(sql));
  }

  /** The statement as it is to be run. */
  text(sql: string): string {
    return this.configuration.reprint ? reprint(sql) : sql;
  }

  async #micros(expression: string): Promise<bigint> {
    const [value] = await this.rows(`SELECT extract(epoch FROM ${expression})`);
    return BigInt(Math.round(Number(value) * 1e6));
  }

  /** The topic to which an INSERT hands its rows at once. */
  #insertedTopic(sql: string): string | null {
    const name = INSERT_INTO.exec(sql)?.[1];
    if (name === undefined || this.database.session.transactionStatus !== 'I') return null;
    const relation = this.findRelation(nameParts(name));
    const isInput = relation !== null && relation.options !== null && relation.kind !== 'sink' && !/;\s*\S/.test(sql) && /\bvalues\b/i.test(sql);
    return isInput ? topicName(relation.options) : null;
  }

  #noteRecords(topic: string, partition: number, from: number): void {
    const records = this.database.topics.records(topic, partition).slice(from);
    for (const record of records) this.#inputs.push({ kind: 'record', topic, partition, record });
  }
}

function nameParts(name: string): string[] {
  return name.split('.').map((part) => (part.startsWith('"') ? part.slice(1, -1) : part.toLowerCase()));
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
