-- One customer's data (customer_id 1) with the traps of the real API, and rows of another customer that nobody of the
-- first may see. Times are written as the sync writes them.
CREATE TABLE products (id INTEGER PRIMARY KEY, customer_id INTEGER, title TEXT, type TEXT);
INSERT INTO products VALUES (1, 1, 'Shop', 'website'), (2, 1, 'App', 'mobile_app_ios'), (9, 2, 'Elsewhere', 'website');

-- 13 is no longer listed; 11 and 21 share a title.
CREATE TABLE features (id INTEGER PRIMARY KEY, customer_id INTEGER, product_id INTEGER, title TEXT, deleted BOOLEAN);
INSERT INTO features VALUES
  (11, 1, 1, 'Login', FALSE), (12, 1, 1, 'Checkout', FALSE), (13, 1, 1, 'Search', TRUE), (21, 1, 2, 'Login', FALSE),
  (91, 2, 9, 'Login', FALSE);

-- bob is both; cleo reported a bug and is no tester.
CREATE TABLE users (id INTEGER PRIMARY KEY, customer_id INTEGER, username TEXT, is_tester BOOLEAN, is_customer BOOLEAN);
INSERT INTO users VALUES
  (1, 1, 'ann', TRUE, FALSE), (2, 1, 'bob', TRUE, TRUE), (3, 1, 'cleo', FALSE, TRUE), (4, 1, 'Zoe', TRUE, FALSE),
  (5, 2, 'ann', TRUE, TRUE);

