/** What a reader needs of one kind of statement. */
export interface StatementGuide {
  /** As the session's handlers name it. */
  readonly kind: string;
  readonly title: string;
  /** One line: capitals are words of the language, small letters what the user names, `[…]` optional, `|` or. */
  readonly syntax: string;
  /** Statements that run, one after another in the order of this file. */
  readonly example: string;
  readonly about: string;
}

export interface StatementGroup {
  readonly title: string;
  readonly statements: readonly StatementGuide[];
}

const relations: readonly StatementGuide[] = [
  {
    kind: 'create-stream',
    title: 'CREATE STREAM',
    syntax:
      "CREATE STREAM [IF NOT EXISTS] name (column type [NOT NULL], column type METADATA FROM 'key' VIRTUAL, column AS expression, WATERMARK FOR column AS column - INTERVAL '…') [WITH (connector = '…', …)]",
    example:
      "CREATE STREAM bids (auction BIGINT, price BIGINT, at TIMESTAMP(3), part INT METADATA FROM 'partition' VIRTUAL, cents AS price * 100,\n    WATERMARK FOR at AS at - INTERVAL '4 seconds')\n  WITH (connector = 'kafka', topic = 'bids', properties.bootstrap.servers = '127.0.0.1:9092', format = 'json')",
    about: 'Rows that only ever arrive. Without WITH the stream is kept by fsql itself and written by INSERT and COPY.',
  },
  {
    kind: 'create-source',
    title: 'CREATE SOURCE',
    syntax: "CREATE SOURCE [IF NOT EXISTS] name (…) WITH (connector = '…', …)",
    example: "CREATE SOURCE clicks (id BIGINT, url TEXT) WITH (connector = 'datagen', rows-per-second = 10)",
    about:
      "The same as CREATE STREAM. Materialize's `CREATE SOURCE name FROM KAFKA CONNECTION c (TOPIC 't') FORMAT {TEXT | BYTES | JSON} [INCLUDE …] [ENVELOPE NONE]` has the whole message in one column: `text`, or `data` of type BYTEA or JSONB.",
  },
  {
    kind: 'create-table',
    title: 'CREATE TABLE',
    syntax:
      "CREATE [OR REPLACE] [TEMPORARY] TABLE [IF NOT EXISTS] name ([LIKE relation [INCLUDING …],] column type [PRIMARY KEY | NOT NULL | UNIQUE | CHECK (condition) | DEFAULT expression | GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY [(START WITH n INCREMENT BY n …)]], …) [WITH (connector = '…', …)] [LIKE relation [(EXCLUDING …)]] [ON COMMIT {PRESERVE ROWS | DROP}] [AS query]",
    example: 'CREATE TABLE items (id INT PRIMARY KEY, name TEXT NOT NULL, price NUMERIC(10,2) DEFAULT 0)',
    about:
      'Rows that INSERT, UPDATE, DELETE and COPY change. Over a connector with a PRIMARY KEY: the newest row of each key, from a compacted topic (`upsert-kafka`) or from change events (`debezium-json`, `canal-json`, `maxwell-json`); without a key a stream of rows. UNIQUE and CHECK hold for stored tables, and IDENTITY and SERIAL columns count in them: over a crash, with gaps as in PostgreSQL. AS fills it: once, or over a connector as a job. OR REPLACE … AS puts a stored table with the rows of the query, which may read the old one, in its place at once. TEMPORARY (or TEMP; of streams, views and functions, too): only the session that makes it finds it, before others of its name, and when the session ends it is dropped, but for what a view, sink or subscription that stays reads. ON COMMIT DROP drops a temporary table when its transaction commits.',
  },
  {
    kind: 'create-view',
    title: 'CREATE VIEW',
    syntax: 'CREATE [OR REPLACE] [TEMPORARY] VIEW name [(column, …)] AS query',
    example: 'CREATE VIEW cheap AS SELECT id, name FROM items WHERE price < 10',
    about: 'A name for a query, put in wherever it is read.',
  },
  {
    kind: 'create-materialized-view',
    title: 'CREATE MATERIALIZED VIEW',
    syntax: 'CREATE [OR REPLACE] MATERIALIZED VIEW [IF NOT EXISTS] name [(column, …)] AS query [EMIT ON UPDATE | EMIT ON WINDOW CLOSE]',
    example: 'CREATE MATERIALIZED VIEW per_auction AS SELECT auction, count(*) AS bids, max(price) AS top FROM bids GROUP BY auction',
    about:
      'A query kept up to date. Returns when the view is complete; with `SET background_ddl = on` at once, and the view is made also when the server is killed meanwhile, unless it is dropped. OR REPLACE (also of streams, tables, views and sinks) builds it and what reads it anew; readers see the old one or the new one.',
  },
  {
    kind: 'create-sink',
    title: 'CREATE SINK',
    syntax:
      "CREATE SINK [IF NOT EXISTS] name {AS query | FROM relation} WITH (connector = '…', …) | CREATE SINK [IF NOT EXISTS] name INTO table [(column, …)] {AS query | FROM relation} [WITH (type = {'append-only' | 'upsert'})]",
    example: "CREATE SINK tops AS SELECT auction, price FROM bids WHERE price > 100 WITH (connector = 'blackhole')",
    about:
      'A query written to another system as it changes; with INTO, to a table that is stored here and goes on taking INSERT, UPDATE and DELETE: by its primary key, or, without one, only more rows. What the sink has written stays when it is dropped. WITH may stand before AS.',
  },
  {
    kind: 'create-index',
    title: 'CREATE INDEX',
    syntax: 'CREATE INDEX [IF NOT EXISTS] [name] ON relation [USING btree] (column, …) [INCLUDE (column, …)]',
    example: 'CREATE INDEX by_bids ON per_auction (bids) INCLUDE (top)',
    about:
      'SELECTs with `=` on its first columns, or a bound for the next one, look at the rows they find and no others; EXPLAIN names the index. Of tables and materialized views; primary keys, UNIQUE and the key of a GROUP BY are used alike. The first read that wants it builds it. `DROP INDEX name`, `SHOW INDEXES [FROM relation]`.',
  },
  {
    kind: 'create-schema',
    title: 'CREATE SCHEMA',
    syntax: 'CREATE SCHEMA [IF NOT EXISTS] name',
    example: 'CREATE SCHEMA sales',
    about: 'A namespace of relations.',
  },
  {
    kind: 'create-secret',
    title: 'CREATE SECRET',
    syntax: "CREATE SECRET [IF NOT EXISTS] name [WITH (backend = 'meta')] AS 'value'",
    example: "CREATE SECRET kafka_password WITH (backend = 'meta') AS 'hunter2'",
    about:
      'An option says `SECRET kafka_password` in the place of a text; only the connector is handed the value, and no statement or catalog shows it. It is kept as it is in the catalog’s log on disk. `DROP SECRET` is refused while options refer to it.',
  },
  {
    kind: 'create-connection',
    title: 'CREATE CONNECTION',
    syntax:
      "CREATE CONNECTION [IF NOT EXISTS] name {WITH (type = 'kafka', properties.bootstrap.servers = '…', properties.… = '…') | TO KAFKA (BROKER '…', SECURITY PROTOCOL = '…', SASL … = '…')}",
    example:
      "CREATE CONNECTION brokers WITH (type = 'kafka', properties.bootstrap.servers = '127.0.0.1:9092', properties.sasl.password = SECRET kafka_password)",
    about:
      'Client properties under a name: streams, tables, sinks and PRINT say `connection = brokers`, and in the place of a property what they say themselves. `SHOW CONNECTIONS`; `DROP CONNECTION` is refused while a relation is reached by it. Addresses and properties are checked as far as that needs no broker. `ALTER CONNECTION name {SET (property = value, …) | RESET (property, …)}` takes effect at once: jobs that use it go on from a checkpoint, under the new properties.',
  },
  {
    kind: 'create-type',
    title: 'CREATE TYPE',
    syntax: 'CREATE TYPE [IF NOT EXISTS] name AS type',
    example: 'CREATE TYPE address AS STRUCT<street VARCHAR, number INT>',
    about: 'Another name for a type, written out wherever it is used: `DROP TYPE` changes nothing that was made with it.',
  },
  {
    kind: 'comment-on',
    title: 'COMMENT ON',
    syntax: "COMMENT ON {STREAM | TABLE | VIEW | MATERIALIZED VIEW | SINK | SCHEMA} name IS {'text' | NULL}",
    example: "COMMENT ON TABLE items IS 'what we sell'",
    about: 'Shown by `\\d+` and fsql_catalog.relations.',
  },
  {
    kind: 'alter',
    title: 'ALTER',
    syntax:
      'ALTER {STREAM | SOURCE | TABLE | VIEW | MATERIALIZED VIEW | SINK} [IF EXISTS] name {RENAME TO name | RENAME [COLUMN] column TO name | SET SCHEMA schema | SWAP WITH name | SET PARALLELISM n | {SET | CONNECTOR WITH} (option = value, …) | RESET (option, …) | AS query | ADD [COLUMN] [IF NOT EXISTS] column type … | DROP [COLUMN] [IF EXISTS] column | ALTER [COLUMN] column {SET DEFAULT expression | DROP DEFAULT | SET NOT NULL | DROP NOT NULL | [SET DATA] TYPE type [USING expression]} | ADD [CONSTRAINT name] {UNIQUE (column, …) | CHECK (condition)} | DROP CONSTRAINT [IF EXISTS] name}',
    example: 'ALTER TABLE items RENAME TO goods; ALTER TABLE goods RENAME TO items',
    about:
      'Other names: what reads it goes on, with its state. AS puts another query in the place of that of a materialized view. Columns that come to or go from a stored table, or come to a stream without a connector, write its rows anew and build again what reads it; rows of such a stream that were late or bad are forgotten. SET and RESET of options start the job again from a checkpoint: client properties, addresses and passwords, what happens with bad rows, idle times, retentions. What says which topic, table or rows cannot be altered.',
  },
  {
    kind: 'create-function',
    title: 'CREATE FUNCTION and CREATE AGGREGATE',
    syntax:
      'CREATE [OR REPLACE] [TEMPORARY] FUNCTION [IF NOT EXISTS] name (argument type, …) RETURNS {type | SETOF type | TABLE (column type, …)} [STRICT] LANGUAGE {sql | javascript} {AS $$ … $$ | RETURN expression}\nCREATE [OR REPLACE] AGGREGATE name (type, …) RETURNS type LANGUAGE javascript AS $$ … $$',
    example: 'CREATE FUNCTION twice(x INT) RETURNS INT LANGUAGE javascript AS $$ return 2 * x; $$',
    about:
      'A function in SQL becomes part of the query that calls it. JavaScript runs without host, clock and chance; an error, a wrong type or a call that takes too long (500 ms, WITH (timeout_ms = …)) is an error of its row.',
  },
  {
    kind: 'drop-function',
    title: 'DROP FUNCTION',
    syntax: 'DROP {FUNCTION | AGGREGATE} [IF EXISTS] name [(type, …)] [CASCADE | RESTRICT]',
    example: 'DROP FUNCTION IF EXISTS twice(INT)',
    about: 'Views that call it depend on it.',
  },
  {
    kind: 'drop',
    title: 'DROP',
    syntax: 'DROP {STREAM | SOURCE | TABLE | VIEW | MATERIALIZED VIEW | SINK | INDEX | SCHEMA} [IF EXISTS] name, … [CASCADE | RESTRICT]',
    example: 'DROP SINK tops',
    about: 'With CASCADE also what depends on it; without, that is an error that names it.',
  },
];

