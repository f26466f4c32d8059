--@description: Tests as people write them for ksqlDB's test runner.

--@test: rows of a stream and of a table on it
CREATE STREAM clicks (user_id BIGINT, page TEXT) WITH (connector = 'kafka', topic = 'clicks', properties.bootstrap.servers = 'none:1', format = 'json');
CREATE MATERIALIZED VIEW clicks_of AS SELECT user_id, count(*) AS n FROM clicks GROUP BY user_id;
INSERT INTO clicks (user_id, page) VALUES (1, 'home');
INSERT INTO clicks (user_id, page) VALUES (1, 'cart');
INSERT INTO clicks (page, user_id) VALUES ('home', 2);
ASSERT VALUES clicks (user_id, page) VALUES (1, 'home');
ASSERT VALUES clicks (page) VALUES ('cart');
ASSERT VALUES clicks_of (user_id, n) VALUES (1, 1);
ASSERT VALUES clicks_of (user_id, n) VALUES (1, 2);
ASSERT VALUES clicks_of (n, user_id) VALUES (1, 2);
ASSERT STREAM clicks (user_id BIGINT, page TEXT) WITH (kafka_topic = 'clicks', value_format = 'json');
ASSERT TABLE clicks_of (user_id BIGINT, n BIGINT);
ASSERT TOPIC clicks WITH (partitions = 1);
ASSERT NOT EXISTS TOPIC purchases;

--@test: a tombstone
CREATE TABLE stock (id INT PRIMARY KEY, amount NUMERIC(8,2));
INSERT INTO stock VALUES (1, 5.50), (2, 7);
ASSERT VALUES stock (id, amount) VALUES (1, 5.5), (2, 7);
DELETE FROM stock WHERE id = 1;
ASSERT NULL VALUES stock (id) KEY (1);

--@test: an error by its code and a part of its message
--@expected.error: 42P01
--@expected.message: relation "nothing" does not exist
SELECT * FROM nothing;

--@test: an error that ksqlDB has another name for
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: already exists
CREATE TABLE t (a INT);
CREATE TABLE t (a INT);

--@test: a row may be asserted once
--@expected.message: no such row that was not asserted yet
CREATE TABLE t (a INT PRIMARY KEY);
INSERT INTO t VALUES (1);
ASSERT VALUES t (a) VALUES (1);
ASSERT VALUES t (a) VALUES (1);

--@test: a key that is still there
--@expected.message: "t" still has
CREATE TABLE t (a INT PRIMARY KEY);
INSERT INTO t VALUES (1);
ASSERT NULL VALUES t (a) KEY (1);

--@test: columns that differ
--@expected.message: the columns of "t" differ
CREATE TABLE t (a INT PRIMARY KEY);
ASSERT TABLE t (a BIGINT);

--@test: another kind of relation
--@expected.message: "t" is a table, not a stream
CREATE TABLE t (a INT PRIMARY KEY);
ASSERT STREAM t;

--@test: another number of partitions
--@expected.message: topic "s" has 1 partitions, not 4
CREATE STREAM s (a INT) WITH (connector = 'kafka', topic = 's', properties.bootstrap.servers = 'none:1', format = 'json');
ASSERT TOPIC s WITH (partitions = 4);
