import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const THINGS = ['order', 'payment', 'visit', 'click', 'reading', 'ride', 'trade', 'ticket', 'parcel', 'login'];
const GROUPS = ['customer', 'city', 'device', 'account', 'shop', 'channel', 'driver', 'symbol'];
const AMOUNTS = ['amount', 'price', 'points', 'seconds', 'weight', 'volume'];

/** Test files as users write them: a relation or two, a view, some rows, what the view has to hold. No two have the same names and values. */
export function writeSmallTests(directory, count) {
  for (let index = 0; index < count; index++) {
    const names = { thing: pick(THINGS, index), group: pick(GROUPS, index >> 1), amount: pick(AMOUNTS, index >> 2), index };
    const text = pick([totalsOfATable, windowsOfAStream, joinWithATable, filteredStream], index)(names);
    writeFileSync(join(directory, `${names.thing}-${index}.slt`), text);
  }
}

function pick(list, index) {
  return list[index % list.length];
}

function totalsOfATable({ thing, group, amount, index }) {
  const [first, second, third] = [index + 1, index + 2, index * 3 + 5];
  return `# description: totals of each ${group}, test ${index}
statement ok
CREATE TABLE ${thing}s_${index} (id INT PRIMARY KEY, ${group} TEXT, ${amount} INT)

statement ok
CREATE MATERIALIZED VIEW ${group}_totals_${index} AS SELECT ${group}, count(*) AS ${thing}s, sum(${amount}) AS total FROM ${thing}s_${index} GROUP BY ${group}

statement ok
INSERT INTO ${thing}s_${index} VALUES (1, 'a${index}', ${first}), (2, 'b${index}', ${second}), (3, 'a${index}', ${third})

query TII
SELECT ${group}, ${thing}s, total FROM ${group}_totals_${index} ORDER BY ${group}
----
a${index}	2	${first + third}
b${index}	1	${second}

statement ok
DELETE FROM ${thing}s_${index} WHERE id = 3

query TII
SELECT ${group}, ${thing}s, total FROM ${group}_totals_${index} ORDER BY ${group}
----
a${index}	1	${first}
b${index}	1	${second}
`;
}

function windowsOfAStream({ thing, group, amount, index }) {
  const options = `connector = 'kafka', topic = '${thing}s-${index}', properties.bootstrap.servers = 'none:1', format = 'json'`;
  return `# description: ${thing}s by the minute, test ${index}
statement ok
CREATE STREAM ${thing}s_${index} (${group} TEXT, ${amount} BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '${(index % 9) + 1} seconds') WITH (${options})

statement ok
CREATE MATERIALIZED VIEW by_minute_${index} AS SELECT ${group}, window_start, max(${amount}) AS top FROM TUMBLE(${thing}s_${index}, at, INTERVAL '1 minute') GROUP BY ${group}, window_start, window_end

input ${thing}s_${index}
{"${group}": "x${index}", "${amount}": ${index}, "at": "2024-01-01 00:00:10"}
{"${group}": "x${index}", "${amount}": ${index + 7}, "at": "2024-01-01 00:00:20"}
{"${group}": "y${index}", "${amount}": 3, "at": "2024-01-01 00:01:20"}

query TTI
SELECT ${group}, window_start, top FROM by_minute_${index} ORDER BY ${group}
----
x${index}	2024-01-01 00:00:00	${index + 7}
y${index}	2024-01-01 00:01:00	3
`;
}

function joinWithATable({ thing, group, amount, index }) {
  return `# description: ${thing}s with the name of their ${group}, test ${index}
statement ok
CREATE TABLE ${group}s_${index} (id INT PRIMARY KEY, name VARCHAR(20))

statement ok
CREATE STREAM ${thing}s_${index} (${group}_id INT, ${amount} NUMERIC(10,2))

statement ok
CREATE MATERIALIZED VIEW named_${index} AS SELECT name, ${amount} * 2 AS doubled FROM ${thing}s_${index} JOIN ${group}s_${index} ON id = ${group}_id

statement ok
INSERT INTO ${group}s_${index} VALUES (1, 'one ${index}'), (2, 'two ${index}')

statement ok
INSERT INTO ${thing}s_${index} VALUES (1, ${index}.25), (2, 1.50), (3, 9)

query TR rowsort
SELECT * FROM named_${index}
----
one ${index}	${index * 2}.50
two ${index}	3.00
`;
}

function filteredStream({ thing, group, amount, index }) {
  return `# description: large ${thing}s, test ${index}
statement ok
CREATE STREAM ${thing}s_${index} (${group} TEXT, ${amount} DOUBLE PRECISION)

statement ok
CREATE VIEW large_${index} AS SELECT upper(${group}) AS ${group}, ${amount} FROM ${thing}s_${index} WHERE ${amount} > ${index}

statement ok
CREATE MATERIALIZED VIEW most_${index} AS SELECT ${group}, count(*) AS n FROM large_${index} GROUP BY ${group} HAVING count(*) > 1

statement ok
INSERT INTO ${thing}s_${index} VALUES ('p', ${index}.5), ('p', ${index + 2}), ('q', ${index + 3}), ('r', 0)

query TI
SELECT * FROM most_${index}
----
P	2

query I
SELECT count(*) FROM large_${index}
----
3
`;
}