const rows: readonly StatementGuide[] = [
  {
    kind: 'query',
    title: 'SELECT, VALUES, TABLE, WITH',
    syntax:
      '[WITH name [(column, …)] AS ({query | INSERT … | UPDATE … | DELETE … | MERGE …}), …] SELECT … [FROM …] [WHERE …] [GROUP BY …] [HAVING …] [ORDER BY …] [LIMIT n]',
    example: 'SELECT auction, top FROM per_auction WHERE bids > 3 ORDER BY top DESC LIMIT 10',
    about:
      'One answer, at one epoch for everything it reads. In front of a whole SELECT, INSERT, UPDATE, DELETE or MERGE a name in WITH may stand for a statement that changes rows: `WITH gone AS (DELETE FROM items WHERE price > 100 RETURNING *) INSERT INTO archive SELECT * FROM gone`. All parts read what was there before, run once whether they are read or not, know of each other what RETURNING says, and are one change. Two parts that change one row are 21000.',
  },
  {
    kind: 'merge',
    title: 'MERGE',
    syntax:
      'MERGE INTO name [AS alias] USING relation ON condition WHEN {MATCHED | NOT MATCHED [BY TARGET] | NOT MATCHED BY SOURCE} [AND condition] THEN {UPDATE SET … | DELETE | INSERT [(column, …)] VALUES (…) | DO NOTHING} … [RETURNING …]',
    example:
      "MERGE INTO items USING (VALUES (1, 'coffee', 3.50)) AS news (id, name, price) ON items.id = news.id WHEN MATCHED THEN UPDATE SET price = news.price WHEN NOT MATCHED THEN INSERT VALUES (news.id, news.name, news.price) RETURNING merge_action(), items.id",
    about: 'Each pair of rows takes the first WHEN that fits it. A row of the table that two rows of the source would change is 21000.',
  },
  {
    kind: 'insert',
    title: 'INSERT',
    syntax:
      'INSERT INTO name [(column, …)] {VALUES (…), … | query} [ON CONFLICT [(column, …) | ON CONSTRAINT name] DO {NOTHING | UPDATE SET … | ERROR | DEDUPLICATE}] [RETURNING …]',
    example: "INSERT INTO items VALUES (1, 'coffee', 3.20), (2, 'cake', 4.50) ON CONFLICT (id) DO UPDATE SET price = excluded.price RETURNING id",
    about:
      'Into a table or a stream. Over a connector a query over relations becomes a job, named `insert_into_` and the target, that writes until DROP SINK; rows of VALUES are written once. In the dialects of Flink and ksqlDB one from a stream without end is such a job into a stored table, too. Of a job DO DEDUPLICATE is what is done anyway: the newest row of a key takes the place of the one before; DO NOTHING and DO ERROR want a query that has one row a key.',
  },
  {
    kind: 'statement-set',
    title: 'EXECUTE STATEMENT SET',
    syntax: 'EXECUTE STATEMENT SET BEGIN INSERT INTO name …; … END',
    example:
      "CREATE TABLE prices (price BIGINT) WITH (connector = 'blackhole'); EXECUTE STATEMENT SET BEGIN INSERT INTO prices SELECT price FROM bids; INSERT INTO prices SELECT cents FROM bids; END",
    about: 'Several INSERTs, into stored tables as well, whose jobs start together or, if one is refused, not at all.',
  },
  {
    kind: 'update',
    title: 'UPDATE',
    syntax: 'UPDATE table SET column = expression, … [FROM …] [WHERE …] [RETURNING …]',
    example: 'UPDATE items SET price = price * 1.1 WHERE id = 2 RETURNING price',
    about: 'Tables only.',
  },
  {
    kind: 'delete',
    title: 'DELETE',
    syntax: 'DELETE FROM table [USING …] [WHERE …] [RETURNING …]',
    example: 'DELETE FROM items WHERE price > 100',
    about: 'Tables only.',
  },
  {
    kind: 'truncate',
    title: 'TRUNCATE',
    syntax: 'TRUNCATE [TABLE] name, …',
    example: 'TRUNCATE items',
    about: 'Deletes every row, in the transaction like any DELETE.',
  },
  {
    kind: 'copy',
    title: 'COPY',
    syntax: 'COPY {name [(column, …)] | (query) | (SUBSCRIBE …)} {TO STDOUT | FROM STDIN} [WITH (FORMAT text | csv, HEADER, …)]',
    example: 'COPY (SELECT id, name FROM items ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)',
    about: "Files are the client's: psql's `\\copy`. With a subscription it streams until it is cancelled.",
  },
  {
    kind: 'subscribe',
    title: 'SUBSCRIBE',
    syntax: 'SUBSCRIBE {name | (query)} [WITH (SNAPSHOT [= false], PROGRESS)]',
    example: 'BEGIN; DECLARE changes CURSOR FOR SUBSCRIBE per_auction WITH (SNAPSHOT, PROGRESS); FETCH 1 FROM changes; COMMIT',
    about:
      'Every net change, epoch by epoch: `fsql_epoch`, `fsql_progressed`, `fsql_diff`, then the columns. Runs until cancelled; psql shows it through COPY or a cursor.',
  },
  {
    kind: 'print',
    title: 'PRINT',
    syntax: "PRINT {'topic' | relation} [FROM BEGINNING] [INTERVAL n] [LIMIT n] [WITH (properties.bootstrap.servers = '…', …)]",
    example: `PRINT 'bids' FROM BEGINNING LIMIT 0`,
    about:
      'Records of a topic as they lie there, whatever their format: `partition`, `offset`, `rowtime`, `key`, `value`; bytes that are no text as `\\x…`. From now on or FROM BEGINNING, every n-th with INTERVAL, until LIMIT or a cancel. The broker is that of a relation over the topic, or in WITH.',
  },
];

