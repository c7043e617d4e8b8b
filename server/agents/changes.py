"""Tells clients that what is offered has changed, when the model was read again: in each era of the protocol by its own way.

2026-07-28       to whoever listens (`subscriptions/listen`)
handshake era    to every session, over its own channel
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp.server.context import ServerRequestContext
    from mcp.server.session import ServerSession
    from mcp.types import NotificationParams

    from engine import Model
    from server.service import Service

_LOOK_SECONDS = 2.0
_MOST_SECONDS = 5.0
"""A client that does not read what it is sent must not keep the others waiting."""


class Changes:
    """Follows the model of a service, and tells of its changes."""

    def __init__(self, service: Service) -> None:
        self.bus = InMemorySubscriptionBus()
        self._service = service
        self._sessions: set[ServerSession] = set()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Look for changes as long as the block runs, whether anybody asks questions or not."""
        told = self._service.models.changed
        told.append(self._on_change)
        tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._tell())]
        try:
            yield
        finally:
            told.remove(self._on_change)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def on_initialized(self, context: ServerRequestContext[Any, Any], _: NotificationParams) -> None:
        """Remember a session of the handshake era until it ends."""
        session = context.session
        self._sessions.add(session)
        # The SDK has no public way from a session to the end of its connection.
        session._connection.exit_stack.callback(self._sessions.discard, session)

    def _on_change(self, _: Model) -> None:
        self._changed.set()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._service.models.current()

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            lists = (ToolsListChanged(), ResourcesListChanged(), PromptsListChanged())
            for event in (*lists, ResourceUpdated("cube://model")):
                await self.bus.publish(event)
            await asyncio.gather(*map(_tell_session, tuple(self._sessions)))


async def _tell_session(session: ServerSession) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_MOST_SECONDS):
            await session.send_tool_list_changed()
            await session.send_resource_list_changed()
            await session.send_prompt_list_changed()
