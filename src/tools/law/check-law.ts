import { SqlState, seededRandom, toSqlError } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { multisetDifference, runSql, TestDatabase, type TestDatabaseOptions, textRows } from '../sqltest/index.ts';
import { percent } from './choose.ts';
import { withHints } from './random-hints.ts';
import { RandomQuery } from './random-query.ts';
import { lawRelations, RandomInput } from './relations.ts';

export interface LawOptions extends TestDatabaseOptions {
  readonly views: number;
  readonly changes: number;
  /** Views have hints that their queries, which they are compared with, have not. Programs of a seed are the same with and without. */
  readonly hinted: boolean;
}

export interface LawOutcome {
  /** Views that were made and compared after every change. */
  readonly cases: number;
  readonly comparisons: number;
  /** Queries that a view refuses (0A000), by message. */
  readonly refused: ReadonlyMap<string, number>;
  /** What went wrong, each as a `.slt` file; empty when the law held. */
  readonly failures: readonly string[];
}

interface View {
  readonly name: string;
  /** Statements that ran before it was made. */
  readonly position: number;
  readonly query: string;
  readonly create: string;
  /** Compared in the end only, when the watermark has passed all there is. Rows that it has shown by then. */
  readonly closed: { readonly shown: string[]; readonly staysOpen: boolean } | null;
}

/** Share of the views that exist before the first change; the others are made on running inputs. */
const EARLY = 0.6;
/** Views out of a hundred whose rows wait for the watermark. */
const CLOSING = 12;
/** Behind all event times of a program: 2030-01-01. */
const END_MICROS = 1_893_456_000_000_000n;

/** One program: relations, views and changes from one seed; each view against its query after every change. */
export async function checkLaw(options: LawOptions): Promise<LawOutcome> {
  const random = seededRandom(options.seed);
  const queries = new RandomQuery(random, { windows: true, joins: !hasManyRows(options.seed) });
  const written = hinting(options);
  const input = new RandomInput(random, { many: hasManyRows(options.seed) });
  const database = new TestDatabase(options);
  const refused = new Map<string, number>();
  const failures: string[] = [];
  const views: View[] = [];
  const done: string[] = lawRelations.map((relation) => relation.create);
  const broken = new Set<string>();
  let comparisons = 0;
  let ended = false;
  const report = (view: View, problem: string): void => {
    broken.add(view.name);
    const statements = [...done.slice(0, view.position), view.create, ...done.slice(view.position)];
    failures.push(script(statements, { name: view.name, problem, seed: options.seed }));
  };
  const create = async (): Promise<void> => {
    const closing = percent(random, CLOSING) ? queries.closing() : null;
    const query = closing?.sql ?? queries.query().sql;
    const name = `v${views.length}`;
    const closed = closing && { shown: [], staysOpen: closing.staysOpen };
    const view: View = { name, position: done.length, query, create: createView(name, `${written(query)}${closing?.emit ?? ''}`), closed };
    try {
      await runSql(database, view.create);
      views.push(view);
    } catch (cause) {
      const error = toSqlError(cause);
      if (error.code === SqlState.featureNotSupported) refused.set(error.message, (refused.get(error.message) ?? 0) + 1);
      else report(view, `${error.code} ${error.message}`);
    }
  };
  const compare = async (): Promise<void> => {
    for (const view of views.filter(({ name }) => !broken.has(name))) {
      try {
        const problem = await problemOf(view, database, ended);
        if (problem !== null) report(view, problem);
      } catch (cause) {
        const error = toSqlError(cause);
        report(view, `${error.code} ${error.message}`);
      }
      if (view.closed === null || ended) comparisons++;
    }
  };
  try {
    await database.open();
    for (const statement of done) await runSql(database, statement);
    for (let index = 0; index < options.views; index++) {
      if (index === Math.ceil(options.views * EARLY)) {
        for (let early = 0; early < 3; early++) await change(database, input, done);
      }
      await create();
    }
    await compare();
    for (let index = 0; index < options.changes; index++) {
      await change(database, input, done);
      await compare();
      await database.crashIfConfigured();
    }
    ended = true;
    await database.advanceWatermark(streamOf(database), END_MICROS);
    await compare();
  } finally {
    await database.close();
  }
  return { cases: views.length, comparisons, refused, failures };
}

function createView(name: string, query: string): string {
  return `CREATE MATERIALIZED VIEW ${name} AS ${query}`;
}

/** How the view differs from what it has to be; null: it does not. `ended`: the watermark has passed all there is. */
async function problemOf({ name, query, closed }: View, database: TestDatabase, ended: boolean): Promise<string | null> {
  const held = await textRows(database, `SELECT * FROM ${name}`);
  if (closed !== null && !ended) {
    const gone = missingFrom(held, closed.shown);
    closed.shown.splice(0, closed.shown.length, ...held);
    return gone && `a closed row is taken back: ${gone}`;
  }
  const batch = await textRows(database, query);
  if (closed?.staysOpen === true) {
    const surplus = missingFrom(batch, held);
    return surplus && `the view has a row that its query has not: ${surplus}`;
  }
  const difference = multisetDifference(batch, held, 'by value');
  return difference && `the view differs from its query\n${difference}`;
}

function streamOf(database: TestDatabase): Relation {
  const name = lawRelations.find(({ windowed }) => windowed)!.name;
  return database.engine.snapshot.reader(['public']).relation('public', name)!;
}

/** One of `rows` that is not among `held`, each taken once; null: all are. */
function missingFrom(held: readonly string[], rows: readonly string[]): string | null {
  const left = new Map<string, number>();
  for (const row of held) left.set(row, (left.get(row) ?? 0) + 1);
  for (const row of rows) {
    const count = left.get(row) ?? 0;
    if (count === 0) return row;
    left.set(row, count - 1);
  }
  return null;
}

/** What a view's query is written as. */
function hinting({ hinted, seed }: LawOptions): (query: string) => string {
  const random = seededRandom(seed);
  return (query) => (hinted ? withHints(query, random) : query);
}

/** One program of four has statements with many rows. Its queries have no joins, which would make too many of them. */
export function hasManyRows(seed: number): boolean {
  return seed % 4 === 3;
}

async function change(database: TestDatabase, input: RandomInput, done: string[]): Promise<void> {
  const statement = input.change();
  done.push(statement);
  await runSql(database, statement);
  await database.settle();
}

/** The program of one view as a file of `fsql test`: relations, the view, the changes, the comparison. */
function script(
  statements: readonly string[],
  { name, problem, seed }: { readonly name: string; readonly problem: string; readonly seed: number },
): string {
  const records = statements.flatMap((statement) => statement.split(';\n')).map((one) => `statement ok\n${one}\n`);
  const comment = problem
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n');
  return [`# description: seed ${seed} of the law, view ${name}`, comment, '', ...records, `equivalent ${name}`, ''].join('\n');
}
