"""The tool `get_analytics_capabilities`: what can be asked, in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.agents.correction import right_name
from server.agents.payload import BUDGET, compact
from server.agents.schemas import capabilities_arguments
from server.agents.tool import Refusal

if TYPE_CHECKING:
    from server.agents.source import Source


class GetCapabilities:
    """Answers calls of get_analytics_capabilities from one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known = tuple(capabilities_arguments()["properties"])

    async def answer(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """What can be asked; as much detail as fits."""
        for name in arguments:
            if name not in self.known:
                right = right_name(name, self.known)
                offer = f"Did you mean {right!r}?" if right else "It needs none:"
                raise Refusal(
                    f"There is no argument {name!r}. {offer} Arguments are {', '.join(self.known)}.\nThis call works: {{}}"
                )
        search, detail = arguments.get("search"), arguments.get("detail", False)
        if not isinstance(search, str | None) or not isinstance(detail, bool):
            raise Refusal('search is a text and detail is true or false.\nThis call works: {"search": "acceptance"}')
        found = self.source.service.capabilities(self.source.caller, search=search, detail=detail)
        if len(compact(found)) > BUDGET:
            found = self.source.service.capabilities(self.source.caller, search=search)
            found["note"] = (
                f"All details are too long for one answer. {found.get('note', 'Search for a word to see them.')}"
            )
        return found
