-- Orders of an unknown customer, customers without an order, items without a product, an order without items.
CREATE TABLE customers (id INTEGER PRIMARY KEY, region TEXT, age INTEGER);
INSERT INTO customers VALUES (1, 'EAST', 30), (2, 'EAST', 40), (3, 'WEST', 50), (4, 'NORTH', 60), (5, NULL, 70);

CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount INTEGER, status TEXT, created_at TIMESTAMP);
INSERT INTO orders VALUES
  (101, 1, 100, 'completed', '2025-01-15 00:00:00'),
  (102, 1, 50, 'completed', '2025-01-20 00:00:00'),
  (103, 2, 200, 'pending', '2025-02-10 00:00:00'),
  (104, 3, 75, 'completed', '2025-02-11 00:00:00'),
  (105, 99, 30, 'completed', '2025-04-01 00:00:00'),
  (106, 5, 10, 'completed', '2025-04-02 00:00:00');

CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER, product TEXT, qty INTEGER);
INSERT INTO items VALUES
  (1, 101, 'A', 1), (2, 101, 'B', 2), (3, 101, 'C', 3), (4, 102, 'A', 1), (5, 103, 'A', 5), (6, 103, 'B', 1), (7, 104, NULL, 2);

CREATE TABLE returns (id INTEGER PRIMARY KEY, customer_id INTEGER, amount INTEGER, created_at TIMESTAMP);
INSERT INTO returns VALUES
  (201, 1, 10, '2025-01-30 00:00:00'),
  (202, 3, 5, '2025-02-20 00:00:00'),
  (203, 4, 15, '2025-03-05 00:00:00'),
  (204, 5, 1, '2025-04-05 00:00:00'),
  (205, 1, 2, '2025-04-06 00:00:00');

CREATE TABLE stock (product TEXT, day DATE, quantity INTEGER);
INSERT INTO stock VALUES
  ('A', '2025-01-15', 4), ('A', '2025-01-31', 7), ('B', '2025-01-31', 9), ('A', '2025-02-28', 5), ('C', '2025-02-15', NULL);
