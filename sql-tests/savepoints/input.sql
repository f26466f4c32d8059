-- What comes after the savepoint: it changes, takes back and closes what the state holds.
INSERT INTO sales VALUES (7, 1, 'tea', 150.00, 2, '2024-03-02 08:00:00'), (8, 3, 'pepper', 5, 0, '2024-03-02 08:00:01');
DELETE FROM sales WHERE id IN (2, 4);
UPDATE shops SET name = 'south', facts = '{"open": [1]}' WHERE id = 2;
INSERT INTO clicks VALUES ('bob', 'tea', '2024-03-01 10:01:20'), ('ann', 'tea', '2024-03-01 10:00:50'), ('ann', 'tea', '2024-03-01 10:05:00');
FLUSH;
