"""Model files are read with the place of everything in them, and what YAML would silently change is refused or kept."""

from __future__ import annotations

import contextlib
import string
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import Issue, ModelError
from engine.model.document import Document, read_document


def read(text: str) -> Document:
    return read_document(text, "cubes.yml")


def issues_of(text: str) -> list[Issue]:
    with pytest.raises(ModelError) as caught:
        read(text)
    assert {issue.code for issue in caught.value.issues} == {"E_YAML"}
    return list(caught.value.issues)


def where(text: str) -> list[str]:
    return [str(issue.place) for issue in issues_of(text)]


ORDERS = """\
# Orders of the shop
cubes:
  - name: orders
    sql_table: shop.orders
    measures:
      - name: count
        type: count
      - {name: revenue, type: sum, sql: "{CUBE}.amount"}
    meta:
      ownerTeam: sales
"""


def test_data_are_plain_dicts_lists_and_values() -> None:
    assert read(ORDERS).data == {
        "cubes": [
            {
                "name": "orders",
                "sql_table": "shop.orders",
                "measures": [
                    {"name": "count", "type": "count"},
                    {"name": "revenue", "type": "sum", "sql": "{CUBE}.amount"},
                ],
                "meta": {"ownerTeam": "sales"},
            }
        ]
    }


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), "2:1", "2:1"),
        (("cubes",), "3:3", "2:1"),
        (("cubes", 0), "3:5", "3:5"),
        (("cubes", 0, "sql_table"), "4:16", "4:5"),
        (("cubes", 0, "measures", 1), "8:9", "8:9"),
        (("cubes", 0, "measures", 1, "sql"), "8:41", "8:36"),
        (("cubes", 0, "meta", "ownerTeam"), "10:18", "10:7"),
        (("cubes", 0, "joins", 3, "sql"), "3:5", "3:5"),
        (("cubes", 7), "3:3", "2:1"),
        (("cubes", 0, "name", "x"), "3:11", "3:5"),
    ],
)
def test_every_value_and_key_has_its_place_and_what_is_missing_that_of_what_is_around_it(
    path: tuple[str | int, ...], value: str, key: str
) -> None:
    document = read(ORDERS)
    assert str(document.place(path)) == f"cubes.yml:{value}"
    assert str(document.place_of_key(path)) == f"cubes.yml:{key}"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\n\n", "\ufeff"])
def test_a_file_without_content_is_an_empty_mapping(text: str) -> None:
    document = read(text)
    assert document.data == {}
    assert str(document.place(("cubes",))) == "cubes.yml:1:1"
    assert str(document.place_of_key(("cubes",))) == "cubes.yml:1:1"
    assert read("---\n").data == {}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2024-04-01", "2024-04-01"),
        ("2024-04-01 12:00:00", "2024-04-01 12:00:00"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("+1", "+1"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
        (".inf", ".inf"),
        ("-", "-"),
        ("-12", -12),
        ("0", 0),
        ("0.95", 0.95),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"1"', "1"),
        ("'true'", "true"),
        ('""', ""),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int 12", 12),
        ("!!float 12", 12),
        ("!!bool true", True),
        ("!!null", None),
        ("!!seq [1]", [1]),
        ("!!map {a: 1}", {"a": 1}),
    ],
)
def test_only_what_json_knows_has_a_type(written: str, value: Any) -> None:
    got = read(f"a: {written}\n").data["a"] if written != "-" else read("a: '-'\n").data["a"]
    assert got == value
    assert type(got) is type(value)


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read("on: 1\n1: 2\nnull: 3\ntrue: 4\n2024-01-01: 5\n").data == {
        "on": 1,
        "1": 2,
        "null": 3,
        "true": 4,
        "2024-01-01": 5,
    }


def test_camel_case_keys_are_read_as_snake_case_but_not_the_authors_own() -> None:
    document = read(
        "sqlTable: public.Orders\nrollingWindow: {trailing: 1 month}\nCUBE: 1\nmeta: {ownerTeam: {subTeam: aB}}\n"
        "dimensions: [{name: createdAt, primaryKey: true}]\ntime: {OrderItems: createdAt}\n"
    )
    assert document.data == {
        "sql_table": "public.Orders",
        "rolling_window": {"trailing": "1 month"},
        "CUBE": 1,
        "meta": {"ownerTeam": {"subTeam": "aB"}},
        "dimensions": [{"name": "createdAt", "primary_key": True}],
        "time": {"OrderItems": "createdAt"},
    }
    assert str(document.place_of_key(("dimensions", 0, "primary_key"))) == "cubes.yml:5:32"
    assert str(document.place(("meta", "ownerTeam", "subTeam"))) == "cubes.yml:4:29"


