"""Text of a declared encoding with some of its places filled: every other byte stays as it is."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING

from watershed.bronze.text import TextStream
from watershed.errors import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNDECODED = b"\xff"  # what TextStream makes of a byte that is no text
_MARKS = (b"", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_WIDEST = 4  # bytes of UTF-8 that one byte may become, at most


def decoded(plain: bytes, encoding: str) -> bytes:
    """A whole file as bronze's readers see it: UTF-8, without a mark of the byte order.

    Raises:
        FileRejected: as `TextStream`.
    """
    return TextStream(io.BytesIO(plain), encoding).read(_WIDEST * len(plain) + 1)


def filled(plain: bytes, encoding: str, places: Sequence[tuple[int, int, bytes]]) -> bytes:
    """The file with other text in some places.

    Args:
        plain: The file, not compressed.
        encoding: The one its source declares.
        places: (start, end, ASCII text to stand there), in order, by positions in `decoded`.

    Raises:
        Terminal: if it cannot be told which bytes of the file are meant.
    """
    data = decoded(plain, encoding)
    codec = _Codec(plain, encoding)
    at = len(plain) - codec.length(data)
    if plain[:at] not in {mark * count for mark in _MARKS for count in range(1, 4)} | {b""}:
        raise Terminal(
            f"The file's {encoding} cannot be written as it was read.",
            remedy="Delete the object's version by hand, and send the file again without the rows.",
        )
    pieces, before = [plain[:at]], 0
    for start, end, text in places:
        kept = codec.length(data[before:start])
        pieces += [plain[at : at + kept], text.decode("ascii").encode(codec.name)]
        at += kept + codec.length(data[start:end])
        before = end
    return b"".join([*pieces, plain[at:]])


class _Codec:
    """How many bytes of the file some text is."""

    def __init__(self, plain: bytes, encoding: str) -> None:
        name = codecs.lookup(encoding).name
        self._is_utf8 = name in {"utf-8", "utf-8-sig"}
        if name in {"utf-16", "utf-32"}:  # Python's encoders of these write a mark each time
            name += "-be" if plain.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) else "-le"
        self.name = "utf-8" if self._is_utf8 else name

    def length(self, text: bytes) -> int:
        if self._is_utf8:
            return len(text)
        whole = sum(len(piece.decode().encode(self.name)) for piece in text.split(_UNDECODED))
        return whole + text.count(_UNDECODED)