const cursors: readonly StatementGuide[] = [
  {
    kind: 'create-subscription',
    title: 'CREATE SUBSCRIPTION',
    syntax: "CREATE SUBSCRIPTION [IF NOT EXISTS] name FROM relation WITH (retention = 'duration')",
    example: "CREATE SUBSCRIPTION item_changes FROM items WITH (retention = '1 day')",
    about: 'The changes of the relation stay readable that long, also across restarts. They are kept in memory and in state.',
  },
  {
    kind: 'begin',
    title: 'BEGIN',
    syntax: 'BEGIN | START TRANSACTION [ISOLATION LEVEL …] [READ ONLY | READ WRITE]',
    example: 'BEGIN',
    about:
      'Everything read until COMMIT is of one epoch; everything written becomes one change. What is defined comes with the COMMIT or not at all; until then the block itself sees it, and its new tables can be written and read.',
  },
  {
    kind: 'set-transaction',
    title: 'SET TRANSACTION',
    syntax: 'SET TRANSACTION {ISOLATION LEVEL … | READ ONLY | READ WRITE}',
    example: 'SET TRANSACTION READ WRITE',
    about: 'Every isolation level reads one epoch, which is repeatable read.',
  },
  {
    kind: 'savepoint',
    title: 'SAVEPOINT',
    syntax: 'SAVEPOINT name',
    example: 'SAVEPOINT before_changes',
    about: 'A point inside the transaction to go back to.',
  },
  {
    kind: 'rollback-to-savepoint',
    title: 'ROLLBACK TO',
    syntax: 'ROLLBACK TO [SAVEPOINT] name',
    example: 'ROLLBACK TO SAVEPOINT before_changes',
    about: 'Takes back what was written since.',
  },
  { kind: 'release-savepoint', title: 'RELEASE', syntax: 'RELEASE [SAVEPOINT] name', example: 'RELEASE before_changes', about: 'Forgets the point.' },
  {
    kind: 'declare-cursor',
    title: 'DECLARE CURSOR',
    syntax: 'DECLARE name [NO SCROLL] CURSOR FOR {query | SUBSCRIBE …}',
    example: 'DECLARE pages CURSOR FOR SELECT * FROM items ORDER BY id',
    about: 'Inside a transaction; forward only.',
  },
  {
    kind: 'declare-subscription-cursor',
    title: 'DECLARE SUBSCRIPTION CURSOR',
    syntax: 'DECLARE name SUBSCRIPTION CURSOR FOR subscription [SINCE {now() | begin() | milliseconds} | FULL]',
    example: 'DECLARE changes SUBSCRIPTION CURSOR FOR item_changes SINCE begin()',
    about:
      "The relation's columns, op (Insert, UpdateDelete, UpdateInsert, Delete) and rw_timestamp. SINCE the rw_timestamp of the last row goes on where " +
      'a cursor ended, once all rows with that timestamp have been fetched.',
  },
  {
    kind: 'fetch',
    title: 'FETCH, MOVE',
    syntax: "FETCH [count | ALL | NEXT] [FROM] name [WITH (timeout = 'duration')]",
    example: 'FETCH 100 FROM pages',
    about: 'The next rows of a cursor; of a subscription, those there are, or what comes within the timeout.',
  },
  { kind: 'close-cursor', title: 'CLOSE', syntax: 'CLOSE {name | ALL}', example: 'CLOSE pages', about: 'Ends a cursor.' },
  { kind: 'commit', title: 'COMMIT', syntax: 'COMMIT | END', example: 'COMMIT', about: 'Returns when the changes are on disk and can be read.' },
  { kind: 'rollback', title: 'ROLLBACK', syntax: 'ROLLBACK | ABORT', example: 'BEGIN; DELETE FROM items; ROLLBACK', about: 'Nothing was written.' },
  {
    kind: 'prepare',
    title: 'PREPARE',
    syntax: 'PREPARE name [(type, …)] AS statement',
    example: 'PREPARE cheaper (numeric) AS SELECT name FROM items WHERE price < $1',
    about: 'A statement with parameters, for this session.',
  },
  { kind: 'execute', title: 'EXECUTE', syntax: 'EXECUTE name [(value, …)]', example: 'EXECUTE cheaper (5)', about: 'Runs it.' },
  { kind: 'deallocate', title: 'DEALLOCATE', syntax: 'DEALLOCATE {name | ALL}', example: 'DEALLOCATE cheaper', about: 'Forgets it.' },
];

