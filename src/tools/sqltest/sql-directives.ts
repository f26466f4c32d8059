import { SqlError, SqlState, unreachable } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { type AssertedRelation, foldIdentifier, parseStatement, type Statement, type TestStatement } from '../../sql/index.ts';
import { formatType, type SqlType, textType } from '../../types/index.ts';
import { comparableCells, shortestNumber } from './comparable-cells.ts';
import { Mismatch } from './mismatch.ts';
import type { ScriptRecord } from './parse-script.ts';
import { rowDifference } from './row-difference.ts';
import { topicName } from './test-connector.ts';
import type { TestRun } from './test-run.ts';

/** Words that begin what the test tool itself runs. */
const OWN_STATEMENT = /^(?:assert|advance|flush|checkpoint|crash|restore)\b/i;

interface Spanned {
  readonly span: { readonly start: number; readonly end: number };
}

type Own = TestStatement | Extract<Statement, { readonly kind: 'flush' | 'checkpoint' }>;

/** One statement of a `.sql` file: a directive of the test tool, or SQL as any client sends it. */
export async function executeSql({ body }: ScriptRecord, run: TestRun): Promise<void> {
  const own = OWN_STATEMENT.test(body) ? parseStatement(body) : null;
  if (own !== null && isOwn(own)) {
    await execute(own, body, run);
    return;
  }
  await run.statement(body);
  await run.database.crashIfConfigured();
}

/** Relations about whose rows ASSERT VALUES asks: they are followed from the beginning. */
export function followedRelations(records: readonly ScriptRecord[]): string[] {
  return records.flatMap(({ directive, body }) => {
    const name = directive === 'sql' ? /^assert\s+(?:null\s+)?values\s+("[^"]+"|[\w.]+)/i.exec(body)?.[1] : undefined;
    return name === undefined ? [] : [relationName(name)];
  });
}

/** The point of the protocols at which a crash is to happen has no name here: epochs of a test end as a whole. */
export function crashAtStep(): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: 'a crash at a step of a checkpoint is not supported',
    hint: 'Crash before or behind a checkpoint: CHECKPOINT; CRASH; RESTORE;',
  });
}

function isOwn(statement: Statement): statement is Own {
  return /^(?:assert|advance)-|^(?:flush|checkpoint|crash|restore)$/.test(statement.kind);
}

async function execute(statement: Own, text: string, run: TestRun): Promise<void> {
  const { database } = run;
  const written = (node: Spanned): string => text.slice(node.span.start, node.span.end);
  const asserted = (node: AssertedRelation): string => (node.kind === 'query' ? `(${written(node)})` : written(node));
  switch (statement.kind) {
    case 'assert-contents':
      return assertContents(statement.what, asserted(statement.relation), { expected: written(statement.expected), run });
    case 'assert-empty': {
      const rows = await run.rows(`SELECT * FROM ${fromItem(asserted(statement.relation))}`);
      if (rows.length > 0) throw new Mismatch(`expected no rows\n${rowDifference([], rows)}`);
      return;
    }
    case 'assert-equivalent': {
      const { shuffleSeed, duplicate, late } = statement;
      const replayed = shuffleSeed !== null || duplicate || late;
      return run.equivalent(relationName(written(statement.relation)), replayed ? { shuffleSeed, duplicate, late } : null);
    }
    case 'assert-values': {
      const name = relationName(written(statement.relation));
      const columns = statement.columns.map(foldIdentifier);
      const rows = await expectedCells(written(statement.expected), columnTypes(run.relation(name), columns), run);
      for (const row of rows) run.taken.takeAdded(name, columns, row);
      return;
    }
    case 'assert-null-values': {
      const name = relationName(written(statement.relation));
      const columns = statement.columns.map(foldIdentifier);
      const key = `VALUES (${statement.key.map(written).join(', ')})`;
      const [row] = await expectedCells(key, columnTypes(run.relation(name), columns), run);
      run.taken.takeRemoved(name, columns, row!);
      return;
    }
    case 'assert-definition':
      return assertDefinition(statement, written, run);
    case 'assert-topic':
      return assertTopic(statement, run);
    case 'advance-watermark':
      return run.watermark(relationName(written(statement.stream)), written(statement.to));
    case 'advance-clock':
      return run.clock(statement.mode, written(statement.value));
    case 'flush':
      await run.settle();
      return database.crashIfConfigured();
    case 'checkpoint':
      await database.engine.cluster.checkpoint();
      return;
    case 'crash':
      if (statement.at !== null) throw crashAtStep();
      return database.crash();
    case 'restore':
      return database.restore(statement.parallelism);
    default:
      unreachable(statement);
  }
}

async function assertContents(
  what: 'rows' | 'changes' | 'output',
  relation: string,
  { expected, run }: { readonly expected: string; readonly run: TestRun },
): Promise<void> {
  if (what === 'rows') {
    const { fields, rows } = await run.resultRows(`SELECT * FROM ${fromItem(relation)}`);
    const types = fields.map(({ type }) => type);
    compareLines(
      await expectedLines(expected, types, run),
      rows.map((cells) => comparableCells(cells, types).join('\t')),
    );
    return;
  }
  const name = relationName(relation);
  if (what === 'output') {
    const lines = (await expectedLines(expected, null, run)).map((line) => line.replace(/^NULL\t/, ''));
    compareLines(lines, run.output(name));
    return;
  }
  const types = [textType, ...run.relation(name).columns.map(({ type }) => type)];
  const lines = await expectedLines(expected, types, run);
  const net = lines.map((line) => line.replace(/^([+-])U\t/, (_, sign: string) => `${sign === '+' ? '+I' : '-D'}\t`));
  compareLines(
    net,
    (await run.changes(name)).map((line) => comparableCells(line.split('\t'), types).join('\t')),
  );
}

