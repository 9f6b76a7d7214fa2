"""CSV and TSV, read in chunks of whole records, so that memory does not depend on the file's size."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from watershed.bronze import columns
from watershed.bronze.batch import MEBIBYTE, QUOTE_RULE, RAW_LIMIT, ROW_LIMIT, SIZE_RULE, BadRow, Batch, only_bad
from watershed.bronze.chunk import ChunkParser
from watershed.bronze.lexer import QUOTE, Lexer, count_lines
from watershed.bronze.text import is_text, shown
from watershed.errors import FileRejected, Terminal
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watershed.bronze.text import TextStream

CHUNK = MEBIBYTE  # bytes parsed at once: small, for each may be half a million bad rows; large enough for Arrow
_HEADER_LIMIT = CHUNK
_BLANK = b" \r\n"
_LINE_ENDS = b"\r\n"


def read(stream: TextStream, delimiter: str, check_header: Callable[[list[str]], None]) -> Iterator[Batch]:
    """The records after the header, in order. An empty or header-only file has none.

    Args:
        stream: UTF-8; bytes that are not may occur, and cost only the record they are in.
        delimiter: One ASCII character.
        check_header: Called with the normalised header; raises `FileRejected` if it will not do.

    Raises:
        FileRejected: if the header cannot be read or will not do.
    """
    reader = _Reader(stream, delimiter)
    names = reader.header()
    if names:
        check_header(names)
        yield from reader.batches(ChunkParser(names, delimiter))


def places(data: bytes, delimiter: str) -> Iterator[tuple[int, int, int, int]]:
    """(row number, start, end, columns of the file) of each record after the header, numbered as `read` does.

    Args:
        data: A whole file, as `read` gets it.
        delimiter: One ASCII character.

    Raises:
        FileRejected: as `read`.
        Terminal: if records cannot be told apart as `read` does.
    """
    reader = _Reader(io.BytesIO(data), delimiter)
    names = reader.header()
    parser = _Watched(names, delimiter)
    start, row = reader.position, 1
    for batch in reader.batches(parser) if names else ():
        found = list(Lexer(delimiter).records(parser.seen))
        if batch.records and not parser.seen:
            found = [_single(data[start : reader.position])]
        if len(found) != batch.records:
            raise Terminal(
                f"The records {row} to {row + batch.records - 1} cannot be told apart.",
                remedy="Delete the object's version by hand, and send the file again without the rows.",
            )
        yield from ((row + i, start + first, start + end, len(names)) for i, (first, end, _) in enumerate(found))
        row, start, parser.seen = row + batch.records, reader.position, b""


class _Watched(ChunkParser):
    """Lets one see where the records of the last batch are; empty if it was none of the parser's."""

    seen = b""

    def _batch(self, data: bytes, found: Any, first_row: int, first_line: int) -> Batch:
        self.seen = data
        return super()._batch(data, found, first_row, first_line)


def _single(data: bytes) -> tuple[int, int, int]:
    """Where the one record is that was held back by itself."""
    return len(data) - len(data.lstrip(_LINE_ENDS)), len(data.rstrip(_LINE_ENDS)), len(data)


