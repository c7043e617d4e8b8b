"""From the files of a folder to a model: read, check the form, build, check the sense; every mistake of every file at once."""

from __future__ import annotations

import gc
import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Issue, ModelError, Place
from engine.model.builder import CubeBuilder
from engine.model.checks import check_model
from engine.model.document import Origin, read_document
from engine.model.extends import merged
from engine.model.folders import view_group_issues
from engine.model.foreign import not_called_yaml, not_yaml
from engine.model.gaps import Gaps, Lost
from engine.model.graph import JoinGraph
from engine.model.model import Model
from engine.model.nodes import Node
from engine.model.schema import schema_issues
from engine.model.settings import SETTING_KEYS, settings_of
from engine.model.views import ViewBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.model.document import Document
    from engine.model.model import Cube

_NAMES = (".yml", ".yaml", ".yml.jinja", ".yaml.jinja")
_TEMPLATE_SIGNS = ("{{", "{%")
_TOP = SETTING_KEYS | {"cubes", "views", "view_groups"}
_NOT_OURS = frozenset({"node_modules", "__pycache__"})


def load_model(path: str | Path, *, sql_dialect: str | None = None) -> Model:
    """The model in a folder, or in one YAML file.

    `sql_dialect` says in which dialect the snippets are written; without it the model's own setting does, else PostgreSQL.
    Raises ModelError with every mistake that was found.
    """
    with _undisturbed():
        documents, issues = read_documents(Path(path))
        model, found = build_model(documents, sql_dialect=sql_dialect, unread=has_errors(issues))
    errors = [issue for issue in (*issues, *found) if issue.severity == "error"]
    if errors or model is None:
        raise ModelError(in_order(errors))
    return model


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector: a load makes hundreds of thousands of objects that stay, and none that go round in circles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def model_issues(path: str | Path, *, sql_dialect: str | None = None) -> tuple[Issue, ...]:
    """Everything that is wrong with a model, warnings included, in the order of files and lines."""
    try:
        with _undisturbed():
            documents, issues = read_documents(Path(path))
            _, found = build_model(documents, sql_dialect=sql_dialect, unread=has_errors(issues))
    except ModelError as error:
        return error.issues
    return in_order((*issues, *found))


def read_documents(path: Path) -> tuple[list[Document], list[Issue]]:
    """The documents of a folder or file, and what could not be read; warnings are of files that are not, for their names.

    Raises ModelError if there is nothing to read.
    """
    issues: list[Issue] = []
    if path.is_dir():
        every = sorted(file for file in path.rglob("*") if not _hidden(file, path))
        files = [file for file in every if file.name.endswith(_NAMES)]
        for file in set(every) - set(files):
            issues += [issue for issue in (not_yaml(file), not_called_yaml(file)) if issue is not None]
    else:
        files = [path]
    if not path.exists():
        raise ModelError(
            Issue("E_MODEL_MISSING", f"There is no file or folder {str(path)!r}.", hint="Name it with --model PATH.")
        )
    if not files:
        missing = Issue(
            "E_MODEL_MISSING", f"The folder {str(path)!r} holds no YAML file.", hint="Name it with --model PATH."
        )
        raise ModelError(in_order(issues if has_errors(issues) else (missing, *issues)))
    documents: list[Document] = []
    for file in files:
        try:
            documents.append(_document(file, path if path.is_dir() else path.parent))
        except ModelError as error:
            issues.extend(error.issues)
        except UnicodeDecodeError as error:
            issues.append(_undecoded(file, error))
        except OSError as error:
            issues.append(Issue("E_YAML", f"{str(file)!r} cannot be read: {error.strerror}."))
    return documents, issues


def has_errors(issues: Iterable[Issue]) -> bool:
    """Whether any of the issues is more than a warning."""
    return any(issue.severity == "error" for issue in issues)


def _undecoded(file: Path, error: UnicodeDecodeError) -> Issue:
    """A file that is no UTF-8, at its first letter that is not."""
    before = bytes(error.object[: error.start])
    line = before.count(b"\n") + 1
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    message = "This is no UTF-8 text: a letter here is written in another encoding."
    return Issue("E_YAML", message, place=Place(str(file), line, column), hint="Save the file as UTF-8.")