function compareLines(expected: readonly string[], actual: readonly string[]): void {
  const wanted = [...expected].sort();
  const found = [...actual].sort();
  if (wanted.join('\n') !== found.join('\n')) throw new Mismatch(`expected and actual differ\n${rowDifference(wanted, found)}`);
}

async function expectedLines(query: string, types: readonly SqlType[] | null, run: TestRun): Promise<string[]> {
  return (await expectedCells(query, types, run)).map((cells) => cells.join('\t'));
}

/** Cells of the expected rows as the columns they are compared with would show them: `VALUES ('2024-01-01')` for a timestamp, `1` for a numeric of two places. */
async function expectedCells(query: string, types: readonly SqlType[] | null, run: TestRun): Promise<readonly (readonly string[])[]> {
  const plain = await run.resultRows(query);
  if (types === null) return plain.rows;
  if (plain.rows.length > 0 && plain.fields.length !== types.length)
    throw new Mismatch(`the expected rows have ${plain.fields.length} columns, what they are compared with has ${types.length}`);
  const same = plain.fields.every(({ type }, index) => formatType(type) === formatType(types[index]!));
  if (same || plain.rows.length === 0) return plain.rows.map((cells) => comparableCells(cells, types));
  const names = types.map((_, index) => `c${index}`);
  const casts = names.map((name, index) => `CAST(${name} AS ${formatType(types[index]!)})`);
  const converted = await run.resultRows(`SELECT ${casts.join(', ')} FROM (${query}) AS expected(${names.join(', ')})`);
  // A cast may round: then the row as written is what was meant, and it differs.
  const meant = (cell: string, written: string): string => (isRounded(written, cell) ? written : cell);
  return converted.rows.map((cells, row) =>
    comparableCells(
      cells.map((cell, index) => meant(cell, plain.rows[row]![index]!)),
      types,
    ),
  );
}

function isRounded(written: string, converted: string): boolean {
  const isNumber = /^-?\d+(?:\.\d+)?$/;
  if (!isNumber.test(written) || !isNumber.test(converted)) return false;
  return shortestNumber(written) !== shortestNumber(converted);
}

function columnTypes(relation: Relation, columns: readonly string[]): SqlType[] {
  return columns.map((name) => {
    const column = relation.columns.find((one) => one.name === name);
    if (column === undefined) throw new Mismatch(`"${relation.name}" has no column "${name}"`);
    return column.type;
  });
}

/** `ASSERT STREAM | TABLE x (a INT, …) WITH (…)`: columns in order with their types, and the options that are named. */
async function assertDefinition(
  { what, relation, elements, options }: Extract<TestStatement, { readonly kind: 'assert-definition' }>,
  written: (node: Spanned) => string,
  run: TestRun,
): Promise<void> {
  const name = relationName(written(relation));
  const found = run.relation(name);
  const kind = found.kind === 'materialized view' ? 'table' : found.kind;
  if (kind !== what) throw new Mismatch(`"${name}" is a ${found.kind}, not a ${what}`);
  const definitions = elements.filter((element) => element.kind === 'column-definition');
  if (definitions.length > 0) {
    const nulls = definitions.map((one) => (one.type === null ? 'NULL' : `CAST(NULL AS ${written(one.type)})`));
    const { fields } = await run.resultRows(`SELECT ${nulls.join(', ')}`);
    const wanted = definitions.map((one, index) => `${foldIdentifier(one.name)} ${formatType(fields[index]!.type)}`);
    const actual = found.columns.map((column) => `${column.name} ${formatType(column.type)}`);
    if (wanted.join('\n') !== actual.join('\n')) throw new Mismatch(`the columns of "${name}" differ\n${rowDifference(wanted, actual)}`);
  }
  for (const option of options) {
    const key = option.key.toLowerCase();
    const value = option.value.text;
    const actual = found.options?.get(key) ?? found.options?.get(OPTION_NAMES[key] ?? '') ?? null;
    if (actual?.toLowerCase() !== value.toLowerCase()) throw new Mismatch(`option "${key}" of "${name}" differs\n- ${value}\n+ ${actual ?? 'NULL'}`);
  }
}

/** ksqlDB's names of options. */
const OPTION_NAMES: Readonly<Record<string, string>> = { kafka_topic: 'topic', value_format: 'format', key_format: 'key.format' };

/** A topic is there when the test made it or wrote to it, or something reads or writes it. */
async function assertTopic({ topic, absent, options }: Extract<TestStatement, { readonly kind: 'assert-topic' }>, run: TestRun): Promise<void> {
  const { topics, engine } = run.database;
  const named = [...engine.snapshot.relations()].some((relation) => relation.options !== null && topicName(relation.options) === topic);
  const exists = topics.has(topic) || named;
  if (exists === absent) throw new Mismatch(absent ? `topic "${topic}" exists` : `topic "${topic}" does not exist`);
  for (const option of options) {
    if (option.key.toLowerCase() !== 'partitions') continue;
    const actual = topics.partitionCount(topic);
    if (Number(option.value.text) !== actual) throw new Mismatch(`topic "${topic}" has ${actual} partitions, not ${option.value.text}`);
  }
}

/** What stands in FROM for `v`, `late_rows('s')` and `(SELECT …)`. */
function fromItem(relation: string): string {
  return relation.startsWith('(') ? `${relation} AS asserted` : relation;
}

/** The name as the catalog has it. */
function relationName(written: string): string {
  return written
    .trim()
    .split('.')
    .map((part) => (part.startsWith('"') ? part.slice(1, -1) : part.toLowerCase()))
    .join('.');
}
