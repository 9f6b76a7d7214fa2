"""Text of any declared encoding as a stream of UTF-8, in which undecodable bytes stay visible as invalid UTF-8."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, BinaryIO

from watershed.errors import ConfigurationError, FileRejected
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

_BOM = codecs.BOM_UTF8
_ESCAPE = "watershed-escape"  # our codec error handler
_HEAD = 16  # bytes looked at to tell what a file is
# First bytes of what is often sent under a text file's name.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PAR1", "Parquet"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format 3\x00", "a database"),
)
_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TextStream:
    """UTF-8 bytes without a byte order mark, read forward.

    Raises:
        FileRejected: on opening, if the first bytes are those of another format or encoding.
        ConfigurationError: on opening, if Python does not know the encoding.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._to_utf8 = _transcoder(encoding)
        head = stream.read(_HEAD)
        _refuse_other_formats(head, passes_through=self._to_utf8 is None)
        self._pending = self._converted(head, final=len(head) < _HEAD)
        while self._pending.startswith(_BOM):  # some writers put a second one before their own
            self._pending = self._pending.removeprefix(_BOM)

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end."""
        while len(self._pending) < size:
            block = self._stream.read(size)
            if not block:
                self._pending += self._converted(b"", final=True)
                break
            self._pending += self._converted(block, final=False)
        data, self._pending = self._pending[:size], self._pending[size:]
        return data

    def _converted(self, block: bytes, *, final: bool) -> bytes:
        return block if self._to_utf8 is None else self._to_utf8(block, final)


def _transcoder(encoding: str) -> Callable[[bytes, bool], bytes] | None:
    """A function from bytes of `encoding` (and whether they are the last) to UTF-8; None where nothing is to do."""
    try:
        codec = codecs.lookup(encoding)
    except LookupError as error:
        raise ConfigurationError(
            f"The encoding {encoding!r} of a contract's source is unknown.",
            remedy="Use a name that Python's codecs know, e.g. utf-8, latin-1, cp1252, utf-16.",
        ) from error
    if codec.name in {"utf-8", "utf-8-sig"}:
        return None
    decoder = codecs.getincrementaldecoder(codec.name)(errors=_ESCAPE)

    def to_utf8(block: bytes, final: bool) -> bytes:
        try:
            return decoder.decode(block, final).encode("utf-8", "surrogateescape")
        except UnicodeError as error:
            raise FileRejected(
                Reason.UNREADABLE_FILE,
                f"The file is not {codec.name}, which its source declares: {error}.",
                remedy="Send text in that encoding, or correct the contract's encoding.",
            ) from error

    return to_utf8


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Let undecodable bytes through as 0xFF, which no UTF-8 has: as themselves, two might pass for a character."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff" * (error.end - error.start), error.end


codecs.register_error(_ESCAPE, _escape)


def _refuse_other_formats(head: bytes, *, passes_through: bool) -> None:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise FileRejected(
                Reason.UNREADABLE_FILE,
                f"The name promises text, the first bytes are those of {name}.",
                remedy="Name the file for what it is, or send text.",
            )
    if passes_through and head.startswith(_UTF16_BOMS):
        raise FileRejected(
            Reason.UNREADABLE_FILE,
            "The file is UTF-16, its source declares UTF-8.",
            remedy="Set the source's encoding to utf-16, or send UTF-8.",
        )


def is_text(data: bytes) -> bool:
    """Whether `data` is UTF-8 without NUL."""
    if b"\x00" in data:
        return False
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def shown(data: bytes) -> str:
    r"""`data` as text for people; what is not UTF-8 as `\xNN`."""
    return data.decode(errors="backslashreplace")