const session: readonly StatementGuide[] = [
  {
    kind: 'set',
    title: 'SET',
    syntax: 'SET [SESSION | LOCAL] name {= | TO} value',
    example: "SET statement_timeout = '30s'",
    about: 'See [settings](settings.md).',
  },
  {
    kind: 'set-time-zone',
    title: 'SET TIME ZONE',
    syntax: "SET TIME ZONE {'name' | hours}",
    example: "SET TIME ZONE 'Europe/Warsaw'",
    about: 'For showing and reading timestamps with time zone.',
  },
  {
    kind: 'set-session-characteristics',
    title: 'SET SESSION CHARACTERISTICS',
    syntax: 'SET SESSION CHARACTERISTICS AS TRANSACTION {ISOLATION LEVEL … | READ ONLY | READ WRITE}',
    example: 'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
    about: 'What new transactions start with.',
  },
  { kind: 'show-setting', title: 'SHOW name', syntax: 'SHOW {name | ALL}', example: 'SHOW timezone', about: "A setting's value." },
  { kind: 'reset', title: 'RESET', syntax: 'RESET {name | ALL}', example: 'RESET timezone', about: 'Back to the default.' },
  {
    kind: 'alter-system',
    title: 'ALTER SYSTEM',
    syntax: 'ALTER SYSTEM {SET name {= | TO} {value | DEFAULT} | RESET {name | ALL}}',
    example: "ALTER SYSTEM SET idle_session_timeout = '2h'; ALTER SYSTEM RESET ALL",
    about:
      'What sessions begin with that are opened from now on, over restarts too; options of a connection come before it. Running sessions keep what they have.',
  },
  { kind: 'use', title: 'USE', syntax: 'USE schema', example: 'USE public', about: 'Puts the schema first on the search path.' },
  {
    kind: 'define',
    title: 'DEFINE',
    syntax: "DEFINE name = 'value'",
    example: "DEFINE least = '5';",
    about: "ksqlDB's variables: later statements of the session write `${name}`, in strings, too.",
  },
  {
    kind: 'undefine',
    title: 'UNDEFINE',
    syntax: 'UNDEFINE name',
    example: 'UNDEFINE least;',
    about: 'Forgets a variable.',
  },
  {
    kind: 'add-jar',
    title: 'ADD JAR',
    syntax: "ADD JAR 'path'",
    example: "ADD JAR '/opt/functions.jar';",
    about: 'Read for the sake of scripts for Flink: it warns and does nothing.',
  },
  {
    kind: 'discard',
    title: 'DISCARD',
    syntax: 'DISCARD {ALL | PLANS | SEQUENCES | TEMPORARY}',
    example: 'DISCARD PLANS',
    about: 'Forgets prepared statements, cursors and settings of the session, and releases its advisory locks.',
  },
  {
    kind: 'maintain',
    title: 'VACUUM, ANALYZE',
    syntax: '{VACUUM | ANALYZE} [(option, …)] [relation [(column, …)], …]',
    example: 'VACUUM (ANALYZE) items',
    about: 'Read for the sake of tools that send them: a notice says that there is nothing to do. What they name has to be there.',
  },
];

