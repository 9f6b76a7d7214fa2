"""What was read becomes raw objects, named after what is in them and from when on it was asked for.

Reading that again writes them again, or finds them. Not so a later reading with the same content: of rows without a
version the one that came last stands, so what is as it was before something else came must come once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.jsonvalue import compact
from watershed.poll.model import Stream
from watershed.s3 import S3

if TYPE_CHECKING:
    from collections.abc import Iterable


LARGE = 8 * 1024**2  # bytes of lines after which an object is written


@dataclass
class RawObjects:
    """The raw objects of one reading of one stream.

    Args:
        s3: Objects.
        bucket: Raw's.
        source: The source's name.
        stream: What is read.
        since: From when on the window is read, or when the reading began: the day that objects are filed under.
        before: Digests of the reading before, whose objects need not be written again.
        forget: Called before any other object is written, from when on those of the reading before do not stand.
        digests: Of what this reading gave.
    """

    s3: S3
    bucket: str
    source: str
    stream: Stream
    since: datetime
    before: frozenset[str] = frozenset()
    forget: Callable[[], None] = lambda: None
    digests: list[str] = field(default_factory=list)
    records: int = 0
    _lines: list[bytes] = field(default_factory=list)
    _size: int = 0

    @property
    def is_large(self) -> bool:
        """Whether it is time to write."""
        return self._size >= LARGE

    def add(self, lines: Iterable[bytes]) -> None:
        """Put records, as `line` gives them, into the object under way."""
        for each in lines:
            self._lines.append(each)
            self._size += len(each)

    def write(self) -> None:
        """Write the object under way, if there is anything in it."""
        if self._lines:
            self.records += len(self._lines)
            self.put(b"".join(self._lines))
        self._lines, self._size = [], 0

    def put(self, body: bytes) -> None:
        """Write one object, unless it is there."""
        digest = _digest(body)
        if digest not in self.before:
            self.forget()
            name = _digest(f"{self.since.isoformat()} {digest}".encode())
            key = names.raw_key(self.stream.dataset, self.source, self.since, name, self.stream.format)
            self.s3.put_new(self.bucket, key, body)
        self.digests.append(digest)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def line(record: Any) -> bytes:
    """A record as one line of JSON: its values as they were written, without spaces between them.

    Half a character stays one, so that bronze says of that row what is wrong with it.
    """
    return compact(record).encode("utf-8", "surrogatepass") + b"\n"
