"""Bodies that are too long, said or unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.http.middleware.body_limit import BodyLimit
from tests.server.http.middleware.asking import ask, echo

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send

pytestmark = pytest.mark.anyio

LIMITED = BodyLimit(echo, 10)


@pytest.mark.parametrize("length", ["11", "99999999999999999999999", "-1", "1e1", "0x1", "²", ""])
async def test_a_length_that_is_too_much_or_none_is_refused_before_anything_is_read(length: str) -> None:
    told = await ask(LIMITED, headers=[("content-length", length)])
    assert told.status == 413
    assert told.header("connection") == "close"


async def test_as_much_as_may_be_passes() -> None:
    assert (await ask(LIMITED, headers=[("content-length", "10")], body=[b"x" * 10])).body == b"10"
    assert (await ask(LIMITED, body=[b"xxxxx", b"", b"xxxxx"])).body == b"10"


async def test_a_body_in_parts_is_refused_as_soon_as_it_is_too_long() -> None:
    read: list[int] = []

    async def counting(_scope: Scope, receive: Receive, _send: Send) -> None:
        while True:
            read.append(len((await receive())["body"]))

    told = await ask(BodyLimit(counting, 10), body=[b"xxxx"] * 1000)
    assert told.status == 413
    assert told.json()["status"] == 413
    assert read == [4, 4]


async def test_an_application_that_hides_that_its_body_broke_off_does_not_hide_why() -> None:
    async def hiding(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await echo(scope, receive, send)
        except Exception:  # noqa: BLE001  as frameworks do
            await PlainTextResponse("oops", 500)(scope, receive, send)

    assert (await ask(BodyLimit(hiding, 10), body=[b"x" * 20])).status == 413


async def test_a_route_that_reads_a_long_body_answers_413_once() -> None:
    async def read(request: Request) -> Response:
        return Response(await request.body())

    routed = Starlette(routes=[Route("/", read, methods=["POST"])], middleware=[Middleware(BodyLimit, most=10)])
    assert (await ask(routed, method="POST", body=[b"x" * 6, b"x" * 6])).status == 413


async def test_a_failure_of_the_application_stays_one() -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await ask(BodyLimit(failing, 10))


async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    async def early(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more: Message = {"more_body": True}
        while more.get("more_body"):
            more = await receive()

    with pytest.raises(Exception, match="longer than"):
        await ask(BodyLimit(early, 10), body=[b"x" * 20])
