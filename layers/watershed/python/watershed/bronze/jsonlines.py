"""JSONL: one JSON object a line. A bad line costs only itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.bronze.batch import MEBIBYTE, RAW_LIMIT, ROW_LIMIT, SIZE_RULE, TEXT_RULE, Batch
from watershed.bronze.collect import CheckNames, Collector, any_names
from watershed.bronze.text import is_text, shown
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.bronze.text import TextStream

_BLOCK = MEBIBYTE
_BLANK = " \t\r\v\f"  # a line of nothing else is no record; no-break spaces and the like are text


def read(stream: TextStream, check_names: CheckNames = any_names) -> Iterator[Batch]:
    """The file's records in order; blank lines are none.

    Raises:
        FileRejected: as `check_names`, which is called with the names that a record adds to the file's.
    """
    collector = Collector(check_names)
    for number, line in enumerate(_lines(stream), start=1):
        if len(line) > ROW_LIMIT:
            collector.add_bad(Reason.ROW_TOO_LARGE, SIZE_RULE, shown(line[:RAW_LIMIT]), number)
        elif not is_text(line):
            collector.add_bad(Reason.INVALID_ENCODING, TEXT_RULE, shown(line), number)
        elif line.strip(_BLANK.encode()):
            collector.add(line.decode(), number)
        if collector.is_full:
            yield collector.flush()
    yield collector.flush()


def places(text: str) -> Iterator[tuple[int, int, int]]:
    """(row number, start, end) of each record of a whole file, numbered as `read` does."""
    row, start = 1, 0
    for line in text.split("\n"):
        if line.strip(_BLANK) or len(line) > ROW_LIMIT:
            yield row, start, start + len(line)
            row += 1
        start += len(line) + 1


def _lines(stream: TextStream) -> Iterator[bytes]:
    """The lines without their ends; of a line beyond the limit, its beginning, just too long."""
    rest = b""
    while block := stream.read(_BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
        rest = rest[: ROW_LIMIT + 1]
    if rest:
        yield rest