const inspection: readonly StatementGuide[] = [
  {
    kind: 'show-objects',
    title: 'SHOW …',
    syntax:
      "SHOW {STREAMS | SOURCES | TABLES | VIEWS | MATERIALIZED VIEWS | SINKS | JOBS | BACKFILLS | FUNCTIONS | SCHEMAS | DATABASES | CONNECTORS | CURSORS} [FROM schema] [LIKE 'pattern']",
    example: "SHOW STREAMS LIKE 'b%'",
    about:
      'What there is. BACKFILLS are views, sinks and other relations that are being created, with how far each is with what it reads ([fsql_catalog.backfills](system-relations.md#backfills)).',
  },
  {
    kind: 'show-columns',
    title: 'SHOW COLUMNS',
    syntax: "SHOW COLUMNS FROM name [LIKE 'pattern']",
    example: 'SHOW COLUMNS FROM bids',
    about: 'Names, types, where values come from.',
  },
  { kind: 'describe', title: 'DESCRIBE', syntax: 'DESCRIBE name', example: 'DESCRIBE bids', about: 'The same.' },
  {
    kind: 'show-create',
    title: 'SHOW CREATE',
    syntax: 'SHOW CREATE {STREAM | TABLE | VIEW | MATERIALIZED VIEW | SINK} name',
    example: 'SHOW CREATE MATERIALIZED VIEW per_auction',
    about: 'The statement that makes it, secrets left out.',
  },
  {
    kind: 'explain',
    title: 'EXPLAIN',
    syntax:
      'EXPLAIN [LOGICAL | PHYSICAL | JOBGRAPH | CODEGEN | CHANGELOG | STATE | WATERMARK | ANALYZE | (option [, …] [, FORMAT {TEXT | JSON}])] {query | CREATE VIEW … | CREATE MATERIALIZED VIEW … | CREATE SINK … | [MATERIALIZED VIEW | SINK | STREAM | TABLE] name | ROW (view, key, …) | ROW (view WHERE condition) | UPGRADE [MATERIALIZED VIEW] view TO query}',
    example:
      'EXPLAIN SELECT auction, count(*) FROM bids GROUP BY auction;\nEXPLAIN STATE SELECT auction, array_agg(price) FROM bids GROUP BY auction EMIT CHANGES;\nEXPLAIN CHANGELOG per_auction;\nEXPLAIN WATERMARK bids;\nEXPLAIN ROW (per_auction, 1);\nEXPLAIN UPGRADE per_auction TO SELECT auction, count(*), max(price) FROM bids GROUP BY auction;\nEXPLAIN (ANALYZE, FORMAT JSON) MATERIALIZED VIEW per_auction',
    about:
      "What would run, or what a relation runs; changes nothing, and runs nothing but the SELECT behind ANALYZE. Without a word the operators, how results are emitted and, for a sink, how they are delivered. STATE: what each operator keeps, what bounds it, and the clause that would (`fsql check --strict-state` refuses what nothing bounds). CHANGELOG: which edges only add rows, where updates begin, and what a sink needs. WATERMARK: which partition holds event time back and which row would close the next window. ANALYZE of a SELECT runs it and shows rows and time of each step; of a relation: rows, shares of the time and state of its job. ROW: the rows of streams and tables that made a row of a view. UPGRADE: what `ALTER MATERIALIZED VIEW … AS` would do to the state of a view and of what reads it, operator by operator: restored, new (built anew from which rows) or dropped. Flink's PLAN FOR, ESTIMATED_COST, CHANGELOG_MODE, PLAN_ADVICE and JSON_EXECUTION_PLAN and RisingWave's VERBOSE and TRACE are taken for the nearest. [Reading a plan](../reading-plans.md) goes through an example.",
  },
];

