"""What the tools answer from: a service, and whose rows may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import QueryError
from engine.model.members import Dimension, Measure
from engine.query.access import seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Model
    from server.service import Caller, Service


@dataclass(frozen=True, slots=True)
class Source:
    """A service, and the caller whose rows and members the tools see of it."""

    service: Service
    caller: Caller

    @property
    def model(self) -> Model:
        """The model as it is now."""
        return self.service.model

    @property
    def security(self) -> Mapping[str, Any]:
        """What access policies go by."""
        return self.caller.security

    def metrics(self) -> list[str]:
        """The names of the metrics that can be asked for, as a query writes them."""
        return self._names(Measure)

    def dimensions(self) -> list[str]:
        """The names of the dimensions that can be asked for, as a query writes them."""
        return self._names(Dimension)

    def fits(self, query: Mapping[str, Any]) -> bool:
        """Whether a query can be answered from this model; that no security value is set does not count against it."""
        try:
            self.service.compile(query, self.caller)
        except QueryError as error:
            return all(issue.code == "E_SECURITY_VALUE" for issue in error.issues)
        return True

    def _names(self, kind: type[Dimension | Measure]) -> list[str]:
        model = seen(self.model, self.security)
        view = model.default_view
        if view is not None:
            return [name for name, each in view.members.items() if isinstance(each.target, kind) and each.public]
        views = [
            f"{view.name}.{name}"
            for view in model.views.values()
            for name, each in view.members.items()
            if isinstance(each.target, kind) and each.public and view.public
        ]
        cubes = [
            each.full_name
            for cube in model.cubes.values()
            for each in cube.members()
            if isinstance(each, kind) and each.public and cube.public
        ]
        return [*views, *cubes]
