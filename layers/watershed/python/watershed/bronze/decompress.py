"""Compressed objects as plain streams, with a guard against files made to explode."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa

from watershed.bronze.batch import MEBIBYTE
from watershed.bronze.format import Compression
from watershed.errors import FileRejected
from watershed.reasons import Reason

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_RATIO = 200  # expanded bytes for each compressed one; text reaches 5 to 20, made-up text 100
RATIO_COUNTS_FROM = 64 * MEBIBYTE  # expanded; below it no ratio does harm
MAX_EXPANDED = 16 * 1024 * MEBIBYTE  # more than one invocation can land


def decompress(stream: BinaryIO, compression: Compression) -> BinaryIO:
    """`stream` expanded. Reading raises `FileRejected` if it is corrupt, truncated or expands beyond the limits."""
    return stream if compression is Compression.NONE else io.BufferedReader(_Expanded(stream, compression), MEBIBYTE)


class _Counted(io.RawIOBase):
    """Passes bytes on and counts them."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


class _Expanded(io.RawIOBase):
    """The expanded bytes, read forward."""

    def __init__(self, stream: BinaryIO, compression: Compression) -> None:
        super().__init__()
        self._compressed = _Counted(stream)
        self._compression = compression
        self._expanded = pa.CompressedInputStream(pa.PythonFile(self._compressed, mode="r"), compression.value)
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        try:
            data = self._expanded.read(len(buffer))
        except (OSError, pa.ArrowInvalid) as error:
            raise FileRejected(
                Reason.UNREADABLE_FILE,
                f"The {self._compression} stream is corrupt or truncated after {self._count} expanded bytes.",
                remedy="Send the file again, whole.",
            ) from error
        self._count += len(data)
        self._check()
        buffer[: len(data)] = data
        return len(data)

    def _check(self) -> None:
        if self._count > MAX_EXPANDED:
            rule = f"more than {MAX_EXPANDED // MEBIBYTE} MiB"
        elif self._count > RATIO_COUNTS_FROM and self._count > MAX_RATIO * self._compressed.count:
            rule = f"more than {MAX_RATIO} times its size"
        else:
            return
        raise FileRejected(
            Reason.DECOMPRESSION_BOMB,
            f"The {self._compression} stream expands to {rule}.",
            remedy="Split the file, or send it uncompressed.",
        )
