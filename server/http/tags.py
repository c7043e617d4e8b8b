"""ETags: what a client has is not sent again (RFC 9110, sections 8.8.3 and 13.1.2)."""

from __future__ import annotations

import hashlib


def tag_of(content: bytes) -> bytes:
    """A strong tag: another content has another one."""
    return b'"%b"' % hashlib.sha256(content).hexdigest()[:32].encode()


def is_known(tag: bytes, listed: bytes) -> bool:
    """Whether a tag is among those that `If-None-Match` lists, compared weakly as it has to be.

    >>> is_known(b'W/"a"', b'"b", "a"'), is_known(b'"a"', b"*"), is_known(b'"a"', b"")
    (True, True, False)
    """
    known = [each.strip().removeprefix(b"W/") for each in listed.split(b",")]
    return tag.removeprefix(b"W/") in known or known == [b"*"]
