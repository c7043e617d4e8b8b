"""Databases: rows, limits, time-outs that stop the statement, and refusals in the reader's words."""

import asyncio
import dataclasses
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import duckdb
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from engine.errors import DatabaseError, QueryTimeout
from engine.execute import sqlite
from engine.execute.database import Database, open_database
from engine.execute.networked import NetworkedDatabase, explain
from engine.execute.sqlite import open_url
from engine.execute.threaded import ThreadedDatabase
from tests.rights import closed_folder, opened

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT SUM(i % 7) FROM n"
BUGS = "CREATE TABLE bugs (id INTEGER PRIMARY KEY, severity TEXT); INSERT INTO bugs VALUES (1, 'low'), (2, 'critical')"


def sqlite_file(folder: Path) -> str:
    path = folder / "cube.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(BUGS)
    connection.close()
    return f"sqlite:///{path}"


def duckdb_file(folder: Path) -> str:
    path = folder / "cube.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(BUGS)
    return f"duckdb:///{path}"


@pytest.fixture(params=[sqlite_file, duckdb_file], ids=["sqlite", "duckdb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    make: Callable[[Path], str] = request.param
    return make(tmp_path)


async def refusal(database: Database, sql: str, *parameters: object) -> tuple[str, str]:
    """The code and the message with which `database` refuses `sql`."""
    with pytest.raises(DatabaseError) as caught:
        await database.fetch(sql, parameters)
    (issue,) = caught.value.issues
    assert caught.value.__cause__ is not None
    return issue.code, issue.message


async def test_rows_come_with_columns_and_seconds(url: str) -> None:
    async with open_database(url) as database:
        fetched = await database.fetch("SELECT id, severity FROM bugs WHERE id > ? ORDER BY id", [0])
    assert fetched.columns == ("id", "severity")
    assert fetched.rows == ((1, "low"), (2, "critical"))
    assert 0 < fetched.seconds < 10
    assert not fetched.cut


async def test_rows_beyond_the_most_are_cut_and_it_is_told(url: str) -> None:
    async with open_database(url) as database:
        cut = await database.fetch("SELECT id FROM bugs ORDER BY id", [], max_rows=1)
        whole = await database.fetch("SELECT id FROM bugs ORDER BY id", [], max_rows=2)
    assert (cut.rows, cut.cut) == (((1,),), True)
    assert (len(whole.rows), whole.cut) == (2, False)


async def test_a_database_says_where_it_is_and_what_it_speaks(url: str) -> None:
    async with open_database(url) as database:
        assert database.url == url
        assert database.dialect == url.partition(":")[0]


async def test_statements_run_side_by_side(url: str) -> None:
    async with open_database(url) as database:
        answers = await asyncio.gather(*(database.fetch("SELECT ? + COUNT(*) FROM bugs", [n]) for n in range(20)))
    assert [answer.rows[0][0] for answer in answers] == [n + 2 for n in range(20)]


async def test_a_timeout_stops_the_statement_in_the_database(url: str) -> None:
    async with open_database(url) as database:
        begin = time.perf_counter()
        with pytest.raises(QueryTimeout) as caught:
            await database.fetch(ENDLESS, [], timeout=0.3)
        assert time.perf_counter() - begin < 3
        assert caught.value.issues[0].code == "E_TIMEOUT"
        await nothing_runs(database)
        assert (await database.fetch("SELECT COUNT(*) FROM bugs", [])).rows == ((2,),)


async def test_cancelling_the_caller_stops_the_statement_in_the_database(url: str) -> None:
    async with open_database(url) as database:
        task = asyncio.create_task(database.fetch(ENDLESS, []))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await nothing_runs(database)
        assert (await database.fetch("SELECT COUNT(*) FROM bugs", [])).rows == ((2,),)


async def test_a_cancelled_scope_of_a_server_stops_the_statement_in_the_database(url: str) -> None:
    async with open_database(url) as database:
        with anyio.move_on_after(0.2):
            await database.fetch(ENDLESS, [])
        await nothing_runs(database)


async def test_statements_that_wait_for_their_turn_can_be_given_up(url: str) -> None:
    async with open_database(url) as database:
        tasks = [asyncio.create_task(database.fetch(ENDLESS, [], timeout=0.3)) for _ in range(12)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} == {QueryTimeout}
        await nothing_runs(database)
        assert (await database.fetch("SELECT 1", [], timeout=5)).rows == ((1,),)


async def test_a_statement_given_up_before_its_session_was_open_never_starts(tmp_path: Path) -> None:
    opening, started = threading.Event(), threading.Event()

    def connect() -> sqlite3.Connection:
        opening.wait(10)
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.set_trace_callback(lambda _: started.set())
        return connection

    async with open_url("sqlite://", read_only=True) as usual:
        slow = ThreadedDatabase(dataclasses.replace(usual._driver, connect=connect))
        with pytest.raises(QueryTimeout):
            await slow.fetch("SELECT 1", [], timeout=0.1)
        opening.set()
        await nothing_runs(slow)
        assert not started.is_set()
        assert (await slow.fetch("SELECT 1", [])).rows == ((1,),)
        assert started.is_set()
        await slow.close()


async def test_closing_stops_what_runs(url: str) -> None:
    database = open_database(url)
    task = asyncio.create_task(database.fetch(ENDLESS, []))
    await asyncio.sleep(0.2)
    await database.close()
    with pytest.raises(DatabaseError, match="stopped"):
        await task


async def nothing_runs(database: Database) -> None:
    """Wait until no statement is left in a thread of `database`; fails if one stays."""
    jobs = database._jobs  # type: ignore[attr-defined]
    for _ in range(100):
        if not jobs:
            return
        await asyncio.sleep(0.05)
    pytest.fail("a statement still runs after its caller has gone")


class TestRefusals:
    """Each refusal has a code and a sentence; the driver's error is only its cause."""

    async def test_a_missing_table_says_how_to_get_it(self, url: str) -> None:
        async with open_database(url) as database:
            with pytest.raises(DatabaseError) as caught:
                await database.fetch("SELECT * FROM testers", [])
        (issue,) = caught.value.issues
        assert (issue.code, issue.message) == ("E_TABLE_MISSING", 'The database has no table "testers".')
        assert "metric-cube sync" in str(issue.hint)

    async def test_a_missing_column_is_named(self, url: str) -> None:
        async with open_database(url) as database:
            assert await refusal(database, "SELECT colour FROM bugs") == (
                "E_COLUMN_MISSING",
                'The database has no column "colour".',
            )

    async def test_other_mistakes_come_in_one_line_of_the_databases_words(self, url: str) -> None:
        async with open_database(url) as database:
            for sql, parameters in (
                ("SELECT FROM WHERE", ()),
                ("SELECT ?", ()),
                ("SELECT ?", (object(),)),
                ("SELECT ?", (10**40,)),
                ("SELECT ?", ("\ud800",)),
            ):
                code, message = await refusal(database, sql, *parameters)
                assert code == "E_DATABASE_REFUSED"
                assert "\n" not in message

    async def test_a_number_beyond_what_the_database_holds_has_a_code_of_its_own(self, url: str) -> None:
        most = 9_223_372_036_854_775_807
        wide = "HUGEINT" if url.startswith("duckdb") else "BIGINT"
        rows = " UNION ALL ".join([f"SELECT CAST({most if wide == 'BIGINT' else most << 64} AS {wide}) AS x"] * 3)
        async with open_database(url) as database:
            code, message = await refusal(database, f"SELECT SUM(x) FROM ({rows}) AS t")
        assert (code, "greater than the database can hold" in message) == ("E_OVERFLOW", True)

    async def test_nothing_can_be_written(self, url: str) -> None:
        async with open_database(url) as database:
            for sql in ("DELETE FROM bugs", "CREATE TABLE t (x INTEGER)"):
                code, message = await refusal(database, sql)
                assert code == "E_DATABASE_REFUSED"
                assert "refused to write" in message
            assert (await database.fetch("SELECT COUNT(*) FROM bugs", [])).rows == ((2,),)

    async def test_no_other_file_can_be_reached(self, url: str, tmp_path: Path) -> None:
        other = tmp_path / "other.file"
        async with open_database(url) as database:
            code, _ = await refusal(database, f"ATTACH '{other}' AS other")
        assert code == "E_DATABASE_REFUSED"
        assert not other.exists()

    @pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
    async def test_a_missing_file_is_refused_on_opening(self, scheme: str, tmp_path: Path) -> None:
        with pytest.raises(DatabaseError) as caught:
            open_database(f"{scheme}:///{tmp_path}/none.db")
        assert caught.value.issues[0].code == "E_DATABASE_MISSING"
        assert not (tmp_path / "none.db").exists()

    @pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
    async def test_a_foreign_file_is_refused(self, scheme: str, tmp_path: Path) -> None:
        (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 1000)
        async with open_database(f"{scheme}:///{tmp_path}/letter.db") as database:
            code, message = await refusal(database, "SELECT 1 FROM bugs")
        assert code == "E_DATABASE_FOREIGN"
        assert "letter.db is not a" in message

    @pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
    async def test_a_folder_is_refused(self, scheme: str, tmp_path: Path) -> None:
        async with open_database(f"{scheme}:///{tmp_path}") as database:
            code, message = await refusal(database, "SELECT 1")
        assert code == "E_DATABASE_REFUSED"
        assert f"The database at {tmp_path} cannot be read" in message

    async def test_a_file_locked_by_a_writer_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("engine.execute.sqlite._BUSY_SECONDS", 0.1)
        url = sqlite_file(tmp_path)
        writer = sqlite3.connect(tmp_path / "cube.sqlite", isolation_level=None)
        writer.execute("BEGIN EXCLUSIVE")
        async with open_database(url) as database:
            code, _ = await refusal(database, "SELECT * FROM bugs")
        writer.close()
        assert code == "E_DATABASE_LOCKED"

    async def test_a_file_that_another_process_writes_to_is_told(self, tmp_path: Path) -> None:
        url = duckdb_file(tmp_path)
        script = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
        command = (sys.executable, "-c", script, str(tmp_path / "cube.duckdb"))
        holder = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        async with open_database(url) as database:
            code, _ = await refusal(database, "SELECT * FROM bugs")
        await holder.communicate(b"\n")
        assert code == "E_DATABASE_LOCKED"

    async def test_a_file_that_vanished_is_missing(self, tmp_path: Path) -> None:
        async with open_database(sqlite_file(tmp_path)) as database:
            await database.fetch("SELECT 1", [])
            (tmp_path / "cube.sqlite").unlink()
            assert (await refusal(database, "SELECT 1"))[0] == "E_DATABASE_MISSING"


def logged_file(folder: Path) -> Path:
    """A SQLite file with a write-ahead log, as the sync makes them; nobody has it open."""
    path = folder / "cube.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(BUGS)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders are another matter there")
class TestFoldersThatCannotBeWrittenTo:
    COUNT = "SELECT COUNT(*) FROM bugs"

    async def test_a_file_in_one_is_read_and_followed_while_others_write_to_it(self, tmp_path: Path) -> None:
        with closed_folder(logged_file(tmp_path)) as folder:
            path = folder / "cube.sqlite"
            async with open_database(str(path)) as database:
                assert (await database.fetch(self.COUNT, ())).rows == ((2,),)
                assert (await database.fetch(self.COUNT, ())).rows == ((2,),)
                with opened(folder):
                    writer = sqlite3.connect(path)
                    writer.execute("INSERT INTO bugs VALUES (3, 'high')")
                    writer.commit()
                assert (await database.fetch(self.COUNT, ())).rows == ((3,),), "it stands in the log alone"
                with opened(folder):
                    writer.execute("INSERT INTO bugs VALUES (4, 'high')")
                    writer.commit()
                    writer.close()
                assert (await database.fetch(self.COUNT, ())).rows == ((4,),), "it stands in the file"

    async def test_nothing_can_be_written_there(self, tmp_path: Path) -> None:
        with closed_folder(logged_file(tmp_path)) as folder:
            async with open_database(str(folder / "cube.sqlite")) as database:
                code, message = await refusal(database, "DELETE FROM bugs")
        assert (code, "refused to write" in message) == ("E_DATABASE_REFUSED", True)

    async def test_an_answer_during_which_somebody_wrote_is_not_given(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def write() -> int:
            with opened(path.parent):
                os.utime(path, ns=(1, 1))
            return 1

        def connect(usual: "Callable[..., sqlite3.Connection]", path: str, *, read_only: bool) -> sqlite3.Connection:
            session = usual(path, read_only=read_only)
            session.create_function("write", 0, write)
            return session

        monkeypatch.setattr(sqlite, "_connect", partial(connect, sqlite._connect))
        with closed_folder(logged_file(tmp_path)) as folder:
            path = folder / "cube.sqlite"
            async with open_database(str(path)) as database:
                assert (await refusal(database, "SELECT write(), COUNT(*) FROM bugs"))[0] == "E_DATABASE_LOCKED"
                assert (await database.fetch(self.COUNT, ())).rows == ((2,),)

    async def test_changes_that_wait_beside_a_file_are_not_left_out_silently(self, tmp_path: Path) -> None:
        path = logged_file(tmp_path)
        with closing(sqlite3.connect(path)) as writer:
            writer.execute("INSERT INTO bugs VALUES (3, 'high')")
            writer.commit()
            with closed_folder(path, tmp_path / "cube.sqlite-wal") as folder:
                async with open_database(str(folder / "cube.sqlite")) as database:
                    code, message = await refusal(database, self.COUNT)
        assert code == "E_DATABASE_REFUSED"
        assert "cube.sqlite-wal holds changes to it, and their folder cannot be written to" in message

    async def test_an_empty_log_holds_none(self, tmp_path: Path) -> None:
        path = logged_file(tmp_path)
        (tmp_path / "cube.sqlite-wal").touch()
        with closed_folder(path, tmp_path / "cube.sqlite-wal") as folder:
            async with open_database(str(folder / "cube.sqlite")) as database:
                assert (await database.fetch(self.COUNT, ())).rows == ((2,),)


async def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    url = sqlite_file(tmp_path)
    async with open_database(url) as database:
        await database.fetch("SELECT COUNT(*) FROM bugs", [])
        (tmp_path / "cube.sqlite").rename(tmp_path / "old.sqlite")
        sqlite_file(tmp_path)
        writer = sqlite3.connect(tmp_path / "cube.sqlite", isolation_level=None)
        writer.execute("DELETE FROM bugs")
        writer.close()
        assert (await database.fetch("SELECT COUNT(*) FROM bugs", [])).rows == ((0,),)


class TestUrls:
    """What names a database."""

    @pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
    async def test_a_database_in_memory_keeps_what_is_written(self, kind: str) -> None:
        async with open_database(f"{kind}://", read_only=False) as database:
            assert (await database.fetch("CREATE TABLE bugs (id INTEGER)", [])).rows in ((), ((0,),))
            await database.fetch("INSERT INTO bugs VALUES (?)", [5])
            assert (await database.fetch("SELECT * FROM bugs", [])).rows == ((5,),)
            assert database.url == f"{kind}:///"

    @pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
    async def test_a_database_in_memory_can_be_open_for_reading(self, kind: str) -> None:
        async with open_database(f"{kind}://") as database:
            assert (await database.fetch("SELECT 1", [])).rows == ((1,),)

    async def test_a_bare_path_is_enough(self, url: str) -> None:
        async with open_database(url.partition(":///")[2]) as database:
            assert database.url == url
            assert (await database.fetch("SELECT COUNT(*) FROM bugs", [])).rows == ((2,),)

    async def test_a_path_of_any_letters_is_found(self, tmp_path: Path) -> None:
        folder = tmp_path / "100% größer # a"
        folder.mkdir()
        async with open_database(sqlite_file(folder)) as database:
            assert (await database.fetch("SELECT COUNT(*) FROM bugs", [])).rows == ((2,),)

    async def test_a_database_open_for_writing_is_made(self, tmp_path: Path) -> None:
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}/new.db", read_only=False) as database:
            await database.fetch("CREATE TABLE bugs (id INTEGER)", [])
        assert (tmp_path / "new.db").exists()

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("oracle://host/name", "E_DATABASE_URL"),
            ("sqlite:///cube.db?mode=rw", "E_DATABASE_URL"),
        ],
    )
    def test_a_url_that_cannot_be_read_is_refused(self, url: str, code: str) -> None:
        with pytest.raises(DatabaseError) as caught:
            open_database(url)
        assert caught.value.issues[0].code == code
        assert caught.value.issues[0].hint


