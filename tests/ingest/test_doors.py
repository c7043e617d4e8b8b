"""What `ingest` offers is listed, and nothing of other libraries escapes as an error."""

import ast
from pathlib import Path

import ingest
import ingest.simulator


def test_all_that_is_exported_is_listed_in_order_and_exists() -> None:
    for package in (ingest, ingest.simulator):
        imported = _imported_names(Path(package.__file__ or ""))
        assert set(package.__all__) == imported
        assert all(hasattr(package, name) for name in package.__all__)


def test_a_function_is_never_exported_under_the_name_of_a_module() -> None:
    modules = {path.stem for path in Path(ingest.__file__ or "").parent.glob("*.py")}
    assert not modules & set(ingest.__all__)


def test_every_error_says_how_a_program_should_end() -> None:
    errors = [
        error for error in vars(ingest).values() if isinstance(error, type) and issubclass(error, ingest.IngestError)
    ]
    for error in errors:
        assert error.__doc__
        assert error.code.startswith("E_")
        if error is not ingest.IngestError:
            assert error.exit_code in (1, 3, 4)


def _imported_names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
