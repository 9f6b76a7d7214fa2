"""Compressed and encoded streams: whole, in pieces, broken, and made to explode."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed.bronze import decompress as guard
from watershed.bronze.decompress import decompress
from watershed.bronze.format import Compression
from watershed.bronze.text import TextStream
from watershed.errors import ConfigurationError, FileRejected, Transient

if TYPE_CHECKING:
    from collections.abc import Callable


def zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data))


PACKERS = [(gzip.compress, Compression.GZIP), (zstd, Compression.ZSTD)]
NOISE = os.urandom(200_000)


@pytest.mark.parametrize(("pack", "compression"), PACKERS)
@pytest.mark.parametrize("data", [b"", b"x", b"id,name\n" * 300_000, NOISE])
def test_a_stream_expands_to_what_was_packed(
    pack: Callable[[bytes], bytes], compression: Compression, data: bytes
) -> None:
    assert decompress(io.BytesIO(pack(data)), compression).read() == data
    assert decompress(io.BytesIO(pack(data) + pack(data)), compression).read() == data + data


@pytest.mark.parametrize(("pack", "compression"), PACKERS)
def test_a_broken_stream_is_unreadable(pack: Callable[[bytes], bytes], compression: Compression) -> None:
    packed = pack(NOISE)
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 0xFF
    damaged = [b"id,name\n", packed[:-1], packed[:5], packed[: len(packed) // 2], packed + b"more", packed + packed[:9]]
    if compression is Compression.GZIP:
        damaged.append(bytes(flipped))  # our zstd frames carry no checksum
    for broken in damaged:
        with pytest.raises(FileRejected, match="corrupt or truncated") as refused:
            decompress(io.BytesIO(broken), compression).read()
        assert refused.value.reason == "unreadable_file"


class Broken(io.RawIOBase):
    """A connection that breaks."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        raise Transient("broke", remedy="again")


@pytest.mark.parametrize("compression", Compression)
def test_a_broken_connection_is_no_broken_file(compression: Compression) -> None:
    stream = decompress(Broken(), compression)  # type: ignore[arg-type]  # raw streams have all that is used
    with pytest.raises(Transient):
        stream.read(1)


def test_a_bomb_is_stopped_while_it_expands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "RATIO_COUNTS_FROM", 1_000_000)
    bomb = gzip.compress(bytes(50_000_000))
    stream = decompress(io.BytesIO(bomb), Compression.GZIP)
    with pytest.raises(FileRejected, match="more than 200 times its size") as refused:
        stream.read()
    assert refused.value.reason == "decompression_bomb"


def test_an_endless_stream_is_stopped_whatever_its_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_EXPANDED", 100_000)
    with pytest.raises(FileRejected, match="expands to more than") as refused:
        decompress(io.BytesIO(gzip.compress(NOISE)), Compression.GZIP).read()
    assert refused.value.reason == "decompression_bomb"


def test_a_small_file_may_be_as_repetitive_as_it_likes() -> None:
    data = b"0" * 20_000_000
    assert len(zlib.compress(data)) * 200 < len(data)
    assert decompress(io.BytesIO(gzip.compress(data)), Compression.GZIP).read() == data


@given(st.text(max_size=50), st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig"]), st.integers(1, 60))
def test_any_encoding_becomes_utf8_in_any_pieces(text: str, encoding: str, size: int) -> None:
    text = text.encode(errors="replace").decode().removeprefix("\ufeff")
    stream = TextStream(io.BytesIO(("id" * 8 + text).encode(encoding)), encoding)
    found = b""
    while block := stream.read(size):
        assert len(block) <= size
        found += block
    assert found.decode() == "id" * 8 + text


@given(
    st.binary(max_size=40), st.sampled_from(["ascii", "cp1252", "utf-16", "shift_jis", "gb18030", "utf-7", "utf-32"])
)
def test_undecodable_bytes_never_raise_and_never_look_like_text(data: bytes, encoding: str) -> None:
    padded = ("x" * 16).encode(encoding) + data
    found = TextStream(io.BytesIO(padded), encoding).read(1000)
    try:
        expected = padded.decode(encoding)
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            found.decode()
    else:
        assert found.decode() == expected.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (b"PK\x03\x04", "zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PAR1", "Parquet"),
        (b"BZh9", "bzip2"),
        (b"%PDF-1.7", "PDF"),
        (codecs.BOM_UTF16_LE + "id".encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + "id".encode("utf-16-be"), "UTF-16"),
    ],
)
def test_another_formats_first_bytes_are_recognised(head: bytes, names: str) -> None:
    with pytest.raises(FileRejected, match=names) as refused:
        TextStream(io.BytesIO(head + bytes(100)), "utf-8")
    assert refused.value.reason == "unreadable_file"


def test_an_encoding_nobody_knows_is_the_contracts_fault() -> None:
    with pytest.raises(ConfigurationError, match=r"'klingon'.*utf-16"):
        TextStream(io.BytesIO(b"id\n"), "klingon")