def _document(file: Path, folder: Path) -> Document:
    """The document of a file, which is rendered first if it is a template."""
    text = file.read_text(encoding="utf-8")
    if not any(sign in text for sign in _TEMPLATE_SIGNS):
        return read_document(text, str(file))
    from engine.model.templates import render  # noqa: PLC0415 - few models have templates, and loading Jinja takes time

    rendered = render(file, folder)
    origin = Origin(tuple(text.splitlines()), tuple(rendered.text.splitlines()), rendered.lines)
    return read_document(rendered.text, str(file), origin)


def build_model(
    documents: Sequence[Document], *, sql_dialect: str | None = None, unread: bool = False
) -> tuple[Model | None, tuple[Issue, ...]]:
    """The model of these documents, and everything that is wrong with it; there is no model where something is.

    Each mistake is told once: not also what follows from it. `unread`: further files could not be read, so nothing is said
    of names that may stand there.
    """
    issues: list[Issue] = [issue for document in documents for issue in schema_issues(document)]
    unread = unread or not all(map(_is_open, documents))
    roots = [Node(document, (), document.data) for document in documents]
    sense: list[Issue] = []
    settings = settings_of(roots, sense.append, sql_dialect=sql_dialect)
    cubes_written = [cube for root in roots for cube in root.items("cubes")]
    views_written = [view for root in roots for view in root.items("views")]
    builder = CubeBuilder(merged("cube", cubes_written, sense.append), settings.sql_dialect, unread=unread)
    cubes = builder.build()
    views = {}
    lost = {name: _lost(builder, cube) for name, cube in cubes.items()}
    for raw in merged("view", views_written, sense.append).values():
        if raw.name in cubes:
            message = f"{raw.name!r} names a cube and a view."
            sense.append(Issue("E_DUPLICATE_NAME", message, place=raw.node.place, hint="Rename one of them."))
        writer = ViewBuilder(raw, cubes, builder)
        for view in writer.build():
            views[view.name] = view
            lost[view.name] = writer.lost
    digest = _digest(documents, settings.sql_dialect)
    model = Model(cubes, views, settings, builder.graph or JoinGraph.of([]), digest)
    sense += builder.issues
    gaps = Gaps(unread, builder.unjoined, frozenset(filter(builder.is_keyed, cubes)), lost)
    sense += check_model(model, gaps)
    if not unread:
        sense += view_group_issues(roots, views)
    issues += _beside(sense, issues)
    warnings = tuple(issue for issue in issues if issue.severity == "warning")
    complete = Model(cubes, views, settings, model.graph, digest, warnings)
    return None if has_errors(issues) else complete, in_order(issues)


def _is_open(document: Document) -> bool:
    """Whether everything that a document declares can be seen, however wrong it is."""
    if not isinstance(document.data, dict) or not document.data.keys() <= _TOP:
        return False
    entries = [document.data.get(key) or [] for key in ("cubes", "views")]
    return all(
        isinstance(each, list) and all(isinstance(one, dict) and "name" in one for one in each) for each in entries
    )


def _lost(builder: CubeBuilder, cube: Cube) -> Lost:
    return Lost(frozenset(builder.member_names(cube.name)) - {member.name for member in cube.members()})


def in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The issues by file, line and column; those without a place first; each once."""
    unique = dict.fromkeys(issues)
    return tuple(sorted(unique, key=lambda i: (i.place.file, i.place.line, i.place.column) if i.place else ("", 0, 0)))


def _beside(found: Iterable[Issue], known: list[Issue]) -> list[Issue]:
    """Those of `found` that do not stand where the check of form found something already."""
    places = {issue.place for issue in known}
    return [issue for issue in found if issue.place is None or issue.place not in places]


def _digest(documents: Sequence[Document], dialect: str) -> str:
    content = hashlib.sha256(dialect.encode())
    for document in documents:
        content.update(repr(document.data).encode())
    return content.hexdigest()


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") or part in _NOT_OURS for part in file.relative_to(root).parts)
