"""What `engine` offers: one list, of names that are imported when they are asked for."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import engine


def test_the_doors_are_one_list_wherever_they_are_named() -> None:
    tree = ast.parse(Path(engine.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    for_types = {
        (node.module, alias.name) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert {name for _, name in for_types} == set(engine.__all__)
    for module, name in for_types:
        assert getattr(engine, name) is getattr(importlib.import_module(str(module)), name)
    assert set(engine.__all__) <= set(dir(engine))


def test_what_is_not_offered_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = engine.nonsense


def test_the_engine_is_imported_only_as_far_as_it_is_used() -> None:
    script = "import sys, engine; engine.ModelError; print([name for name in sys.modules if name.startswith('engine')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    assert ast.literal_eval(done.stdout) == ["engine", "engine.errors"]
