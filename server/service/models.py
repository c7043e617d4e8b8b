"""The model that is served: read again when its files change, kept as it is while they are wrong."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from engine import ModelError, load_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine import Model

LOG = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_MOST_TOLD = 20
"""Warnings of a model that are logged; `metric-cube check` tells all."""


class FixedModel:
    """A model that stays as it is."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.changed: list[Callable[[Model], None]] = []

    def current(self) -> Model:
        """The model."""
        return self.model


class Models:
    """The model under `path`; raises ModelError where it is wrong from the start.

    `changed` is called with the new model after each reload. `trouble` says why the files that are there now are not served.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.model: Model = load_model(path)
        _log_warnings(self.model)
        self.changed: list[Callable[[Model], None]] = []
        self.trouble: ModelError | None = None
        self._clock = clock
        self._stamp = _stamp_of(path)
        self._looked = clock()

    def current(self) -> Model:
        """The model as its files are now; looks at them at most once a second."""
        now = self._clock()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            stamp = _stamp_of(self.path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload()
        return self.model

    def _reload(self) -> None:
        try:
            model = load_model(self.path)
        except ModelError as error:
            self.trouble = error
            LOG.error("The model is served as it was before, because its files are wrong now:\n%s", error)
            return
        self.trouble = None
        self.model = model
        LOG.info("The model was read again: %s %s.", model.settings.name, model.settings.release)
        _log_warnings(model)
        for tell in self.changed:
            tell(model)


def _log_warnings(model: Model) -> None:
    """Log what `check` would warn of; a log of JSON has each issue in its parts, too."""
    for issue in model.warnings[:_MOST_TOLD]:
        LOG.warning("The model: %s", issue, extra={"issue": issue.as_dict()})
    more = len(model.warnings) - _MOST_TOLD
    if more > 0:
        LOG.warning("The model has %d more warnings: `metric-cube check` tells them.", more)


def _stamp_of(path: Path) -> frozenset[tuple[str, int, int]]:
    """What changes when a file of the model does."""
    files = path.rglob("*") if path.is_dir() else [path]
    found = set()
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        found.add((str(file), status.st_mtime_ns, status.st_size))
    return frozenset(found)