const assertions: readonly StatementGuide[] = [
  {
    kind: 'assert-contents',
    title: 'ASSERT ROWS, ASSERT CHANGES and ASSERT OUTPUT',
    syntax: 'ASSERT ROWS {name | function(…) | (query)} = (query) | ASSERT CHANGES name = (query) | ASSERT OUTPUT sink = (query)',
    example:
      "INSERT INTO items VALUES (7, 'bread', 2.10); ASSERT ROWS (SELECT name, price FROM items WHERE id = 7) = (VALUES ('bread', 2.1)); ASSERT CHANGES per_auction = (SELECT '+I', * FROM per_auction); ASSERT CHANGES per_auction = (SELECT '+I', * FROM per_auction WHERE false)",
    about:
      'ROWS: both have the same rows, in any order and as often; otherwise it is an error, P0004, whose DETAIL has the rows that are missing (`-`) or too many (`+`). All that is asserted is read at one epoch. CHANGES: what has come (`+I`, `+U`) and gone (`-D`, `-U`) since the last such assertion of this session that held; at the first one all rows have come. OUTPUT: the records of the sink’s topic, as `(value)` or `(key, value)`, since the last such assertion of this session that held, or from its beginning; what a sink delivers exactly once is there soon after a CHECKPOINT. In a file of `fsql test` there is more: [the language of tests](../../sql-tests/README.md).',
  },
  {
    kind: 'assert-empty',
    title: 'ASSERT EMPTY',
    syntax: 'ASSERT EMPTY {name | function(…) | (query)}',
    example: "ASSERT EMPTY bad_rows('bids')",
    about: 'It has no rows.',
  },
  {
    kind: 'assert-values',
    title: 'ASSERT VALUES',
    syntax: 'ASSERT VALUES name (column, …) VALUES (…), …',
    example: "ASSERT VALUES items (id, name) VALUES (7, 'bread')",
    about: "ksqlDB's: each of these rows is there, beside whatever else is.",
  },
  {
    kind: 'assert-null-values',
    title: 'ASSERT NULL VALUES',
    syntax: 'ASSERT NULL VALUES name (column, …) KEY (value, …)',
    example: 'ASSERT NULL VALUES items (id) KEY (4711)',
    about: "ksqlDB's: no row has that key.",
  },
  {
    kind: 'assert-definition',
    title: 'ASSERT STREAM and ASSERT TABLE',
    syntax: 'ASSERT {STREAM | TABLE} name [(column type, …)] [WITH (option = value, …)]',
    example: "ASSERT STREAM bids WITH (format = 'json')",
    about: "ksqlDB's: the columns in order with their types, and the options that are named.",
  },
  {
    kind: 'assert-topic',
    title: 'ASSERT TOPIC',
    syntax: 'ASSERT [NOT EXISTS] TOPIC name [WITH (partitions = n, option = value, …)]',
    example: 'ASSERT TOPIC bids WITH (partitions = 2)',
    about:
      "ksqlDB's: whether a topic is there. It is looked for where a stream, table or sink over it says, or where WITH says (as in PRINT), or where all other topics are.",
  },
  {
    kind: 'assert-equivalent',
    title: 'ASSERT EQUIVALENT',
    syntax: 'ASSERT EQUIVALENT view',
    example: 'ASSERT EQUIVALENT per_auction',
    about:
      'A materialized view holds what its query gives over its inputs, at one epoch. Outside of tests not for views over topics: more may come while they are read.',
  },
  {
    kind: 'advance-clock',
    title: 'ADVANCE CLOCK',
    syntax: 'ADVANCE CLOCK {TO time | BY interval}',
    example: "ADVANCE CLOCK BY '10 seconds'",
    about:
      'Moves the time of a test (`fsql test`, `fsql serve --test-clock`, `open({ clock })`), where it stands still otherwise. When it returns, what was due on the way is there to be read. Elsewhere it is an error, 55000.',
  },
  {
    kind: 'advance-watermark',
    title: 'ADVANCE WATERMARK',
    syntax: 'ADVANCE WATERMARK stream TO time',
    example: "ADVANCE WATERMARK bids TO '2024-01-01 12:00:00'",
    about: 'In a test: as if each partition of the stream had reached that time. Elsewhere it is an error, 55000.',
  },
];

