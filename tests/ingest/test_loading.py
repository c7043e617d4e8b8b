"""A file becomes a table: types are inferred, rows are upserted by key, and what is wrong is told with its line."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS as POSTGRES_WORDS
from sqlalchemy.dialects.sqlite.base import SQLiteIdentifierPreparer

from ingest import DataError, load_table
from ingest.naming import RESERVED, plain_name

pytestmark = pytest.mark.anyio

ORDERS = """id,Order Date,amount,paid,zip,at
1,2026-01-31,10,true,07001,2026-01-31T23:30:00+02:00
2,,12.5,false,12345,2026-02-01 08:00
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "cube.sqlite")


def write(tmp_path: Path, text: str, name: str = "orders.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def look(database: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


async def test_types_are_inferred_and_shown(tmp_path: Path, database: str) -> None:
    report = await load_table(database, "orders", write(tmp_path, ORDERS), key=["id"])
    assert report.columns == {
        "id": "integer",
        "order_date": "date",
        "amount": "number",
        "paid": "boolean",
        "zip": "text",
        "at": "time",
    }
    assert (report.rows, report.created) == (2, True)
    assert look(database, "SELECT * FROM orders") == [
        (1, "2026-01-31", 10.0, 1, "07001", "2026-01-31 21:30:00.000000"),
        (2, None, 12.5, 0, "12345", "2026-02-01 08:00:00.000000"),
    ]


async def test_rows_are_upserted_by_key(tmp_path: Path, database: str) -> None:
    await load_table(database, "orders", write(tmp_path, ORDERS), key=["id"])
    more = "id,amount\n2,99\n3,1\n"
    report = await load_table(database, "orders", write(tmp_path, more), key=["id"])
    assert not report.created
    assert look(database, "SELECT id, amount, zip FROM orders") == [
        (1, 10.0, "07001"),
        (2, 99.0, "12345"),
        (3, 1.0, None),
    ]


async def test_json_lines_are_read_too(tmp_path: Path, database: str) -> None:
    lines = '{"id": 1, "tags": ["a"], "n": 1}\n\n{"id": 2, "n": 2.5, "late": "2026-01-01"}\n'
    report = await load_table(database, "things", write(tmp_path, lines, "things.jsonl"), key=["id"])
    assert report.columns == {"id": "integer", "tags": "text", "n": "number", "late": "date"}
    assert look(database, "SELECT * FROM things") == [(1, '["a"]', 1.0, None), (2, None, 2.5, "2026-01-01")]


async def test_parquet_is_read_where_duckdb_is(tmp_path: Path, database: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "things.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS id, DATE '2026-01-31' AS day, 'x' AS name) TO '{path}' (FORMAT parquet)")
    report = await load_table(database, "things", path)
    assert report.columns == {"id": "integer", "day": "date", "name": "text"}


async def test_a_dry_run_shows_the_types_alone(tmp_path: Path, database: str) -> None:
    report = await load_table(database, "orders", write(tmp_path, ORDERS), dry_run=True)
    assert report.dry_run
    assert not Path(database).exists()


@pytest.mark.parametrize(
    ("table", "text", "name", "key", "message"),
    [
        ("orders", "id,a\n1\n", "orders.csv", [], r"orders\.csv:2: there are 1 values for 2 columns"),
        ("orders", "", "orders.csv", [], "no line of column names"),
        ("orders", "id\n", "orders.csv", [], "holds no rows"),
        ("orders", "id\n1\n", "orders.csv", ["nr"], "no column nr to be the key"),
        ("orders", '{"id": 1}\n{"id', "orders.jsonl", [], r"orders\.jsonl:2: this is not JSON"),
        ("orders", "[1]", "orders.jsonl", [], "not a JSON object"),
        ("orders", "x", "orders.xls", [], "files of this form cannot be read"),
        ("tests", "id\n1\n", "orders.csv", [], "belongs to the sync"),
        ("a; b", "id\n1\n", "orders.csv", [], "cannot be the name of a table"),
        ("orders", "id,id\n1,2\n", "orders.csv", [], r'orders\.csv:1: two columns have the same name, "id"'),
        ("orders", "id,a,\n1,2,\n", "orders.csv", [], r"orders\.csv:1: column 3 has no name"),
        ("orders", 'id,a\n1,"x\n2,y\n', "orders.csv", [], r"orders\.csv:3: this is not CSV: unexpected end of data"),
        (
            "orders",
            "id,a\n1,2,3\n",
            "orders.csv",
            [],
            r"orders\.csv:2: there are 3 values for 2 columns.*separated by ,",
        ),
        (
            "orders",
            "a b,a_b\n1,2\n",
            "orders.csv",
            [],
            r'columns "a b" and "a_b" would both be column a_b\. Rename one',
        ),
        ("orders", "Id,ID\n1,2\n", "orders.csv", [], r'columns "Id" and "ID" would both be column id\.'),
        ("orders", "id,%\n1,2\n", "orders.csv", [], r'a column is called "%"\. Name it by letters'),
        ("Tests", "id\n1\n", "orders.csv", [], "belongs to the sync"),
    ],
)
async def test_mistakes_are_told(
    tmp_path: Path, database: str, table: str, text: str, name: str, key: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        await load_table(database, table, write(tmp_path, text, name), key=key)
    assert not Path(database).exists()


async def test_a_table_that_does_not_fit_is_left_as_it_is(tmp_path: Path, database: str) -> None:
    await load_table(database, "orders", write(tmp_path, ORDERS), key=["id"])
    for text, key, message in (
        ("id,colour\n1,red\n", ["id"], "has no column colour"),
        ("id,zip\n1,2\n", ["zip"], "has another key: id"),
        ("id\n9\n", [], "holds rows already"),
    ):
        with pytest.raises(DataError, match=message):
            await load_table(database, "orders", write(tmp_path, text), key=key)
    assert look(database, "SELECT count(*) FROM orders") == [(2,)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id,amount\n3,cheap\n4,1\n",
            r'orders\.csv:2: amount is a column of type number, and "cheap" is none\. Nothing was written',
        ),
        (
            "id,Order Date\n3,2026-02-30\n",
            r'orders\.csv:2: order_date is a column of type date, and "2026-02-30" is none',
        ),
        ("id,paid\n3,true\n4,maybe\n", r'orders\.csv:3: paid is a column of type boolean, and "maybe" is none'),
        ("id,at\n3.5,2026-01-01 00:00\n", r'orders\.csv:2: id is a column of type integer, and "3\.5" is none'),
        ("id,amount\n3,1\n,2\n", r"orders\.csv:3: there is no value of the key, id"),
        ("id,amount\n3,1\n4,1\n3,2\n", r'orders\.csv:4: line 2 has the same key, id "3"'),
    ],
)
async def test_a_value_that_does_not_fit_the_table_is_told_with_its_line(
    tmp_path: Path, database: str, text: str, message: str
) -> None:
    await load_table(database, "orders", write(tmp_path, ORDERS), key=["id"])
    before = look(database, "SELECT * FROM orders")
    for dry_run in (True, False):
        with pytest.raises(DataError, match=message):
            await load_table(database, "orders", write(tmp_path, text), key=["id"], dry_run=dry_run)
    assert look(database, "SELECT * FROM orders") == before