class _Reader:
    """A window on the file that begins where a record begins."""

    def __init__(self, stream: TextStream | BinaryIO, delimiter: str) -> None:
        self.position = 0  # of the window's first byte, in the stream
        self._stream = stream
        self._lexer = Lexer(delimiter)
        self._window = b""
        self._at_end = False
        self._line = 1  # of the window's first byte
        self._row = 1  # number of the next record

    def header(self) -> list[str]:
        """The columns' names, normalised; none if the file has only blank lines."""
        self._read_on()
        while not self._window.strip(_BLANK):
            if self._at_end:
                return []
            self._move_on(len(self._window))
            self._read_on()
        start, end, following = self._first_record()
        record = self._window[start:end]
        if not record or not is_text(record):
            raise FileRejected(
                Reason.UNREADABLE_FILE,
                "The first line is no header: it has no end, an unclosed quote, NUL bytes or another encoding.",
                remedy="Send a header line, and text in the encoding that the contract's source declares.",
            )
        names = columns.header([field.decode() for field in self._lexer.fields(record)])
        self._move_on(following)
        return names

    def _first_record(self) -> tuple[int, int, int]:
        """As `Lexer.records`; three zeros if there is no complete record within the limit."""
        while True:
            found = next(self._lexer.records(self._window), None)
            if found is not None:
                return found
            if self._at_end or len(self._window) >= _HEADER_LIMIT:
                return 0, 0, 0
            self._read_on()

    def batches(self, parser: ChunkParser) -> Iterator[Batch]:
        """The records from here on."""
        while True:
            batch = self._complete_records(parser) or self._blocking_record()
            if batch is not None:
                self._row += batch.records
                yield batch
            elif self._at_end:
                return
            else:
                self._read_on()

    def _read_on(self) -> None:
        """Add a chunk to the window; at the file's end, complete the last line."""
        size = max(CHUNK, min(len(self._window), ROW_LIMIT))  # doubling, to be through with a long record soon
        block = self._stream.read(size)
        self._at_end = len(block) < size
        self._window += block
        if self._at_end and self._window and not self._window.endswith((b"\n", b"\r")):
            self._window += b"\n"

    def _move_on(self, size: int) -> None:
        behind, self._window = self._window[:size], self._window[size:]
        split = behind.endswith(b"\r") and self._window.startswith(b"\n")  # a CRLF, counted with its LF
        self._line += count_lines(behind) - split
        self.position += size

    def _complete_records(self, parser: ChunkParser) -> Batch | None:
        """Parse what the window holds of complete records, at most a few chunks of them, and move on behind them."""
        # A final CR may be half of a CRLF.
        window = self._window if self._at_end or not self._window.endswith(b"\r") else self._window[:-1]
        if len(window) > 2 * CHUNK:  # a long record is at its front
            start, end, following = next(self._lexer.records(window), (0, 0, 0))
            if end - start > ROW_LIMIT:
                return self._held_back(Reason.ROW_TOO_LARGE, SIZE_RULE, window[start:end], following)
            window = window[: max(following, CHUNK)] if following else b""
        end = self._lexer.likely_boundary(window)
        batch = parser.parse(window[:end], self._row, self._line, certain=False) if end else None
        if batch is None and QUOTE in window:
            end = self._lexer.boundary(window)
            batch = parser.parse(window[:end], self._row, self._line, certain=True) if end else None
        if batch is not None:  # the parser may leave the last records for later
            self._move_on(batch.text_bytes)
        return batch

    def _blocking_record(self) -> Batch | None:
        """Hold back the record at the window's front, if reading on cannot complete it.

        So it is at the file's end, and once the record outgrows its limit. A quote that nothing closes must not
        swallow all that follows: the record is held back up to the end of that quote's line, and the next line begins
        a record.
        """
        if not self._window or (not self._at_end and len(self._window) <= ROW_LIMIT):
            return None
        end, following = self._lexer.line_end(self._window, self._lexer.open_quote(self._window))
        reason, rule = (Reason.MALFORMED_ROW, QUOTE_RULE) if self._at_end else (Reason.ROW_TOO_LARGE, SIZE_RULE)
        goes_on = end == len(self._window)
        batch = self._held_back(reason, rule, self._window[:end], following)
        while goes_on and not self._at_end:  # the rest of the overlong line
            self._read_on()
            end, following = self._lexer.line_end(self._window, 0)
            goes_on = end == len(self._window)
            self._move_on(following)
        return batch

    def _held_back(self, reason: Reason, rule: str, record: bytes, size: int) -> Batch:
        """A batch of the one bad record at the window's front; move on by `size` bytes, behind it."""
        raw = shown(record if len(record) <= ROW_LIMIT else record[:RAW_LIMIT])
        bad = BadRow(reason, rule, raw, self._row, self._line)
        self._move_on(size)
        return only_bad(bad)