def test_a_key_stands_once() -> None:
    first, second = issues_of(
        "cubes:\n  - name: a\n    sql: x\n    name: b\n  - primary_key: true\n    primaryKey: true\n"
    )
    assert str(first) == 'cubes.yml:4:5: "name" stands twice here. Remove one of the two, or rename it. [E_YAML]'
    assert str(second).startswith(
        'cubes.yml:6:5: "primaryKey" and "primary_key" are two spellings of one property. Keep "primary_key".'
    )


def test_anchors_and_aliases_share_a_value() -> None:
    document = read("a: &id {name: id, type: number}\nb: *id\nc: [*id, &text hello, *text]\n")
    assert document.data["b"] == document.data["a"] == document.data["c"][0]
    assert document.data["c"][1:] == ["hello", "hello"]
    assert str(document.place(("b", "type"))) == "cubes.yml:1:25"
    assert str(document.place_of_key(("b",))) == "cubes.yml:2:1"


def test_merge_keys_fill_in_what_is_not_said_and_the_first_of_a_list_wins() -> None:
    document = read(
        "base: &base {type: number, public: false, title: Base}\nmore: &more {title: More, format: id}\n"
        "one: {<<: *base, title: One}\ntwo:\n  name: two\n  <<: [*more, *base]\n"
        "three: &three {<<: *base}\nfour: {<<: *three}\n"
    )
    assert document.data["one"] == {"type": "number", "public": False, "title": "One"}
    assert document.data["two"] == {"name": "two", "title": "More", "format": "id", "type": "number", "public": False}
    assert document.data["four"] == document.data["base"]
    assert str(document.place(("two", "format"))) == "cubes.yml:2:35"
    assert str(document.place_of_key(("four", "title"))) == "cubes.yml:1:43"


def test_a_merge_that_merges_nothing_is_told() -> None:
    first, second = issues_of("a: &a {x: 1}\nb: {<<: text}\nc:\n  <<: *a\n  <<: *a\n")
    assert "takes a mapping" in first.message
    assert "stands twice" in second.message


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert read("'<<': x\n").data == {"<<": "x"}


@pytest.mark.parametrize(
    "written",
    ["!!python/object:os.system x", "!secret x", "!!timestamp 2024-01-01", "!!binary aGk=", "!!set {a}", "!custom [1]"],
)
def test_other_tags_are_refused(written: str) -> None:
    (issue,) = issues_of(f"ok: 1\na: {written}\n")
    assert issue.place is not None
    assert issue.place.line == 2
    assert "tag" in issue.message


def test_a_tag_must_fit_its_value() -> None:
    (issue,) = issues_of("a: !!int many\n")
    assert str(issue) == 'cubes.yml:1:4: "many" is not what its tag says. Remove the tag. [E_YAML]'


def test_a_list_cannot_be_a_key() -> None:
    assert where("? [a, b]\n: 1\n{CUBE}: 2\n") == ["cubes.yml:1:3", "cubes.yml:3:1"]


def test_all_mistakes_of_a_file_are_told_in_its_order() -> None:
    assert where("a: 1\na: 2\nb: !x 1\nc:\n  d: 1\n  d: 2\n") == ["cubes.yml:2:1", "cubes.yml:3:4", "cubes.yml:6:3"]


def test_a_mistake_behind_several_aliases_is_told_once() -> None:
    assert where("a: &a {x: 1, x: 2}\nmeta: {b: *a}\nc: *a\n") == ["cubes.yml:1:14"]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a:\n  sql: {CUBE}.id\n  b: 1\n", "2:8", 'begins with "{" must stand in quotes'),
        ("a:\n  - {a} / {b}\n", "2:5", 'begins with "{" must stand in quotes'),
        ("title: Orders: all\n", "1:14", 'A ":" stands where'),
        ("a:\n\t- b\n", "2:1", "A tab"),
        ("includes: *\n", "1:12", 'cannot begin with "*"'),
        ("includes: *x\n", "1:11", '"*x" refers to "&x"'),
        ("a: &a [*a]\n", "1:8", "cannot contain itself"),
        ('a: "abc\nb: 1\n', "1:4", "never closed"),
        ("a: [1, 2\nb: 3\n", "1:4", 'opens with "["'),
        ("a: {b: 1\nc: 2\n", "1:4", 'opens with "{"'),
        ('a: "\\d"\n', "1:5", "backslash"),
        ("a: @x\n", "1:4", "cannot begin with this character"),
        ("- a\nb: 1\n", "2:1", 'does not begin with "- "'),
        ('a: "x" y\n', "1:8", "does not continue"),
        ("a: 1\nb\n", "3:1", "neither"),
        ("a: }\n", "1:4", "This is not YAML"),
        ("a: 1\n---\nb: 2\n", "2:1", "second document"),
        ("a: \x00\n", "1:4", "U+0000"),
        ("a: \ud800\n", "1:4", "U+D800"),
        ("[" * 200, "1:101", "More than 100 levels"),
        ("- " * 50_000, "1:201", "More than 100 levels"),
    ],
)
def test_what_is_not_yaml_is_told_in_words_with_its_place(text: str, place: str, says: str) -> None:
    (issue,) = issues_of(text)
    assert str(issue.place) == f"cubes.yml:{place}"
    assert says in issue.message


