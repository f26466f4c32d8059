-- Orders come from Kafka; revenue a minute, and alerts for what is large, go back to it.
CREATE STREAM orders (
    id BIGINT, product TEXT, amount NUMERIC(8,2), placed_at TIMESTAMP(3),
    WATERMARK FOR placed_at AS placed_at - INTERVAL '5 seconds')
  WITH (connector = 'kafka', topic = 'orders', properties.bootstrap.servers = 'kafka.example.com:9092', format = 'json');

CREATE MATERIALIZED VIEW per_minute AS
  SELECT window_start, product, count(*) AS orders, sum(amount) AS revenue
  FROM TUMBLE(orders, placed_at, INTERVAL '1 minute') GROUP BY window_start, window_end, product;

CREATE MATERIALIZED VIEW sized AS
  SELECT id, CASE WHEN amount >= 100 THEN 'large' WHEN amount >= 10 THEN 'medium' ELSE 'small' END AS size FROM orders;

CREATE SINK alerts
  WITH (connector = 'kafka', topic = 'alerts', properties.bootstrap.servers = 'kafka.example.com:9092', format = 'json') AS
  SELECT product, sum(amount) AS revenue
  FROM TUMBLE(orders, placed_at, INTERVAL '1 minute') GROUP BY window_start, window_end, product EMIT ON WINDOW CLOSE;
