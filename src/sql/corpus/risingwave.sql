-- Forms of RisingWave and the others.
CREATE SOURCE s (id INT, ts TIMESTAMP, d STRUCT<a INT>, x INT AS (d).a, WATERMARK FOR ts AS ts - INTERVAL '5 minutes') INCLUDE KEY AS k INCLUDE TIMESTAMP AS kts INCLUDE HEADER 'h' AS hh
  WITH (connector='kafka', topic='t', properties.bootstrap.server='b', scan.startup.mode='earliest') FORMAT PLAIN ENCODE JSON;
CREATE TABLE t (*, gen INT AS id + 1, PRIMARY KEY (id)) APPEND ONLY WITH (connector = 'kafka') FORMAT UPSERT ENCODE AVRO (schema.registry = 'http://x');
CREATE INDEX i ON mv (c) INCLUDE (d) DISTRIBUTED BY (c);
CREATE SINK k FROM mv WITH (connector='kafka', properties.bootstrap.server='b', topic='o', primary_key='id') FORMAT UPSERT ENCODE JSON;
CREATE SINK k AS SELECT a FROM t WITH (connector = 'print');
SELECT * FROM TUMBLE(s, ts, INTERVAL '1 MINUTE');
SELECT count(*) OVER (PARTITION BY a ORDER BY ts SESSION WITH GAP INTERVAL '5 minutes') FROM t;
SELECT * FROM a JOIN b FOR SYSTEM_TIME AS OF PROCTIME() ON a.k = b.k;
SELECT * FROM a ASOF LEFT JOIN b ON a.k = b.k AND b.t <= a.t;
SELECT * FROM a LEFT ASOF JOIN b MATCH_CONDITION (a.t >= b.t) ON a.k = b.k;
SELECT * FROM t WHERE ts > now() - INTERVAL '1 day';
CREATE SUBSCRIPTION u FROM mv WITH (retention='1D');
CREATE AGGREGATE f(INT) RETURNS INT LANGUAGE javascript AS $$ x $$;
CREATE CONNECTION c WITH (type = 'kafka');
EXPLAIN (VERBOSE, TRACE) SELECT 1;
SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1;
SELECT * EXCLUDE (a), t.* EXCEPT (b) FROM t GROUP BY ALL;
SELECT a FROM t GROUP BY TUMBLE(INTERVAL '1 minute');
CREATE CONNECTION IF NOT EXISTS c WITH (type = 'kafka', properties.bootstrap.server = 'broker:9092', properties.sasl.password = SECRET p);
CREATE CONNECTION m TO KAFKA (BROKER 'broker:9092', SECURITY PROTOCOL = 'SASL_SSL', SASL MECHANISMS = 'PLAIN', SASL USERNAME 'u', SASL PASSWORD = SECRET p);
