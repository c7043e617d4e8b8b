-- Words that mean something in a pattern, a null of everything, the first and last moments of days.
CREATE TABLE things (id INTEGER PRIMARY KEY, word TEXT, amount DOUBLE, flag BOOLEAN, "at" TIMESTAMP, day TEXT, kind TEXT);
INSERT INTO things VALUES
  (1, 'apple', 1, TRUE, '2025-01-01 00:00:00', '2025-01-01', 'new'),
  (2, 'Apple pie', 2.5, FALSE, '2025-01-31 23:59:59', '2025-01-31', 'in_use'),
  (3, '50%', -3, TRUE, '2025-02-01 00:00:00', '2025-02-01', 'gone'),
  (4, 'a_b', 0, FALSE, '2025-02-15 12:30:00', '2025-02-15', 'new'),
  (5, 'it''s !', 10, NULL, '2024-12-31 23:59:59', '2024-12-31', NULL),
  (6, NULL, NULL, TRUE, NULL, NULL, 'new'),
  (7, '', 2.5, FALSE, '2025-03-01 08:00:00', '2025-03-01', 'in_use');