async def test_many_mistakes_are_told_at_once_and_counted(tmp_path: Path, database: str) -> None:
    await load_table(database, "orders", write(tmp_path, ORDERS), key=["id"])
    lines = "".join(f"{number},dear\n" for number in range(25))
    with pytest.raises(DataError, match=r"(?s)orders\.csv:2: .*orders\.csv:11: .*… and 15 more\."):
        await load_table(database, "orders", write(tmp_path, f"id,amount\n{lines}"), key=["id"])


async def test_values_take_the_type_of_the_column_that_is_there(tmp_path: Path, database: str) -> None:
    await load_table(database, "orders", write(tmp_path, ORDERS), key=["id"])
    more = '{"id": 3, "zip": 12345, "amount": 2, "at": "2026-03-01"}\n'
    report = await load_table(database, "orders", write(tmp_path, more, "more.jsonl"), key=["id"])
    assert report.columns == {"id": "integer", "zip": "text", "amount": "number", "at": "time"}
    assert look(database, "SELECT zip, amount, at FROM orders WHERE id = 3") == [
        ("12345", 2.0, "2026-03-01 00:00:00.000000")
    ]


async def test_decimals_and_other_things_of_parquet_are_kept(tmp_path: Path, database: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "things.parquet"
    values = "1 AS id, 12.50::DECIMAL(9, 2) AS price, [DATE '2026-01-31'] AS days, TIMESTAMP '2026-01-31 10:00' AS at"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {values}) TO '{path}' (FORMAT parquet)")
    report = await load_table(database, "things", path, key=["id"])
    assert report.columns == {"id": "integer", "price": "number", "days": "text", "at": "time"}
    assert look(database, "SELECT * FROM things") == [(1, 12.5, '["2026-01-31"]', "2026-01-31 10:00:00.000000")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
async def test_a_spreadsheet_may_separate_values_by_other_things_than_commas(
    tmp_path: Path, database: str, separator: str
) -> None:
    lines = [("\ufeffid", "name", "empty"), ("1", f'"a{separator} ""b"""', ""), ("2", '"two\r\nlines"', "")]
    text = "\r\n".join(separator.join(line) for line in lines)
    report = await load_table(database, "orders", write(tmp_path, text), key=["id"])
    assert report.columns == {"id": "integer", "name": "text", "empty": "text"}
    assert look(database, "SELECT * FROM orders") == [(1, f'a{separator} "b"', None), (2, "two\r\nlines", None)]


async def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path, database: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes("id,name\n1,tea\n2,café\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"orders\.csv:3: this is not UTF-8\. Save it as UTF-8.*iconv"):
        await load_table(database, "orders", path)


async def test_a_load_that_is_stopped_leaves_nothing(tmp_path: Path, database: str) -> None:
    path = write(tmp_path, "id\n" + "".join(f"{number}\n" for number in range(200_000)))
    task = asyncio.create_task(load_table(database, "orders", path))
    while not Path(database).exists():
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert look(database, "SELECT count(*) FROM sqlite_schema") == [(0,)]


@pytest.mark.parametrize(
    ("values", "kind", "stored"),
    [
        (["31.01.2026", "1.2.2026", "2026-03-04"], "date", ["2026-01-31", "2026-02-01", "2026-03-04"]),
        (["31/01/2026", "01/02/2026"], "date", ["2026-01-31", "2026-02-01"]),
        (["1/31/2026", "1/2/2026"], "date", ["2026-01-31", "2026-01-02"]),
        (["31-1-2026", ""], "date", ["2026-01-31", None]),
        (["2026/01/02"], "date", ["2026-01-02"]),
        (["31.01.2026 9:05", "1.2.2026"], "time", ["2026-01-31 09:05:00.000000", "2026-02-01 00:00:00.000000"]),
        (["1/31/2026 12:10 AM", "1/2/2026 1:00:07 pm"], "time", ["2026-01-31 00:10:00.000000", "2026-01-02 13:00:07.000000"]),
        (["12,5", "-0,25", "7"], "number", [12.5, -0.25, 7.0]),
        (["1.234,5", "1.234", "12"], "number", [1234.5, 1234.0, 12.0]),
        (["1,234.5", "1,234"], "number", [1234.5, 1234.0]),
        (["1,234,567", "89"], "integer", [1234567, 89]),
        (["1\u00a0234,5", "1\u202f234"], "number", [1234.5, 1234.0]),
        (["1'234.50"], "number", [1234.5]),
        (["1.234", "12.5"], "number", [1.234, 12.5]),
    ],
)  # fmt: skip
async def test_dates_and_numbers_of_other_spellings_are_read_where_the_column_leaves_no_doubt(
    tmp_path: Path, database: str, values: list[str], kind: str, stored: list[Any]
) -> None:
    lines = "".join(f"{line};{value}\n" for line, value in enumerate(values))
    report = await load_table(database, "orders", write(tmp_path, f"id;value\n{lines}"), key=["id"])
    assert report.columns["value"] == kind
    assert look(database, "SELECT value FROM orders ORDER BY id") == [(one,) for one in stored]
    if values[0] != str(stored[0]):
        assert [note.split(" is ")[0] for note in report.notes] == ["value"], "what is read otherwise than it stands"
    else:
        assert report.notes == ()


@pytest.mark.parametrize(
    ("values", "kind", "note"),
    [
        (["1/2/2026", "3/4/2026"], "text", "otherwise: 2026-02-01 with --dates day-first or 2026-01-02 with --dates month-first"),
        (["12/12/2026", "1/2/2026"], "text", '"1/2/2026" may be meant otherwise'),
        (["1,234", "5"], "text", '"1,234" may be meant otherwise: 1.234 with --decimal comma or 1234 with --decimal point'),
        (["1.234", "5.678"], "number", '"1.234" may be meant otherwise: 1234 with --decimal comma or 1.234 with --decimal point'),
        (["31/1/2026", "1/31/2026"], "text", '"31/1/2026" and "1/31/2026" are not written in the same way'),
        (["12.5", "12,5"], "text", '"12.5" and "12,5" are not written in the same way'),
        (["1.234,5", "1,234.5"], "text", "are not written in the same way"),
    ],
)  # fmt: skip
async def test_what_a_column_leaves_open_is_told_and_stays_as_it_stands(
    tmp_path: Path, database: str, values: list[str], kind: str, note: str
) -> None:
    lines = "".join(f"{line};{value}\n" for line, value in enumerate(values))
    report = await load_table(database, "orders", write(tmp_path, f"id;value\n{lines}"), key=["id"])
    assert report.columns["value"] == kind
    (told,) = report.notes
    assert told.startswith(f"value is a {kind}")
    assert note in told
    assert [str(value) for (value,) in look(database, "SELECT value FROM orders ORDER BY id")] == values


@pytest.mark.parametrize(
    ("values", "given", "stored"),
    [
        (["1/2/2026"], {"dates": "day-first"}, ["2026-02-01"]),
        (["1/2/2026"], {"dates": "month-first"}, ["2026-01-02"]),
        (["1.2.2026"], {"dates": "month-first"}, ["2026-02-01"]),
        (["1,234", "5"], {"decimal": "comma"}, [1.234, 5.0]),
        (["1,234", "5"], {"decimal": "point"}, [1234, 5]),
        (["1.234", "5"], {"decimal": "comma"}, [1234, 5]),
        (["1.234", "12.5"], {"decimal": "comma"}, [1.234, 12.5]),
    ],
)
async def test_options_settle_what_a_column_leaves_open(
    tmp_path: Path, database: str, values: list[str], given: dict[str, Any], stored: list[Any]
) -> None:
    lines = "".join(f"{line};{value}\n" for line, value in enumerate(values))
    await load_table(database, "orders", write(tmp_path, f"id;value\n{lines}"), key=["id"], **given)
    assert look(database, "SELECT value FROM orders ORDER BY id") == [(one,) for one in stored]


@pytest.mark.parametrize(
    "values",
    [
        ["110 001", "560 034"],
        ["192.168.0.1"],
        ["2026-02-30", "30.02.2026"],
        ["1.2.26"],
        ["31.01.2026 25:00"],
        ["31.01.2026 13:00 PM"],
        ["007,5"],
        ["12,5", "n/a"],
        ["n/a", "31.01.2026"],
        ["01.234"],
    ],
)
async def test_codes_and_remarks_stay_texts(tmp_path: Path, database: str, values: list[str]) -> None:
    lines = "".join(f"{line};{value}\n" for line, value in enumerate(values))
    report = await load_table(database, "orders", write(tmp_path, f"id;value\n{lines}"), key=["id"])
    assert (report.columns["value"], report.notes) == ("text", ())


async def test_values_that_are_no_texts_are_of_no_spelling(tmp_path: Path, database: str) -> None:
    lines = '{"id": 1, "a": 1.234, "b": "31.01.2026"}\n{"id": 2, "a": "1.234,5", "b": "1.2.2026"}\n'
    report = await load_table(database, "things", write(tmp_path, lines, "things.jsonl"), key=["id"])
    assert report.columns == {"id": "integer", "a": "text", "b": "date"}


async def test_a_table_that_is_there_takes_dates_and_numbers_of_other_spellings_and_texts_as_they_stand(
    tmp_path: Path, database: str
) -> None:
    await load_table(database, "orders", write(tmp_path, ORDERS), key=["id"])
    text = "id;Order Date;amount;zip\n3;31.01.2026;1.234,50;1,5\n"
    report = await load_table(database, "orders", write(tmp_path, text), key=["id"])
    assert look(database, "SELECT order_date, amount, zip FROM orders WHERE id = 3") == [("2026-01-31", 1234.5, "1,5")]
    assert [note.split(" is ")[0] for note in report.notes] == ["order_date", "amount"]
    with pytest.raises(
        DataError, match=r'(?s)2: order_date is a column of type date, and "1/2/2026" is none.*--dates month-first'
    ):
        await load_table(database, "orders", write(tmp_path, "id,Order Date\n4,1/2/2026\n"), key=["id"])
    await load_table(database, "orders", write(tmp_path, "id,Order Date\n4,1/2/2026\n"), key=["id"], dates="day-first")
    assert look(database, "SELECT order_date FROM orders WHERE id = 4") == [("2026-02-01",)]


async def test_keys_are_compared_as_they_are_read(tmp_path: Path, database: str) -> None:
    text = "day;n\n31.01.2026;1\n31.1.2026;2\n"
    with pytest.raises(DataError, match=r"orders\.csv:3: line 2 has the same key, day"):
        await load_table(database, "orders", write(tmp_path, text), key=["day"])
    await load_table(database, "orders", write(tmp_path, "day;n\n31.01.2026;1\n"), key=["day"])
    await load_table(database, "orders", write(tmp_path, "day;n\n2026-01-31;5\n"), key=["day"])
    assert look(database, "SELECT * FROM orders") == [("2026-01-31", 5)]


async def test_names_need_no_quotes_and_what_the_file_calls_otherwise_is_told(tmp_path: Path, database: str) -> None:
    text = "orderID,Order,user,Betrag (EUR),Größe,key\n1,a,b,2.5,3,x\n"
    report = await load_table(database, "NewOrders", write(tmp_path, text), key=["orderID"])
    assert report.renamed == {
        "orderID": "order_id",
        "Order": "order_",
        "user": "user_",
        "Betrag (EUR)": "betrag_eur",
        "Größe": "größe",
    }
    assert report.notes == ("Table NewOrders is called new_orders, which needs no quotes.",)
    plain = "SELECT order_id, order_, user_, betrag_eur, größe, key FROM new_orders"
    assert look(database, plain) == [(1, "a", "b", 2.5, 3, "x")]
    again = await load_table(database, "NewOrders", write(tmp_path, text.replace("2.5", "4")), key=["order_id"])
    assert (again.created, look(database, "SELECT betrag_eur FROM new_orders")) == (False, [(4.0,)])


@pytest.mark.parametrize("names", [("Orders", "Orders"), ("orders", "Orders"), ("myOrders", "my_orders")])
async def test_a_table_is_found_again_by_the_name_that_it_was_made_by(
    tmp_path: Path, database: str, names: tuple[str, str]
) -> None:
    reports = [await load_table(database, name, write(tmp_path, ORDERS), key=["id"]) for name in names]
    assert [report.created for report in reports] == [True, False]


async def test_a_long_name_is_as_long_as_every_database_takes_it(tmp_path: Path, database: str) -> None:
    question = "Wie zufrieden sind Sie mit der Größe der angebotenen Auswahl an Schuhen?"
    report = await load_table(database, "answers", write(tmp_path, f"id,{question}\n1,2\n"))
    assert report.renamed == {question: "wie_zufrieden_sind_sie_mit_der_größe_der_angebotenen_auswahl_"}
    assert [len(name.encode()) for name in report.columns] == [2, 63]


async def test_a_table_of_another_spelling_takes_the_file_as_before(tmp_path: Path, database: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        columns = '"OrderID" INTEGER PRIMARY KEY, "Amount" FLOAT, "order" TEXT, shippedby TEXT'
        connection.execute(f"CREATE TABLE Orders ({columns})")
        connection.execute("INSERT INTO Orders VALUES (1, 2, 'a', 'b')")
        connection.commit()
    text = "OrderID,Amount,order,ShippedBy\n1,3,c,d\n2,4,e,f\n"
    for key in ("OrderID", "order_id"):
        report = await load_table(database, "Orders", write(tmp_path, text), key=[key])
        assert (report.table, report.renamed) == ("Orders", {"ShippedBy": "shippedby"})
    assert (await load_table(database, "orders", write(tmp_path, text), key=[key])).table == "Orders"
    assert look(database, "SELECT * FROM orders") == [(1, 3.0, "c", "d"), (2, 4.0, "e", "f")]
    with pytest.raises(DataError, match=r'columns "OrderID" and "order_id" would both be column OrderID'):
        await load_table(database, "Orders", write(tmp_path, "OrderID,order_id\n1,2\n"), key=["OrderID"])


def test_names_are_changed_that_sqlite_reserves() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for word in sorted(SQLiteIdentifierPreparer.reserved_words | POSTGRES_WORDS | RESERVED):
            name = plain_name(word)
            connection.execute(f"CREATE TABLE {name} ({name} TEXT)")
            connection.execute(f"INSERT INTO {name} VALUES ('kept')")
            assert connection.execute(f"SELECT {name}, {name}.{name} FROM {name}").fetchall() == [("kept", "kept")]
            assert (name != word) == (word in RESERVED)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "a.csv",
            "id,said\n1,tea\n2,a\0b\n",
            r'a\.csv:3: said has a NUL character in "a\\x00b", which no text in a database',
        ),
        ("a.csv", "id,n\0\n1,\0\n", r'a\.csv:2: n has a NUL character in "\\x00"'),
        ("a.jsonl", '{"id": 1}\n{"id": 2, "t": "\\ud83d"}\n', r'a\.jsonl:2: t has half a letter in "\\ud83d"'),
        ("a.jsonl", '{"id": 2, "t": {"u": ["\\ud83d"]}}\n', r"a\.jsonl:1: t has half a letter in"),
    ],
)
async def test_what_no_text_can_have_is_told_with_its_line_and_column(
    tmp_path: Path, database: str, name: str, text: str, message: str
) -> None:
    for dry_run in (True, False):
        with pytest.raises(DataError, match=message):
            await load_table(database, "things", write(tmp_path, text, name), key=["id"], dry_run=dry_run)


async def test_no_number_is_none(tmp_path: Path, database: str) -> None:
    lines = '{"id": 1, "a": NaN}\n{"id": 2, "a": 3}\n'
    report = await load_table(database, "things", write(tmp_path, lines, "things.jsonl"), key=["id"])
    assert report.columns == {"id": "integer", "a": "integer"}
    assert look(database, "SELECT * FROM things") == [(1, None), (2, 3)]
