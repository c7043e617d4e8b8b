"""The MCP server over one service: every request is answered for the caller it comes from, in either era of the protocol."""

from __future__ import annotations

import logging
import sys
from contextlib import asynccontextmanager
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from mcp import MCPError
from mcp.server.apps import EXTENSION_ID
from mcp.server.caching import CacheHint
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.runner import serve_loop
from mcp.server.subscriptions import ListenHandler
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CompleteRequestParams,
    CompleteResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    NotificationParams,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
)

from engine.errors import did_you_mean
from engine.spelling import near
from server.agents import prompts, resources
from server.agents.callers import caller_of
from server.agents.changes import Changes
from server.agents.completions import completed
from server.agents.get_capabilities import stop_counting
from server.agents.offer import offer_of
from server.agents.progress import told
from server.agents.recent import Recent
from server.agents.source import Source
from server.agents.stdio import standard_streams
from server.agents.texts import INSTRUCTIONS
from server.service.traced import is_tracing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp.server.context import ServerRequestContext
    from mcp.server.models import InitializationOptions

    from server.service import Caller, Service

    Context = ServerRequestContext[Any, Any]

Protocol = Literal["auto", "legacy"]

_MINUTE, _HOUR = 60_000, 3_600_000
_HINTS = {
    # What is listed depends on who asks, and clients are told when it changes.
    "tools/list": CacheHint(ttl_ms=_MINUTE),
    "resources/list": CacheHint(ttl_ms=_MINUTE),
    "resources/templates/list": CacheHint(ttl_ms=_HOUR, scope="public"),
    "prompts/list": CacheHint(ttl_ms=_MINUTE),
}
_PAGE = 500
"""How many resources are listed at once."""


class CubeServer(Server[None]):
    """The SDK's server, which in every session of the handshake era says that it tells of changed lists."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """See the SDK; over HTTP it asks for the options without saying which notifications there are."""
        told_of = notification_options or NotificationOptions(
            tools_changed=True, resources_changed=True, prompts_changed=True
        )
        return super().create_initialization_options(told_of, experimental_capabilities, extensions)

    @property
    def server_info_stamp(self) -> dict[str, Any]:
        """See the SDK, which goes through it to the bottom at every answer; there are only texts in it."""
        return dict(self._own_stamp)

    @cached_property
    def _own_stamp(self) -> dict[str, Any]:
        return super().server_info_stamp


def build_server(source: Source) -> CubeServer:
    """The server that answers from `source` where requests come without a caller, as they do over stdio."""
    return server_of(source.service, source.caller)


def server_of(service: Service, local: Caller | None) -> CubeServer:
    """The server of a service, ready for any transport; `local` asks where the transport knows no callers."""
    changes, answers = Changes(service), _Answers(service, local)

    @asynccontextmanager
    async def lifespan(_: Server[None]) -> AsyncIterator[None]:
        async with changes.followed():
            try:
                yield
            finally:
                await stop_counting(service)

    server = CubeServer(
        "metric-cube",
        title="Metric Cube",
        version=version("metric-cube"),
        instructions=INSTRUCTIONS,
        lifespan=lifespan,
        cache_hints=_HINTS,  # type: ignore[arg-type]
        # No argument of a tool is sent as a header, so that there is nothing to look up at every call.
        get_tool_input_schema=lambda _: None,
        on_list_tools=answers.list_tools,
        on_list_resources=answers.list_resources,
        on_list_resource_templates=answers.list_templates,
        on_read_resource=answers.read_resource,
        on_list_prompts=answers.list_prompts,
        on_get_prompt=answers.get_prompt,
        on_completion=answers.complete,
        on_subscriptions_listen=ListenHandler(changes.bus),
    )
    if not is_tracing():
        # The SDK brings one, for spans; where nobody collects them it would still be gone through at every request.
        server.middleware.clear()
    server.extensions[EXTENSION_ID] = {}
    server.add_request_handler("tools/call", CallToolRequestParams, answers.call_tool)
    server.add_notification_handler("notifications/initialized", NotificationParams, changes.on_initialized)
    return server


async def serve_stdio(source: Source, protocol: Protocol) -> None:
    """Serve on stdin and stdout until stdin ends. Logs go to stderr: stdout is the protocol's alone.

    `legacy` answers the handshake protocols only, for clients that ask for the newer one and then go on in the older.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    server = build_server(source)
    async with standard_streams() as (reader, writer):
        if protocol == "auto":
            await server.run(reader, writer, server.create_initialization_options())
            return
        async with server.lifespan(server) as state:
            await serve_loop(server, reader, writer, lifespan_state=state)


class _Answers:
    """Answers the requests of the protocol, each for its caller."""

    def __init__(self, service: Service, local: Caller | None) -> None:
        self._service, self._local, self._recent = service, local, Recent()

    def _source(self, context: Context) -> Source:
        return Source(self._service, caller_of(context, self._local), recent=self._recent)

    async def list_tools(self, context: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=list(offer_of(self._source(context)).listed))

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> dict[str, Any]:
        source = self._source(context)
        tools = offer_of(source).tools
        tool = tools.get(params.name)
        if tool is None:
            hint = did_you_mean(near(params.name, tools)) or f"Tools are {', '.join(tools)}."
            raise MCPError(code=INVALID_PARAMS, message=f"There is no tool {params.name!r}. {hint}")
        asked = context.meta is not None and context.meta.get("progress_token") is not None
        if not asked:
            return await tool.call(source, params.arguments or {})
        async with told(context.session.report_progress) as watch:
            return await tool.call(source.watched(watch), params.arguments or {})

    async def list_resources(self, context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        found = resources.listed(self._source(context))
        cursor = params.cursor if params is not None else None
        if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
            raise MCPError(code=INVALID_PARAMS, message="The cursor is none that was given out.")
        start = int(cursor or 0)
        after = start + _PAGE
        return ListResourcesResult(resources=found[start:after], next_cursor=str(after) if after < len(found) else None)

    async def list_templates(self, _: Context, __: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=resources.templates())

    async def read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        contents = resources.read(self._source(context), str(params.uri))
        # The SQL of the last query is another after the next; the rest changes with the model.
        seconds = 0 if str(params.uri) == resources.LAST else _MINUTE
        return ReadResourceResult(contents=[contents], ttl_ms=seconds, cache_scope="private")

    async def list_prompts(self, context: Context, _: PaginatedRequestParams | None) -> ListPromptsResult:
        return ListPromptsResult(prompts=prompts.listed(self._source(context)))

    async def get_prompt(self, context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        return prompts.written(self._source(context), params.name, params.arguments or {})

    async def complete(self, context: Context, params: CompleteRequestParams) -> CompleteResult:
        return CompleteResult(completion=await completed(self._source(context), params))
