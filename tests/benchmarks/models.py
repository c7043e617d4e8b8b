"""Models of any size, written as the files that an analyst would write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Form = Literal["tree", "chain"]
_BRANCHES = 5
MEMBERS = 20


def write_model(folder: Path, cubes: int, form: Form = "tree") -> None:
    """`cubes` cubes of twenty members in a file each.

    tree: each cube joined to a parent that has five; chain: each joined to the one before it, the longest paths there can be.
    """
    folder.mkdir(parents=True)
    for index in range(cubes):
        parent = None if index == 0 else index - 1 if form == "chain" else (index - 1) // _BRANCHES
        (folder / f"c{index}.yml").write_text(_cube(index, parent), encoding="utf-8")


def _cube(index: int, parent: int | None) -> str:
    lines = ["cubes:", f"  - name: c{index}", f"    sql_table: table_{index}"]
    if parent is not None:
        condition = f"{{CUBE}}.parent_id = {{c{parent}.id}}"
        lines += [
            "    joins:",
            f"      - name: c{parent}",
            "        relationship: many_to_one",
            f'        sql: "{condition}"',
        ]
    lines += [
        "    dimensions:",
        "      - name: id",
        '        sql: "{CUBE}.id"',
        "        type: number",
        "        primary_key: true",
    ]
    for number in range(10):
        lines += [f"      - name: d{number}", f'        sql: "{{CUBE}}.d{number}"', "        type: string"]
    lines += ["      - name: at", '        sql: "{CUBE}.at"', "        type: time"]
    lines += ["    measures:", "      - name: count", "        type: count"]
    for number in range(5):
        lines += [f"      - name: m{number}", f'        sql: "{{CUBE}}.m{number} * 1.5"', "        type: sum"]
    lines += ["      - name: rate", '        sql: "1.0 * {m0} / NULLIF({count}, 0)"', "        type: number"]
    lines += [
        "      - name: large",
        "        type: count",
        "        filters:",
        "          - sql: \"{CUBE}.m0 > 100 AND {d0} = 'a'\"",
    ]
    return "\n".join(lines) + "\n"
