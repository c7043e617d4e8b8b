"""Names tables and columns so that they need no quotes: on PostgreSQL every capital does, and `order` does everywhere."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_BYTES = 63
"""Of a name, in UTF-8: PostgreSQL cuts what is longer."""

_RESERVED_WORDS = """
add all alter analyse analyze and any array as asc asymmetric authorization autoincrement between binary both case cast
check collate collation column commit concurrently constraint create cross current_catalog current_date current_role
current_schema current_time current_timestamp current_user default deferrable delete desc distinct do drop else end
escape except exists false fetch for foreign freeze from full grant group having if ilike in index initially inner
insert intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not nothing
notnull null offset on only or order outer overlaps placing primary raise references returning right select session_user
set similar some symmetric system_user table tablesample then to trailing transaction true union unique update user
using values variadic verbose when where window with
cmax cmin ctid tableoid xmax xmin
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
"""What SQLite or PostgreSQL takes for something else than the name of a column or a table; the last line has PostgreSQL's own
columns. Neither SQLAlchemy's lists nor the databases' tell that: `key`, `query` and `view` are names like others."""

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z](?!s(?![a-z]))[a-z])")
_OUTER = re.compile(r"^\W+|\W+$")


@lru_cache(maxsize=4096)
def plain_name(text: str) -> str:
    """A name in lower-case letters, digits and underscores that says the same, "" where nothing is left of it.

    >>> plain_name("Order Date"), plain_name("orderDate"), plain_name("_id"), plain_name("2nd price (EUR)")
    ('order_date', 'order_date', '_id', '_2nd_price_eur')
    >>> plain_name("HTTPStatus"), plain_name("Customer IDs"), plain_name("Q1Sales"), plain_name("H2O"), plain_name("Größe")
    ('http_status', 'customer_ids', 'q1_sales', 'h2o', 'größe')
    >>> plain_name("Order"), plain_name("user"), plain_name("key"), plain_name("%")
    ('order_', 'user_', 'key', '')
    """
    words = _HUMP.sub("_", _OUTER.sub("", unicodedata.normalize("NFC", text)))
    plain = re.sub(r"\W+", "_", words).lower().encode()[:MOST_BYTES].decode(errors="ignore")
    if plain in RESERVED:
        return f"{plain}_"
    return f"_{plain}" if plain[:1].isdigit() else plain


def find_column(wanted: str, there: Iterable[str]) -> str | None:
    """Which of the columns that are there is the one that is wanted: as it stands, else by its plain name, else by its letters.

    >>> find_column("Order Date", ["order_date"]), find_column("Date", ["date", "Date"]), find_column("OrderDate", ["orderdate"])
    ('order_date', 'Date', 'orderdate')
    >>> find_column("a b", ["ab", "AB"]), find_column("a", [])
    (None, None)
    """
    return _only(wanted, there, (str, plain_name, _letters))


def find_table(wanted: str, there: Iterable[str]) -> str | None:
    """Which of the tables that are there is the one that is wanted: SQLite takes names for the same that differ in capitals alone.

    >>> find_table("Orders", ["orders"]), find_table("myorders", ["myOrders"]), find_table("my_orders", ["myorders"])
    ('orders', 'myOrders', None)
    """
    return _only(wanted, there, (str, plain_name, str.lower))


def _only(wanted: str, there: Iterable[str], forms: tuple[Callable[[str], str], ...]) -> str | None:
    """The only name that has the same form as the one that is wanted, in the first of the forms that finds one alone."""
    names = list(there)
    for form in forms:
        if len(same := [name for name in names if form(name) == form(wanted)]) == 1:
            return same[0]
    return None


def _letters(text: str) -> str:
    return plain_name(text).replace("_", "")