-- 101 ends in the last second of October; 103 and 104 end in the ISO week that holds New Year; 105 and 106 never ran;
-- 107 has no end. 101 and 102 share a title. Nobody created 103 and 107, nobody submitted 104, 106 and 107.
CREATE TABLE tests (
  id INTEGER PRIMARY KEY, customer_id INTEGER, product_id INTEGER, title TEXT, status TEXT, testing_type TEXT,
  review_status TEXT, start_at TIMESTAMP, end_at TIMESTAMP, created_at TIMESTAMP,
  created_by_user_id INTEGER, submitted_by_user_id INTEGER, test_environment_id INTEGER, test_environment TEXT
);
INSERT INTO tests VALUES
  (101, 1, 1, 'Regression', 'archived', 'coverage', 'review_successful', '2025-10-29 08:00:00.000000',
   '2025-10-31 23:59:59.000000', NULL, 3, 3, 7, 'Staging'),
  (102, 1, 1, 'Regression', 'locked', 'focused', 'review_successful', '2025-11-14 08:00:00.000000',
   '2025-11-15 12:00:00.000000', '2025-11-01 09:00:00.000000', 2, 2, 7, 'Staging'),
  (103, 1, 2, 'Smoke', 'running', 'rapid', NULL, '2025-12-28 08:00:00.000000',
   '2025-12-29 10:00:00.000000', NULL, NULL, 3, NULL, NULL),
  (104, 1, 2, 'Checklist', 'archived', 'test_case', NULL, '2026-01-01 08:00:00.000000',
   '2026-01-02 18:00:00.000000', NULL, 3, NULL, NULL, NULL),
  (105, 1, 1, 'Next', 'customer_finalized', 'coverage', 'review_initialized', NULL,
   '2025-11-20 12:00:00.000000', NULL, 3, 3, NULL, NULL),
  (106, 1, 1, 'Called off', 'cancelled', 'coverage', NULL, NULL,
   '2025-11-10 12:00:00.000000', NULL, 3, NULL, NULL, NULL),
  (107, 1, 2, 'Endless', 'archived', 'usability', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (901, 2, 9, 'Elsewhere', 'archived', 'coverage', NULL, NULL, '2025-11-01 00:00:00.000000', NULL, 5, 5, NULL, NULL);

-- 104 has no features; the title is that of the day of the test.
CREATE TABLE test_features (id INTEGER PRIMARY KEY, customer_id INTEGER, test_id INTEGER, feature_id INTEGER, title TEXT);
INSERT INTO test_features VALUES
  (1001, 1, 101, 11, 'Login'), (1002, 1, 101, 12, 'Checkout'), (1003, 1, 101, 13, 'Search'),
  (1004, 1, 102, 11, 'Log-in'), (1005, 1, 102, 12, 'Checkout'), (1006, 1, 103, 21, 'Login'), (1007, 1, 107, 21, 'Login'),
  (1008, 1, 105, 11, 'Login'), (1901, 2, 901, 91, 'Login');

-- Only 101, 102 and 103 say on which platforms they want to be tested.
CREATE TABLE test_platforms (id INTEGER PRIMARY KEY, customer_id INTEGER, test_id INTEGER, operating_system TEXT, category TEXT);
INSERT INTO test_platforms VALUES
  (1, 1, 101, 'iOS', 'Smartphones'), (2, 1, 101, 'Android', 'Smartphones'), (3, 1, 102, 'iOS', 'Tablets'),
  (4, 1, 103, 'Android', 'Smartphones'), (9, 2, 901, 'iOS', 'Smartphones');

-- 5, 8 and 11 name no feature; 4 is about the deleted one; 8 has no author; 10 has neither severity nor status.
CREATE TABLE bugs (
  id INTEGER PRIMARY KEY, customer_id INTEGER, test_id INTEGER, test_feature_id INTEGER, title TEXT, severity TEXT,
  status TEXT, known BOOLEAN, rejection_reason TEXT, reported_by_user_id INTEGER, reported_at TIMESTAMP, language TEXT
);
INSERT INTO bugs VALUES
  (1, 1, 101, 1001, 'No entry', 'critical', 'accepted', FALSE, NULL, 1, '2025-10-30 10:00:00.000000', 'en'),
  (2, 1, 101, 1001, 'Slow', 'high', 'auto_accepted', FALSE, NULL, 2, '2025-10-31 22:00:00.000000', 'en'),
  (3, 1, 101, 1002, 'Typo', 'low', 'rejected', FALSE, 'not_reproducible', 1, '2025-10-30 11:00:00.000000', 'de'),
  (4, 1, 101, 1003, 'Nothing found', 'critical', 'accepted', FALSE, NULL, 2, '2025-10-30 12:00:00.000000', 'en'),
  (5, 1, 101, NULL, 'Shaky', 'visual', 'forwarded', FALSE, NULL, 1, '2025-11-01 00:30:00.000000', 'en'),
  (6, 1, 102, 1004, 'No entry', 'critical', 'rejected', TRUE, 'known_bug', 2, '2025-11-14 10:00:00.000000', 'en'),
  (7, 1, 102, 1005, 'Wrong price', 'content', 'accepted', FALSE, NULL, 1, '2025-11-14 11:00:00.000000', 'en'),
  (8, 1, 102, NULL, 'Odd', 'custom', 'forwarded', FALSE, NULL, NULL, '2025-11-14 12:00:00.000000', NULL),
  (9, 1, 103, 1006, 'Crash', 'high', 'accepted', FALSE, NULL, 2, '2025-12-28 23:30:00.000000', 'en'),
  (10, 1, 103, 1006, 'Half read', NULL, NULL, FALSE, NULL, 1, '2025-12-29 09:00:00.000000', 'en'),
  (11, 1, 104, NULL, 'Step 3 fails', 'low', 'auto_accepted', FALSE, NULL, 3, '2026-01-01 10:00:00.000000', 'en'),
  (12, 1, 107, 1007, 'Loop', 'critical', 'accepted', FALSE, NULL, 1, '2025-11-30 23:59:59.500000', 'en'),
  (91, 2, 901, 1901, 'Theirs', 'critical', 'accepted', FALSE, NULL, 5, '2025-10-30 10:00:00.000000', 'en');

-- 1 was seen on two systems, on iOS on two devices.
CREATE TABLE bug_devices (
  id INTEGER PRIMARY KEY, customer_id INTEGER, bug_id INTEGER, operating_system TEXT, operating_system_version TEXT,
  device TEXT, vendor TEXT, category TEXT, browser TEXT
);
INSERT INTO bug_devices VALUES
  (1, 1, 1, 'iOS', '18', 'iPhone 15', 'Apple', 'Smartphones', 'Safari'),
  (2, 1, 1, 'iOS', '17', 'iPad', 'Apple', 'Tablets', 'Safari'),
  (3, 1, 1, 'Android', '15', 'Pixel 9', 'Google', 'Smartphones', 'Chrome'),
  (4, 1, 2, 'iOS', '18', 'iPhone 15', 'Apple', 'Smartphones', 'Safari'),
  (5, 1, 6, 'Windows', '11', 'Desktop', NULL, 'Computers', 'Edge'),
  (6, 1, 9, 'Android', '15', 'Pixel 9', 'Google', 'Smartphones', NULL),
  (9, 2, 91, 'iOS', '18', 'iPhone 15', 'Apple', 'Smartphones', 'Safari');
