"""A tool that takes exactly the arguments it names, and whose refusals say all that is needed to do better.

The SDK's own tools ignore unknown arguments, so that a misspelt `filters` gives an unfiltered answer, and tell validation in the
words of the validator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, TextContent, ToolAnnotations

from engine import EngineError
from server.agents.payload import BUDGET, compact

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

_READS_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_MOST_ERROR = 8_000


class Refusal(Exception):
    """A call that cannot be answered so; the text says why, and what would work."""


class StrictTool(Tool):
    """A tool of ours: `fn` takes the arguments as they came and gives the payload, the same for both channels."""

    async def run(self, arguments: dict[str, Any], context: Any, convert_result: bool = False) -> Any:  # noqa: ARG002
        """Answer a call. A refusal becomes a result that says so; whatever else escapes is a bug, logged and not told."""
        try:
            payload = await self.fn(arguments)
        except (Refusal, EngineError) as error:
            return CallToolResult(content=[TextContent(text=str(error)[:_MOST_ERROR])], is_error=True)
        except Exception as error:
            raise UnexpectedToolError(f"Error executing tool {self.name}") from error
        text = compact(payload)
        assert len(text) <= BUDGET, "the payload was not made to fit"
        return CallToolResult(content=[TextContent(text=text)], structured_content=payload)


def strict_tool(
    answer: Answer, *, name: str, title: str, description: str, arguments: dict[str, Any], output: dict[str, Any]
) -> StrictTool:
    """The tool that `answer` answers, under the schemas that are advertised for it."""
    return StrictTool(
        fn=answer,
        name=name,
        title=title,
        description=description,
        parameters=arguments,
        fn_metadata=FuncMetadata(arg_model=ArgModelBase, output_schema=output),
        is_async=True,
        context_kwarg=None,
        annotations=_READS_ONLY,
    )
