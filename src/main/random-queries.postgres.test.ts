import { expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { RealPostgres } from '../functions/testing/real-postgres.ts';
import { hasManyRows, lawRelations, RandomInput, RandomQuery } from '../tools/law/index.ts';
import { testSeed } from '../tools/processes/index.ts';
import { configurations, multisetDifference, runSql, TestDatabase, textRows, textTable } from '../tools/sqltest/index.ts';
import { typeOid } from '../types/index.ts';
import { testBuiltIns } from './test-runners.ts';
import { comparedAnswer, comparedLine } from './testing/index.ts';

/** Queries of a run: a sample in `npm test`, FSQL_POSTGRES_QUERIES with `npm run test:postgres`. */
const queries = Number(process.env.FSQL_POSTGRES_QUERIES ?? 200);
/** Queries over one content of the tables. */
const QUERIES_A_PROGRAM = 100;
const CHANGES = 25;
/** As long as a hundred queries may take on a busy machine. */
const PROGRAM_MS = 60_000;

it(
  'random queries over random tables answer as PostgreSQL does',
  async () => {
    const first = testSeed('PostgreSQL', `${queries} queries`);
    const postgres = await RealPostgres.start();
    const differences: string[] = [];
    let [rows, errors] = [0, 0];
    try {
      for (let done = 0, seed = first; done < queries; done += QUERIES_A_PROGRAM, seed++) {
        const outcome = await compareProgram(seed, Math.min(QUERIES_A_PROGRAM, queries - done), postgres);
        rows += outcome.rows;
        errors += outcome.errors;
        differences.push(...outcome.differences);
      }
    } finally {
      await postgres.stop();
    }
    process.stderr.write(`PostgreSQL: ${queries} queries, ${rows} rows, ${errors} errors, ${differences.length} differences\n`);
    expect(differences.slice(0, 5)).toEqual([]);
  },
  Math.ceil(queries / QUERIES_A_PROGRAM) * PROGRAM_MS + PROGRAM_MS,
);

/** One content of the tables, the same on both sides, and `count` queries over it. */
async function compareProgram(seed: number, count: number, postgres: RealPostgres) {
  const random = seededRandom(seed);
  const many = hasManyRows(seed);
  const input = new RandomInput(random, { many });
  const generated = new RandomQuery(random, { windows: false, joins: !many });
  const database = testDatabase(seed);
  const differences: string[] = [];
  let [rows, errors] = [0, 0];
  try {
    await database.open();
    for (const { name, columns, create } of lawRelations) {
      await runSql(database, create);
      await postgres.run(
        `DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name} (${columns.map((column) => `${column.name} ${postgresTypes[column.type]}`).join(', ')})`,
      );
    }
    for (let change = 0; change < CHANGES; change++) await runSql(database, input.change());
    await copyRows(database, postgres);
    for (let query = 0; query < count; query++) {
      const { sql } = generated.query();
      const own = await comparedAnswer(async () => {
        const table = await textTable(database, sql);
        return [table.fields.map(({ name, type }) => `${name}:${typeOid(type)}`).join(' '), ...table.rows];
      });
      const expected = await comparedAnswer(async () => {
        const table = await postgres.table(sql);
        return [table.names.map((name, index) => `${name}:${table.oids[index]}`).join(' '), ...table.rows.map(comparedLine)];
      });
      rows += expected.length - 1;
      if (expected[0]?.startsWith('ERROR') === true) errors++;
      // FULL JOIN on a condition that it can neither merge nor hash is the one thing PostgreSQL has not got.
      if (expected[0] === 'ERROR 0A000') continue;
      const difference = multisetDifference(expected, own, 'by value');
      if (difference !== null) differences.push(`seed ${seed}\n${sql}\n${difference}`);
    }
  } finally {
    await database.close();
  }
  return { differences, rows, errors };
}

const postgresTypes = { int: 'INT', text: 'TEXT', bool: 'BOOLEAN', time: 'TIMESTAMP', numeric: 'NUMERIC(10,2)' } as const;

function testDatabase(seed: number): TestDatabase {
  return new TestDatabase({ configuration: configurations[0]!, seed, builtIns: testBuiltIns() });
}

async function copyRows(database: TestDatabase, postgres: RealPostgres): Promise<void> {
  for (const { name, columns } of lawRelations) {
    for (const line of await textRows(database, `SELECT * FROM ${name}`)) {
      const values = line.split('\t').map((text, index) => literal(text, postgresTypes[columns[index]!.type]));
      await postgres.run(`INSERT INTO ${name} VALUES (${values.join(', ')})`);
    }
  }
}

function literal(text: string, type: string): string {
  return text === 'NULL' ? 'NULL' : `'${text === '(empty)' ? '' : text}'::${type}`;
}
