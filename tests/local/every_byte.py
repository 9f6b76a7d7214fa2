"""All that a region's buckets hold, unpacked: for tests that look for traces."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet
from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from local.region import Region

_SYNC = 16  # bytes between the blocks of an Avro file


def versions(region: Region) -> Iterator[tuple[str, str, str]]:
    """(bucket, key, version) of every version of every object."""
    s3 = region.client("s3")
    for layer in names.Layer:
        bucket = names.bucket(layer, region.account, region.name)
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for found in page.get("Versions", []):
                yield bucket, found["Key"], found["VersionId"]


def traces(region: Region, words: Sequence[str], numbers: Mapping[str, int]) -> list[str]:
    """Where any of the words or numbers occurs, in keys or in unpacked bytes."""
    wanted = {word: [word.encode(), word.encode("latin-1"), word.encode("utf-16-le")] for word in words}
    wanted |= {name: [str(number).encode(), struct.pack("<q", number)] for name, number in numbers.items()}
    found = []
    for bucket, key, version in versions(region):
        answer = region.client("s3").get_object(Bucket=bucket, Key=key, VersionId=version)
        everything = key.encode() + repr(answer["Metadata"]).encode() + unpacked(answer["Body"].read())
        found += [f"{bucket}/{key} ({version}): {word}" for word, forms in wanted.items()
                  if any(form in everything for form in forms)]  # fmt: skip
    return found


def unpacked(body: bytes) -> bytes:
    """The bytes, and after them what they hold in packed form."""
    if body.startswith(b"\x1f\x8b"):
        return body + gzip.decompress(body)
    if body.startswith(b"\x28\xb5\x2f\xfd"):
        return body + bytes(pa.CompressedInputStream(pa.BufferReader(body), "zstd").read())
    if body.startswith(b"PAR1"):
        with parquet.ParquetFile(io.BytesIO(body)) as file:
            statistics = str(file.metadata.to_dict())
            return body + statistics.encode() + str(file.read().to_pylist()).encode()
    return body + b"".join(_blocks(body)) if body.startswith(b"Obj\x01") else body


def _blocks(body: bytes) -> Iterator[bytes]:
    """The blocks of an Avro file, inflated."""
    stream, header = io.BytesIO(body[4:]), {}
    while entries := _long(stream):
        for _ in range(entries):
            name = stream.read(_long(stream))
            header[name] = stream.read(_long(stream))
    stream.read(_SYNC)
    assert header[b"avro.codec"] in {b"null", b"deflate"}
    while stream.tell() < len(body) - 4:
        _long(stream)
        block = stream.read(_long(stream))
        yield zlib.decompress(block, -zlib.MAX_WBITS) if header[b"avro.codec"] == b"deflate" else block
        stream.read(_SYNC)


def _long(stream: io.BytesIO) -> int:
    """A number in Avro's variable length."""
    value = shift = 0
    while True:
        byte = stream.read(1)[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return (value >> 1) ^ -(value & 1)
