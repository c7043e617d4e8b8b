"""Answers that are compressed once and sent many times, each time with another end (gzip, RFC 1952; deflate, RFC 1951).

head of a gzip file | the body, deflated up to a whole byte | its end, in a block that is stored as it is | checksum and length
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_BYTES = 1024
"""What is shorter is sent as it is."""
LONG_BYTES = 128 * 1024
"""What is longer is compressed in a thread: it takes milliseconds, in which nobody else would be answered."""
LEVEL = 4
"""Two thirds of the time that 6 takes, for answers that are a few percent longer."""

_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Deflated, made at no time, by no system in particular."""
_SUMS = struct.Struct("<II")
_STORED = struct.Struct("<BHH")
_MODULUS = 1 << 32


def takes_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a client says that it reads gzip (RFC 9110, section 12.5.3).

    >>> takes_gzip([(b"accept-encoding", b"br;q=1.0, gzip;q=0.5")]), takes_gzip([(b"accept-encoding", b"gzip;q=0")])
    (True, False)
    """
    return any(
        name == b"accept-encoding" and b"gzip" in value.lower() and _names_gzip(value) for name, value in headers
    )


def _names_gzip(value: bytes) -> bool:
    for part in value.lower().split(b","):
        coding, _, weight = part.partition(b";")
        if coding.strip() in {b"gzip", b"x-gzip"}:
            return weight.replace(b" ", b"").rstrip(b"0") not in {b"q=", b"q=0."}
    return False


def pack(body: bytes) -> bytes:
    """A body, compressed so that an end can follow it, behind its checksum and its length."""
    deflating = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflating.compress(body) + deflating.flush(zlib.Z_SYNC_FLUSH)
    return _SUMS.pack(zlib.crc32(body), len(body) % _MODULUS) + packed


def ended(packed: bytes, end: bytes) -> bytes:
    """What `pack` made of a body, followed by an end of less than 64 KiB, as a file of gzip.

    >>> import gzip
    >>> gzip.decompress(ended(pack(b"[1, 2"), b", 3]"))
    b'[1, 2, 3]'
    """
    checksum, length = _SUMS.unpack_from(packed)
    stored = _STORED.pack(1, len(end), len(end) ^ 0xFFFF)
    sums = _SUMS.pack(zlib.crc32(end, checksum), (length + len(end)) % _MODULUS)
    return b"".join((_HEAD, memoryview(packed)[_SUMS.size :], stored, end, sums))
