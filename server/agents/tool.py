"""A tool that takes exactly the arguments it names, and whose refusals say all that is needed to do better."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp.types import Tool as ListedTool
from mcp.types import ToolAnnotations

from engine import EngineError
from server.agents.payload import BUDGET

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from server.agents.payload import Payload
    from server.agents.source import Source

    Answer = Callable[["Source", dict[str, Any]], Awaitable[Payload]]
    Result = dict[str, Any]
    """A result of `tools/call` as it is sent; the SDK checks it as such, and would only make it of its own model."""

LOG = logging.getLogger(__name__)

_READS_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_MOST_ERROR = 8_000


class Refusal(Exception):
    """A call that cannot be answered so; the text says why, and what would work."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as one caller is offered it: `answer` takes the arguments as they came and gives the payload of both channels.

    `arguments` and `output` are the schemas that are advertised; `meta` is what hosts are told beside them.
    """

    name: str
    title: str
    description: str
    arguments: Mapping[str, Any]
    output: Mapping[str, Any]
    answer: Answer
    meta: Mapping[str, Any] | None = None

    def listed(self) -> ListedTool:
        """The tool as `tools/list` tells it."""
        return ListedTool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=dict(self.arguments),
            output_schema=dict(self.output),
            annotations=_READS_ONLY,
            _meta=dict(self.meta) if self.meta else None,
        )

    async def call(self, source: Source, arguments: dict[str, Any]) -> Result:
        """Answer a call. A refusal becomes a result that says so; whatever else escapes is a bug, logged and not told."""
        try:
            payload = await self.answer(source, arguments)
            assert len(payload.text) <= BUDGET, "the payload was not made to fit"
        except (Refusal, EngineError) as error:
            return refused(str(error)[:_MOST_ERROR])
        except Exception:
            LOG.exception("%s has failed", self.name)
            return refused(f"{self.name} has failed for a reason of its own. The call may be right; the log says more.")
        return {**_told(payload.text), "structuredContent": payload.data}


def refused(text: str) -> Result:
    """A result that says that a call was not answered; all facts stand in the text, for hosts show nothing else of an error."""
    return {**_told(text), "isError": True}


def _told(text: str) -> Result:
    # The eras before 2026 know no types of results; there the SDK leaves it out.
    return {"resultType": "complete", "content": [{"type": "text", "text": text}]}