const jobs: readonly StatementGuide[] = [
  {
    kind: 'flush',
    title: 'FLUSH',
    syntax: 'FLUSH',
    example: 'FLUSH',
    about: 'Ends the running epoch: what was written or read before can be seen. With `read_level = durable` it makes a checkpoint.',
  },
  {
    kind: 'control-job',
    title: 'PAUSE, RESUME, STOP, CANCEL and TERMINATE',
    syntax:
      "{PAUSE | RESUME} [JOB] {name | 'job id' | ALL}\n{STOP | CANCEL | TERMINATE} [JOB] {sink | 'job id' | ALL}\n{STOP | CANCEL} [JOB] {sink | 'job id' | ALL} WITH SAVEPOINT ['directory']\nSTOP [JOB] {sink | 'job id' | ALL} [WITH SAVEPOINT ['directory']] WITH DRAIN",
    example: 'PAUSE per_auction; RESUME per_auction',
    about:
      'A paused view or sink keeps its state and position, over restarts too; what reads it pauses with it. STOP ends a sink, WITH SAVEPOINT after a savepoint of everything has been made, WITH DRAIN after the windows of its query have closed and are committed.',
  },
  {
    kind: 'alter-job',
    title: 'ALTER JOB',
    syntax:
      "ALTER JOB {name | 'job id'} {SET PARALLELISM {= | TO} {n | ADAPTIVE} | SET (option = value, …) | RESET (option, …) | SUSPEND | RESUME | RENAME TO name}",
    example: 'ALTER JOB per_auction SET PARALLELISM = 1',
    about: 'ALTER of the relation whose job it is, by the names and ids that SHOW JOBS has.',
  },
  {
    kind: 'checkpoint',
    title: 'CHECKPOINT',
    syntax: 'CHECKPOINT',
    example: 'CHECKPOINT',
    about: 'Makes a checkpoint and waits until it is on disk.',
  },
  {
    kind: 'create-savepoint',
    title: 'CREATE SAVEPOINT',
    syntax: "CREATE SAVEPOINT ['directory']",
    example: "CREATE SAVEPOINT '/backups/monday'",
    about:
      'Writes definitions, positions and state of everything into an empty directory of the server, which `fsql serve --from-savepoint` starts from. Without a directory a new one below `savepoint_dir`. See [Savepoints](../savepoints.md).',
  },
  {
    kind: 'check-state',
    title: 'CHECK STATE',
    syntax: 'CHECK STATE',
    example: 'CHECK STATE',
    about: 'Reads everything on disk that the kept checkpoints need, one row a file; `problem` says what is damaged.',
  },
  { kind: 'wait', title: 'WAIT', syntax: 'WAIT', example: 'WAIT', about: 'Until statements started with `background_ddl` are done.' },
];

/** Every statement that does something, in the order of the page. A test compares the kinds with the session's handlers and runs the examples. */
export const statementGroups: readonly StatementGroup[] = [
  { title: 'Relations', statements: relations },
  { title: 'Rows', statements: rows },
  { title: 'Transactions, cursors and prepared statements', statements: cursors },
  { title: 'The session', statements: session },
  { title: 'Looking around', statements: inspection },
  { title: 'Assertions', statements: assertions },
  { title: 'The engine', statements: jobs },
];
