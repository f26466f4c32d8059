-- What the savepoint's state says, as CSV.
SELECT * FROM shops ORDER BY id;
SELECT * FROM sales ORDER BY id;
SELECT * FROM per_shop ORDER BY shop;
SELECT * FROM overall;
SELECT * FROM named ORDER BY id;
SELECT * FROM unsold ORDER BY id, sale;
SELECT * FROM without_sales ORDER BY id;
SELECT * FROM dearest ORDER BY shop, place;
SELECT * FROM newest ORDER BY id;
SELECT * FROM items ORDER BY item;
SELECT * FROM only_sold ORDER BY item;
SELECT * FROM running ORDER BY id;
SELECT * FROM per_minute ORDER BY window_start, page;
SELECT * FROM closed_minutes ORDER BY window_start;
SELECT * FROM sliding ORDER BY window_start;
SELECT * FROM visits ORDER BY who, window_start;
SELECT * FROM ended_visits ORDER BY who, window_start;
SELECT * FROM came_back ORDER BY who, first;
