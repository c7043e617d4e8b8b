-- A small shop: an order of an unknown customer, a customer without an order, an item without a product.
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, region TEXT, age INTEGER, latitude REAL, longitude REAL, tenant INTEGER);
INSERT INTO customers VALUES
  (1, 'Ada', 'EAST', 30, 52.5, 13.4, 1), (2, 'Ben', 'EAST', 40, 52.5, 13.4, 1), (3, 'Cem', 'WEST', 50, 50.9, 7.0, 1),
  (4, 'Ada', 'NORTH', 60, 53.6, 10.0, 1), (5, 'Eve', NULL, 70, NULL, NULL, 1), (6, 'Fay', 'EAST', 20, 52.5, 13.4, 2);

CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, status TEXT, amount REAL, is_deleted BOOLEAN, created_at TIMESTAMP);
INSERT INTO orders VALUES
  (101, 1, 'paid', 100, FALSE, '2025-01-15 10:00:00'), (102, 1, 'paid', 50, FALSE, '2025-01-20 11:00:00'),
  (103, 2, 'open', 200, FALSE, '2025-02-10 12:00:00'), (104, 3, 'paid', 75, FALSE, '2025-02-11 13:00:00'),
  (105, 99, 'paid', 30, FALSE, '2025-04-01 14:00:00'), (106, 5, 'paid', 10, FALSE, '2025-04-02 15:00:00'),
  (107, 5, 'paid', 500, TRUE, '2025-04-03 16:00:00');

CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER, product TEXT, quantity INTEGER);
INSERT INTO items VALUES
  (1, 101, 'A', 1), (2, 101, 'B', 2), (3, 101, 'C', 3), (4, 102, 'A', 1), (5, 103, 'A', 5), (6, 103, 'B', 1), (7, 104, NULL, 2);

CREATE TABLE refunds (id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL, created_at TIMESTAMP);
INSERT INTO refunds VALUES
  (201, 1, 10, '2025-01-30 09:00:00'), (202, 3, 5, '2025-02-20 09:00:00'), (203, 4, 15, '2025-03-05 09:00:00');

CREATE TABLE stock (product TEXT, day DATE, quantity INTEGER, PRIMARY KEY (product, day));
INSERT INTO stock VALUES ('A', '2025-01-31', 7), ('A', '2025-02-28', 4), ('B', '2025-01-31', 9), ('B', '2025-02-28', 6);

CREATE TABLE syncs (orders_at TIMESTAMP);
INSERT INTO syncs VALUES ('2025-04-05 00:00:00');
