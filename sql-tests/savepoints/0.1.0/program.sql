-- What the savepoint of a release holds: a view for each operator with state, over rows of all storage kinds, late and retracted ones among them.
CREATE TABLE shops (id INT PRIMARY KEY, name TEXT NOT NULL, opened TIMESTAMPTZ, tags TEXT[], facts JSONB);
CREATE TABLE sales (id BIGINT PRIMARY KEY, shop INT, item TEXT, amount NUMERIC(12, 2), weight DOUBLE PRECISION, sold_at TIMESTAMP);
CREATE STREAM clicks (who TEXT, page TEXT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '5' SECOND);

CREATE MATERIALIZED VIEW per_shop AS
  SELECT shop, count(*) AS n, sum(amount) AS total, min(weight) AS lightest, max(sold_at) AS last, count(DISTINCT item) AS items
  FROM sales GROUP BY shop;
CREATE MATERIALIZED VIEW overall AS SELECT count(*) AS shops, sum(total) AS total, max(n) AS most FROM per_shop;
CREATE MATERIALIZED VIEW named AS SELECT s.id, s.item, s.amount, h.name, h.tags FROM sales s JOIN shops h ON h.id = s.shop;
CREATE MATERIALIZED VIEW unsold AS SELECT h.id, h.name, s.id AS sale FROM shops h LEFT JOIN sales s ON s.shop = h.id AND s.amount > 100;
CREATE MATERIALIZED VIEW without_sales AS SELECT id, name FROM shops WHERE NOT EXISTS (SELECT FROM sales WHERE sales.shop = shops.id);
CREATE MATERIALIZED VIEW dearest AS
  SELECT shop, id, amount, place FROM (SELECT shop, id, amount, row_number() OVER (PARTITION BY shop ORDER BY amount DESC, id) AS place FROM sales)
  WHERE place <= 2;
CREATE MATERIALIZED VIEW newest AS SELECT id, item FROM sales ORDER BY sold_at DESC, id LIMIT 3;
CREATE MATERIALIZED VIEW items AS SELECT DISTINCT item FROM sales;
CREATE MATERIALIZED VIEW only_sold AS SELECT item FROM sales EXCEPT SELECT page FROM clicks;
CREATE MATERIALIZED VIEW running AS SELECT id, shop, sum(amount) OVER (PARTITION BY shop ORDER BY id) AS so_far FROM sales;
CREATE MATERIALIZED VIEW per_minute AS
  SELECT window_start, page, count(*) AS n FROM TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE) GROUP BY window_start, window_end, page;
CREATE MATERIALIZED VIEW closed_minutes AS
  SELECT window_start, count(*) AS n, count(DISTINCT who) AS people FROM TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE)
  GROUP BY window_start, window_end EMIT ON WINDOW CLOSE;
CREATE MATERIALIZED VIEW sliding AS
  SELECT window_start, count(*) AS n FROM HOP(TABLE clicks, DESCRIPTOR(at), INTERVAL '30' SECOND, INTERVAL '1' MINUTE)
  GROUP BY window_start, window_end EMIT ON WINDOW CLOSE;
CREATE MATERIALIZED VIEW visits AS
  SELECT who, window_start, window_end, count(*) AS n FROM SESSION(TABLE clicks PARTITION BY who, DESCRIPTOR(at), INTERVAL '20' SECOND)
  GROUP BY who, window_start, window_end;
CREATE MATERIALIZED VIEW ended_visits AS
  SELECT who, window_start, window_end, count(*) AS n FROM SESSION(TABLE clicks PARTITION BY who, DESCRIPTOR(at), INTERVAL '20' SECOND)
  GROUP BY who, window_start, window_end EMIT ON WINDOW CLOSE;
CREATE MATERIALIZED VIEW came_back AS
  SELECT * FROM clicks MATCH_RECOGNIZE (
    PARTITION BY who ORDER BY at MEASURES a.at AS first, b.at AS again ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW
    PATTERN (a x* b) DEFINE a AS page = 'tea', x AS page <> 'tea', b AS page = 'tea');
CREATE SINK written WITH (connector = 'filesystem', path = 'out', format = 'json') AS
  SELECT window_start, count(*) AS n FROM TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE) GROUP BY window_start, window_end EMIT ON WINDOW CLOSE;

INSERT INTO shops VALUES
  (1, 'north', '2024-01-01 10:00:00+02', '{a,"b c",NULL}', '{"open": [9, 18], "size": 1.50}'),
  (2, 'süd ☂', NULL, NULL, NULL),
  (3, 'empty', '1969-12-31 23:59:59.999999+00', '{}', '{"open": null}');
INSERT INTO sales VALUES
  (1, 1, 'tea', 12.50, 0.25, '2024-03-01 10:00:00'), (2, 1, 'rice', 120.00, 'NaN', '2024-03-01 10:00:01'), (3, 1, 'tea', 12.50, -0.0, NULL),
  (4, 2, 'tea', 0.01, 1e300, '2024-03-01 10:00:03'), (5, 2, NULL, NULL, NULL, '2024-03-01 10:00:04'), (6, NULL, 'salt', 99.99, 3, '2024-03-01 10:00:05');
DELETE FROM sales WHERE id = 3;
UPDATE sales SET amount = amount + 1, shop = 2 WHERE id = 6;
INSERT INTO clicks VALUES
  ('ann', 'tea', '2024-03-01 10:00:01'), ('ann', 'rice', '2024-03-01 10:00:11'), ('bob', 'tea', '2024-03-01 10:00:40'), ('ann', 'tea', '2024-03-01 10:00:21');
INSERT INTO clicks VALUES ('bob', 'salt', '2024-03-01 10:01:10'), ('ann', 'pepper', '2024-03-01 10:01:05'), ('eve', 'tea', '2024-03-01 09:00:00');
FLUSH;
CREATE SAVEPOINT 'savepoint';
