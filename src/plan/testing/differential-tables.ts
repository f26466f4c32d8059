import { relation } from './plan-fixture.ts';

/** Tables that exist on both sides of the comparison, as PostgreSQL's DDL; ours are read from the same text. */
const tables: Readonly<Record<string, string>> = {
  emp: 'id int primary key, name text not null, dept int, salary numeric(10,2), hired date, boss int',
  dept: 'id int primary key, name varchar(10), city text',
  num: 'i2 smallint, i4 int, i8 bigint, f4 real, f8 double precision, n numeric',
  txt: 'k int, c char(4), v varchar(6), t text, b bytea, u uuid',
  tim: 'k int, d date, ts timestamp(3), tz timestamptz, tm time, iv interval',
  misc: 'k int, ok boolean, j jsonb, a int[], s text[]',
  dup: 'a int, b int, c text',
  empty: 'x int, y text',
};

const rows: Readonly<Record<string, readonly string[]>> = {
  emp: [
    "(1, 'ann', 10, 100.50, '2020-01-01', NULL)",
    "(2, 'bob', 10, 90.00, '2021-03-05', 1)",
    "(3, 'cid', 20, 70.25, '2019-12-31', 1)",
    "(4, 'dee', 20, NULL, '2022-06-15', 3)",
    "(5, 'eve', NULL, 55.00, NULL, 3)",
    "(6, 'fay', 30, 100.50, '2020-01-01', 2)",
  ],
  dept: ["(10, 'sales', 'Bern')", "(20, 'tech', 'Oslo')", "(40, 'legal', NULL)"],
  num: [
    '(1, 1, 1, 1.5, 1.5, 1.50)',
    '(2, -7, 9007199254740993, 0.1, 0.1, 0.1)',
    '(-3, 2147483647, -1, -2.25, 1e100, 123456789012345678901234567890.5)',
    '(NULL, NULL, NULL, NULL, NULL, NULL)',
    "(0, 0, 0, 'NaN', 'Infinity', 'NaN')",
  ],
  txt: [
    "(1, 'ab', 'abc', 'Hello', '\\x01ff', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
    "(2, 'ab  ', 'x', '', '\\x', '00000000-0000-0000-0000-000000000000')",
    '(3, NULL, NULL, NULL, NULL, NULL)',
    "(4, 'zz', 'Zz', 'äöü', '\\xdeadbeef', 'ffffffff-ffff-ffff-ffff-ffffffffffff')",
  ],
  tim: [
    "(1, '2024-01-31', '2024-01-31 12:34:56.789', '2024-01-31 12:00:00+02', '12:34:56', '1 day 02:03:04')",
    "(2, '2024-02-29', '2024-02-29 00:00:00', '2024-02-29 00:00:00Z', '00:00:00', '1 month')",
    "(3, '1999-12-31', '1999-12-31 23:59:59.999', '1999-12-31 23:59:59+00', '23:59:59.5', '-3 days')",
    '(4, NULL, NULL, NULL, NULL, NULL)',
  ],
  misc: [
    `(1, true, '{"a": 1, "b": [1, 2]}', '{1,2,3}', '{a,b}')`,
    `(2, false, '[1, "x", null]', '{}', '{NULL,"c d"}')`,
    '(3, NULL, NULL, NULL, NULL)',
    `(4, true, '"str"', '{5,NULL}', '{}')`,
  ],
  dup: ["(1, 1, 'x')", "(1, 1, 'x')", "(1, 2, 'y')", "(2, NULL, 'x')", '(NULL, NULL, NULL)', '(NULL, NULL, NULL)', "(3, 1, 'z')"],
  empty: [],
};

export const differentialRelations = Object.entries(tables).map(([name, columns], index) => relation(index + 1, name, columns));

/** Statements that make the tables in PostgreSQL. */
export const differentialSetup: string = Object.entries(tables)
  .map(([name, columns]) => {
    const values = rows[name]!;
    return `CREATE TABLE ${name} (${columns});${values.length === 0 ? '' : ` INSERT INTO ${name} VALUES ${values.join(', ')};`}`;
  })
  .join('\n');