class TestServers:
    """SQLAlchemy's adapter, here in front of SQLite: what a server says differs, what is done with it does not."""

    async def test_it_fetches_cuts_and_refuses(self) -> None:
        engine = create_async_engine("sqlite+aiosqlite://", isolation_level="AUTOCOMMIT")
        async with NetworkedDatabase(engine, dialect="sqlite", url="sqlite://") as database:
            assert (await database.fetch("CREATE TABLE bugs (id INTEGER)", [])).columns == ()
            await database.fetch("INSERT INTO bugs VALUES (1), (2), (?)", [3])
            fetched = await database.fetch("SELECT id, ':x' AS text FROM bugs ORDER BY id", [], max_rows=2)
            assert (fetched.columns, fetched.rows, fetched.cut) == (("id", "text"), ((1, ":x"), (2, ":x")), True)
            assert len((await database.fetch("SELECT id FROM bugs", [])).rows) == 3
            assert (await refusal(database, "SELECT FROM"))[0].startswith("E_DATABASE")

    async def test_who_gives_up_leaves_at_once_and_closing_waits_for_the_end(self) -> None:
        engine = create_async_engine("sqlite+aiosqlite://", isolation_level="AUTOCOMMIT")
        async with NetworkedDatabase(engine, dialect="sqlite", url="sqlite://") as database:
            begin = time.perf_counter()
            with pytest.raises(QueryTimeout):
                await database.fetch(ENDLESS.replace("FROM n)", "FROM n WHERE i < 1000000)"), [], timeout=0.05)
            assert time.perf_counter() - begin < 0.3
            task = asyncio.create_task(database.fetch("SELECT 1", []))
            await asyncio.sleep(0)
            await database.close()
            with pytest.raises(asyncio.CancelledError):
                await task

    @pytest.mark.parametrize(
        ("state", "words", "code"),
        [
            ("42P01", 'relation "bugs" does not exist\nLINE 1: …', "E_TABLE_MISSING"),
            ("42703", 'column "colour" does not exist', "E_COLUMN_MISSING"),
            ("25006", "cannot execute DELETE in a read-only transaction", "E_DATABASE_REFUSED"),
            ("57014", "canceling statement due to user request", "E_DATABASE_REFUSED"),
            ("57P01", "terminating connection due to administrator command", "E_DATABASE_UNREACHABLE"),
            ("22012", "division by zero", "E_DATABASE_REFUSED"),
            ("22003", "bigint out of range", "E_OVERFLOW"),
            ("", 'connection failed: FATAL:  database "cube" does not exist', "E_DATABASE_MISSING"),
            ("", "connection failed: Connection refused", "E_DATABASE_UNREACHABLE"),
        ],
    )
    def test_what_a_server_says_becomes_one_of_our_refusals(self, state: str, words: str, code: str) -> None:
        class OperationalError(Exception):
            sqlstate = state

        error = DBAPIError("SELECT 1", (), OperationalError(words))
        assert explain(error, where="postgresql://db.example/cube").code == code

    def test_a_url_without_sense_is_refused_without_its_password(self) -> None:
        with pytest.raises(DatabaseError) as caught:
            open_database("postgresql://me:secret@db.example:port/cube")
        (issue,) = caught.value.issues
        assert issue.code == "E_DATABASE_URL"
        assert "secret" not in str(issue)

    async def test_a_driver_that_is_not_installed_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(DatabaseError) as caught:
            open_database("postgresql://me:secret@db.example/cube")
        (issue,) = caught.value.issues
        assert issue.code == "E_DRIVER_MISSING"
        assert 'pip install "metric-cube[postgres]"' in str(issue.hint)
        assert "secret" not in str(issue)
