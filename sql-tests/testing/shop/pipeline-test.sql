--@description: The pipeline of a shop, tested as it is deployed.
\i pipeline.sql

--@test: an order is counted in its minute
INSERT INTO orders VALUES (1, 'coffee', 3.20, '2024-05-01 10:00:05'), (2, 'coffee', 4.00, '2024-05-01 10:00:20');
INSERT INTO orders VALUES (3, 'tea', 12.50, '2024-05-01 10:00:40');
ASSERT ROWS per_minute = (VALUES ('2024-05-01 10:00', 'coffee', 2, 7.2), ('2024-05-01 10:00', 'tea', 1, 12.5));
ASSERT ROWS (SELECT size FROM sized WHERE id = 3) = VALUES ('medium');
ASSERT EQUIVALENT per_minute SHUFFLE 1 DUPLICATE;

--@test: a minute is final when the watermark has passed it
INSERT INTO orders VALUES (1, 'coffee', 3.20, '2024-05-01 10:00:05');
ASSERT CHANGES per_minute = (VALUES ('+I', '2024-05-01 10:00', 'coffee', 1, 3.20));
ADVANCE WATERMARK orders TO '2024-05-01 10:01:00';
ASSERT OUTPUT alerts = (VALUES ('{"product":"coffee","revenue":3.20}'));
ASSERT EMPTY late_rows('orders');
INSERT INTO orders VALUES (2, 'coffee', 1.00, '2024-05-01 10:00:59');
ASSERT ROWS (SELECT id FROM late_rows('orders')) = VALUES (2);
ASSERT EMPTY bad_rows('orders');

--@test: nothing is lost in a crash
INSERT INTO orders VALUES (1, 'coffee', 3.20, '2024-05-01 10:00:05');
CHECKPOINT;
INSERT INTO orders VALUES (2, 'tea', 2.00, '2024-05-01 10:00:06');
CRASH;
RESTORE PARALLELISM 3;
FLUSH;
ASSERT ROWS (SELECT product, revenue FROM per_minute) = (VALUES ('coffee', 3.20), ('tea', 2.00));
