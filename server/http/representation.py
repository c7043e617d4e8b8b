"""An answer as it is sent: in a form, packed for whom reads that, and not at all to whom has it already.

Every caller has answers of his own, and data change: caches may keep an answer for that caller alone, and ask before each use
whether it still holds (RFC 9111, section 5.2.2). They ask with its ETag, which tells what the answer says: it stays the same for
as long as a question asked anew comes to the same. It is weak (RFC 9110, section 8.8.1), because how long the answer took and how
long it was kept are in it too.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from server.http.formats import compact
from server.http.packing import LEAST_BYTES, LONG_BYTES, ended, pack, takes_gzip
from server.http.tags import is_known, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from engine import Result
    from server.http.formats import Format
    from server.service import Answered

    Headers = list[tuple[bytes, bytes]]

_OF_THE_MOMENT = frozenset({"seconds", "replay"})
"""Parts of an answer that differ each time it is computed; what a replay needs is in `query` too, but for the moment."""
_CACHING = ((b"cache-control", b"private, no-cache"), (b"vary", b"Accept, Accept-Encoding, Authorization"))


class Wanted(NamedTuple):
    """How a client wants an answer: its form, whether gzip is read, and the ETags of what the client has.

    These are None where there is no ETag: one belongs to an address, and a question in a body has none of its own.
    """

    form: Format
    is_packed: bool
    has: bytes | None


class Representation(NamedTuple):
    """An answer as it is sent."""

    status: int
    headers: Headers
    body: bytes


def wanted(scope: Mapping[str, Any], form: Format) -> Wanted:
    """What the client of a request wants, in a form that it asked for."""
    has = None
    if scope["method"] in {"GET", "HEAD"}:
        has = b",".join([value for name, value in scope["headers"] if name == b"if-none-match"])
    return Wanted(form, takes_gzip(scope["headers"]), has)


def represent(answered: Answered, wanted: Wanted) -> Representation:
    """An answer as a client wants it; 304 for one that the client has (RFC 9110, section 13.1.2)."""
    form = wanted.form
    told, is_held = _told(answered, wanted, _tag_in(form, answered))
    if is_held:
        return _unchanged(told)
    body = answered.written(form.name, form.write)
    common, end = _common(form, body), _end(answered) if form.has_account else b""
    if wanted.is_packed and len(common) + len(end) >= LEAST_BYTES:
        told.append((b"content-encoding", b"gzip"))
        body = ended(answered.written(f"{form.name} gzip", lambda _: pack(common)), end)
    else:
        body = common + end
    return _whole(body, form, told)


async def represent_aside(answered: Answered, wanted: Wanted) -> Representation:
    """The same as `represent`; a long answer is packed in a thread, so that it holds up nobody else."""
    form = wanted.form
    is_to_be_packed = wanted.is_packed and not answered.is_written(f"{form.name} gzip")
    if is_to_be_packed and not _told(answered, wanted, _tag_in(form, answered))[1]:
        body = answered.written(form.name, form.write)
        if len(body) >= LONG_BYTES:
            await answered.written_aside(f"{form.name} gzip", lambda: pack(_common(form, body)))
    return represent(answered, wanted)


def put_together(body: bytes, answers: Sequence[Answered], wanted: Wanted) -> Representation:
    """A body that was made of several answers in one form; not packed yet."""
    told, is_held = _told(answers[0], wanted, lambda: _tag(b"".join(_tag_in(wanted.form, each)() for each in answers)))
    return _unchanged(told) if is_held else _whole(body, wanted.form, told)


def _tag_in(form: Format, answered: Answered) -> Callable[[], bytes]:
    return lambda: answered.written(f"{form.name} tag", lambda result: _tag_of(result, form.name))


def _common(form: Format, body: bytes) -> bytes:
    """What is common to all who ask: what tells how long an answer was kept is written anew each time."""
    return body[:-1] if form.has_account else body


def _told(answered: Answered, wanted: Wanted, tag_of_answer: Callable[[], bytes]) -> tuple[Headers, bool]:
    """What is told of an answer beside its body: its age and its ETag; and whether the client has it by that."""
    told = [(b"age", b"%d" % answered.age)] if answered.hit else []
    if wanted.has is None:
        return told, False
    tag = tag_of_answer()
    return [*told, (b"etag", tag)], is_known(tag, wanted.has)


def _unchanged(told: Headers) -> Representation:
    return Representation(304, [*_CACHING, *told], b"")


def _whole(body: bytes, form: Format, told: Headers) -> Representation:
    return Representation(200, [(b"content-length", b"%d" % len(body)), *_constant(form.media_type), *told], body)


def _end(answered: Answered) -> bytes:
    """The end of an object that tells how long it was kept."""
    if not answered.hit:
        return b"}"
    # By hand, which takes a third of the time of a general encoder.
    return b',"cache":{"hit":true,"age_seconds":%.1f,"kept_for_seconds":%.1f}}' % (answered.age, answered.kept_for)


def _tag_of(result: Result, form: str) -> bytes:
    said = {name: part for name, part in result.as_dict().items() if name not in _OF_THE_MOMENT}
    return _tag(form.encode() + compact(said))


def _tag(content: bytes) -> bytes:
    return b"W/" + tag_of(content)


@cache
def _constant(media_type: str) -> tuple[tuple[bytes, bytes], ...]:
    return (b"content-type", media_type.encode()), *_CACHING
