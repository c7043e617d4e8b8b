"""What is compressed once can be ended in many ways, and every reader of gzip reads it."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.http.packing import ended, pack, takes_gzip


@given(st.binary(max_size=5000), st.integers(1, 200), st.binary(max_size=500))
def test_what_is_packed_is_read_as_the_body_and_its_end(part: bytes, times: int, end: bytes) -> None:
    packed = pack(part * times)
    for each in (end, b"", b"another"):
        told = ended(packed, each)
        assert gzip.decompress(told) == part * times + each
        # As browsers read: one member, nothing after it.
        reading = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert (reading.decompress(told), reading.eof, reading.unused_data) == (part * times + each, True, b"")


def test_the_longest_end_there_can_be() -> None:
    assert gzip.decompress(ended(pack(b"x"), b"y" * 0xFFFF)) == b"x" + b"y" * 0xFFFF


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        (b"gzip", True),
        (b"GZip", True),
        (b"x-gzip", True),
        (b"br, gzip;q=0.001", True),
        (b"gzip; q=1.0, identity; q=0.5", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000, br", False),
        (b"br", False),
        (b"not-gzip", False),
        (b"", False),
    ],
)
def test_gzip_is_sent_to_whom_says_that_he_reads_it(value: bytes, is_taken: bool) -> None:
    assert takes_gzip([(b"accept", b"gzip"), (b"accept-encoding", value)]) is is_taken


def test_without_a_word_nothing_is_compressed() -> None:
    assert not takes_gzip([])
    assert takes_gzip([(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")])