def test_aliases_cannot_blow_a_small_file_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (issue,) = issues_of("\n".join(lines))
    assert "more than 1,000,000 values" in issue.message


def test_levels_count_through_aliases_too() -> None:
    deep = "[" * 60 + "]" * 60
    (issue,) = issues_of(f"a: &a {deep}\nb: &b {'[' * 50}*a{']' * 50}\n")
    assert "More than 100 levels" in issue.message


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_offset_into_a_text_gives_line_and_column_in_every_style(line_end: str) -> None:
    text = (
        "plain: {CUBE}.amount + wrong\n"
        "double: \"a \\\"b\\\" \\u00e4 + wrong\"\n"
        "single: 'it''s + wrong'\n"
        "literal: |\n"
        "    SELECT *\n"
        "\n"
        "    FROM x WHERE wrong\n"
        "folded: >-  # a comment\n"
        "  SELECT\n"
        "    * FROM\n"
        "  x + wrong\n"
        "long: a text\n"
        "  that goes + wrong\n"
        "escaped: \"one \\\n"
        "  two wrong\"\n"
    ).replace("{CUBE}", "CUBE").replace("\n", line_end)  # fmt: skip
    document = read(text)
    lines = text.split(line_end)
    for name, value in document.data.items():
        place = document.place((name,), value.index("wrong"))
        assert lines[place.line - 1][place.column - 1 :].startswith("wrong"), name
    assert [document.place((name,), 0).line for name in ("plain", "literal", "folded")] == [1, 5, 9]
    assert [document.place((name,)).line for name in ("plain", "literal", "folded")] == [1, 4, 8]


def test_an_offset_at_a_blank_or_past_the_end_is_right_after_the_text_before_it() -> None:
    document = read('a: "x  y"\nb: |\n  x\n\nc: ""\nd: |\n')
    assert str(document.place(("a",), 2)) == "cubes.yml:1:7"
    assert str(document.place(("a",), 99)) == "cubes.yml:1:9"
    assert str(document.place(("b",), 99)) == "cubes.yml:3:4"
    assert str(document.place(("c",), 0)) == "cubes.yml:5:5"
    assert document.place(("d",), 0).line == 7


def test_an_offset_into_what_is_missing_is_ignored() -> None:
    assert str(read("a: text\n").place(("a", "b"), 2)) == "cubes.yml:1:4"


WORDS = st.text(st.sampled_from(string.ascii_letters + "äß€𝄞 {}.:'\"\\#\n\t-"), max_size=60)


@settings(max_examples=300)
@given(WORDS, st.sampled_from([None, "'", '"', "|", ">"]), st.booleans(), st.integers(20, 80))
@example("a\n\n  b\nc\n", ">", False, 20)
def test_the_place_of_each_visible_character_shows_that_character(
    value: str, style: str | None, unicode: bool, width: int
) -> None:
    text = yaml.dump({"key": {"text": value}}, default_style=style, allow_unicode=unicode, width=width)
    document = read(text)
    assert document.data == {"key": {"text": value}}
    lines = text.split("\n")
    for offset, character in enumerate(value):
        place = document.place(("key", "text"), offset)
        shown = lines[place.line - 1][place.column - 1 :]
        assert character.isspace() or shown.startswith((character, "\\")), (text, offset)


@settings(max_examples=300)
@given(st.text(st.sampled_from("ab: -[]{}&*#?|>!%@`'\"\\\n\t<,~\x00é\ud800"), max_size=40))
def test_no_text_raises_anything_but_our_own_error(text: str) -> None:
    with contextlib.suppress(ModelError):
        read(text).place(("a", 0), 3)


def test_without_the_c_library_a_file_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(ORDERS)
    monkeypatch.setattr("engine.model.composer._Loader", yaml.SafeLoader)
    document = read(ORDERS)
    assert document.data == expected.data
    path = ("cubes", 0, "measures", 1, "sql")
    assert document.place(path, 3) == expected.place(path, 3)
