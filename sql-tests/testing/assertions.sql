--@description: What each ASSERT accepts and refuses, with expected values of other types.
CREATE STREAM s (k TEXT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1 second')
  WITH (connector = 'kafka', topic = 's', properties.bootstrap.servers = 'none:1', format = 'json');
CREATE MATERIALIZED VIEW totals AS SELECT k, sum(v) AS total, max(ts) AS latest FROM s GROUP BY k;
INSERT INTO s VALUES ('a', 1, '2024-01-01 00:00:01'), ('a', 2, '2024-01-01 00:00:02'), (NULL, 3, '2024-01-01 00:00:03');

--@test: values are compared as the column has them
ASSERT ROWS totals = (VALUES ('a', 3, '2024-01-01 00:00:02'), (NULL, 3.0, TIMESTAMP '2024-01-01 00:00:03'));
ASSERT ROWS totals = (SELECT k, sum(v), max(ts) FROM s GROUP BY k);
ASSERT ROWS totals = SELECT * FROM totals;
ASSERT ROWS (SELECT v FROM s) = (VALUES (3), (2), (1));
ASSERT ROWS (SELECT v FROM s WHERE v > 5) = (SELECT 1 WHERE false);

--@test: a number between two integers is none of them
--@expected.message: - 2.5
ASSERT ROWS (SELECT v FROM s WHERE v = 2) = (VALUES (2.5));

--@test: too many columns
--@expected.message: the expected rows have 3 columns, what they are compared with has 1
ASSERT ROWS (SELECT v FROM s WHERE v = 2) = (VALUES (2, 3, 4));

--@test: a value that is none of the column
--@expected.error: 22P02
ASSERT ROWS (SELECT v FROM s WHERE v = 2) = (VALUES ('two'));

--@test: what changed, in the words of a changelog
ASSERT CHANGES totals = (VALUES ('+I', 'a', 3, '2024-01-01 00:00:02'), ('+I', NULL, 3, '2024-01-01 00:00:03'));
INSERT INTO s VALUES ('a', 4, '2024-01-01 00:00:04');
ASSERT CHANGES totals = (VALUES ('-U', 'a', 3, '2024-01-01 00:00:02'), ('+U', 'a', 7, '2024-01-01 00:00:04'));
ASSERT CHANGES totals = (SELECT '+I', 'a', 1, now() WHERE false);

--@test: rows where none should be
--@expected.message: expected no rows
ASSERT EMPTY totals;

--@test: rows that are late
ADVANCE WATERMARK s TO '2024-01-01 00:01:00';
INSERT INTO s VALUES ('b', 1, '2024-01-01 00:00:59'), ('c', 1, '2024-01-01 00:01:00');
ASSERT ROWS (SELECT k FROM late_rows('s')) = (VALUES ('b'));
ASSERT EQUIVALENT totals SHUFFLE 3;
ASSERT EQUIVALENT totals DUPLICATE;
ASSERT EQUIVALENT totals SHUFFLE 4 DUPLICATE LATE;

--@test: a watermark does not go back
ADVANCE WATERMARK s TO '2024-01-01 00:01:00';
ADVANCE WATERMARK s TO '2024-01-01 00:00:30';
INSERT INTO s VALUES ('b', 1, '2024-01-01 00:00:59');
ASSERT ROWS (SELECT k FROM late_rows('s')) = (VALUES ('b'));

--@test: a stream without a watermark
--@expected.error: 42809
CREATE STREAM plain (v INT) WITH (connector = 'kafka', topic = 'p', properties.bootstrap.servers = 'none:1', format = 'json');
CREATE MATERIALIZED VIEW p AS SELECT v FROM plain;
ADVANCE WATERMARK plain TO '2024-01-01 00:01:00';

--@test: the clock
CREATE TABLE times (at TIMESTAMPTZ PRIMARY KEY);
ADVANCE CLOCK TO '2024-01-01 12:00:00';
ADVANCE CLOCK BY INTERVAL '30 minutes';
ADVANCE CLOCK BY '1 second';
INSERT INTO times SELECT now();
ASSERT ROWS times = (VALUES ('2024-01-01 12:30:01+00'));

--@test: the clock does not go back
--@expected.message: the clock cannot go back
ADVANCE CLOCK TO '2023-01-01';

--@test: no steps of a checkpoint have a name
--@expected.error: 0A000
--@expected.message: a crash at a step of a checkpoint is not supported
CRASH AT manifest;

--@test: a relation that is not there
--@expected.message: there is no relation "nothing"
ASSERT EQUIVALENT nothing;

--@test: a word that is none
--@expected.error: 42601
ASSERT NOTHING;
