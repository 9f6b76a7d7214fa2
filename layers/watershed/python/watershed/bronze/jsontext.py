"""JSON files: an array of objects, one object, or objects one after another. A bad element costs only itself."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any

from watershed import jsonvalue
from watershed.bronze.batch import MEBIBYTE, RAW_LIMIT, ROW_LIMIT, SIZE_RULE, TEXT_RULE, Batch
from watershed.bronze.collect import CheckNames, Collector, any_names
from watershed.errors import FileRejected
from watershed.jsonvalue import NotARecord
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.bronze.text import TextStream

_BLOCK = 64 * 1024  # small: Python's decoder looks through the whole window to report an error
_NOT_SPACE = re.compile(r"[^ \t\r\n]")


def read(stream: TextStream, check_names: CheckNames = any_names) -> Iterator[Batch]:
    """The file's records in order.

    Raises:
        FileRejected: if the text around the records is not what JSON allows, or the file ends too early; or as
            `check_names`, which is called with the names that a record adds to the file's.
    """
    return _Reader(stream, check_names).batches()


def places(text: str) -> Iterator[tuple[int, int, int]]:
    """(row number, start, end) of each record of a whole file that `read` can read, numbered as it does."""
    position, row = _next(text, 0), 1
    in_array = text[position : position + 1] == "["
    position = _next(text, position + in_array)
    while position < len(text) and not (in_array and text[position] == "]"):
        try:
            _, end = jsonvalue.decode_at(text, position)
        except NotARecord:
            end = _end_of_broken(text, position) or len(text)
        yield row, position, end
        row, position = row + 1, _next(text, end)
        if in_array and text[position : position + 1] == ",":
            position = _next(text, position + 1)


def _next(text: str, position: int) -> int:
    """Where the next character that is not a space is; the text's end if there is none."""
    found = _NOT_SPACE.search(text, position)
    return found.start() if found else len(text)


def _end_of_broken(text: str, start: int) -> int | None:
    """Where a value that cannot be decoded ends, going by strings and brackets alone; None: beyond the text."""
    depth = 0
    for match in jsonvalue.STRUCTURE.finditer(text, start):
        mark = match.group()
        if mark == '"':  # a string without an end
            return None
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
            if depth <= 0:
                return match.end() if depth == 0 else match.start()
        elif mark == "," and depth == 0:
            return match.start()
    return None


class _Reader:
    """A window on the text that begins where the last record ended."""

    def __init__(self, stream: TextStream, check_names: CheckNames) -> None:
        self._stream = stream
        # What is not UTF-8 passes as lone surrogates, so that only its record is held back.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
        self._window = ""
        self._at_end = False
        self._position = 0  # in the window
        self._line = 1  # where lines were last counted to,
        self._counted = 0  # and that place in the window
        self._collector = Collector(check_names)

    def batches(self) -> Iterator[Batch]:
        """The records, as `read` says."""
        first = self._peek()
        if first == "[":
            self._position += 1
            yield from self._array()
        elif first == "{":
            while following := self._peek():
                if following != "{":
                    raise self._broken("something that is no object follows one")
                self._record()
                if self._collector.is_full:
                    yield self._collector.flush()
        elif first:
            raise self._broken("it begins neither an array nor an object")
        yield self._collector.flush()

    def _array(self) -> Iterator[Batch]:
        if self._peek() != "]":
            self._record()
            while self._peek() == ",":
                self._position += 1
                self._record()
                if self._collector.is_full:
                    yield self._collector.flush()
        if self._peek() != "]":
            raise self._broken("a comma or the array's end is missing")
        self._position += 1
        if self._peek():
            raise self._broken("something follows the array's end")

    def _peek(self) -> str:
        """The next character that is not a space, to which the reader moves; none at the file's end."""
        while True:
            if match := _NOT_SPACE.search(self._window, self._position):
                self._position = match.start()
                return match.group()
            self._position = len(self._window)
            if self._at_end:
                return ""
            self._read_on()

    def _read_on(self) -> None:
        """Drop what was read and add a block."""
        self._here()
        size = max(_BLOCK, min(len(self._window) - self._position, ROW_LIMIT))  # doubling, for long records
        block = self._stream.read(size)
        self._at_end = len(block) < size
        self._window = self._window[self._position :] + self._decoder.decode(block, self._at_end)
        self._position = self._counted = 0

    def _record(self) -> None:
        """Hand the value at the reader's position to the collector, and move behind it."""
        self._peek()
        while True:
            value, end = self._value()
            # A number at the window's end may go on in the next block.
            if end is not None and (self._at_end or end < len(self._window)):
                break
            if len(self._window) - self._position > ROW_LIMIT:
                raise FileRejected(
                    Reason.ROW_TOO_LARGE,
                    f"The record that begins on line {self._here()} has no end within {ROW_LIMIT // MEBIBYTE} MiB.",
                    remedy="Shorten the record, or close what it opens.",
                )
            if self._at_end:
                raise self._broken("the file ends within a record")
            self._read_on()
        text, line = self._window[self._position : end], self._here()
        self._position = end
        if len(text) > ROW_LIMIT:
            self._collector.add_bad(Reason.ROW_TOO_LARGE, SIZE_RULE, _shown(text[:RAW_LIMIT]), line)
        elif isinstance(value, NotARecord):
            self._collector.add_bad(value.reason, value.rule, _shown(text), line)
        elif not _is_unicode(text):
            self._collector.add_bad(Reason.INVALID_ENCODING, TEXT_RULE, _shown(text), line)
        else:
            self._collector.add(text, line, lambda _: value)

    def _value(self) -> tuple[Any, int | None]:
        """The value at the reader's position or why it is none, and where it ends, if in the window."""
        try:
            return jsonvalue.decode_at(self._window, self._position)
        except NotARecord as error:
            return error, _end_of_broken(self._window, self._position)

    def _here(self) -> int:
        """The line on which the reader stands."""
        self._line += self._window.count("\n", self._counted, self._position)
        self._counted = self._position
        return self._line

    def _broken(self, what: str) -> FileRejected:
        return FileRejected(
            Reason.UNREADABLE_FILE,
            f"The file is not JSON on line {self._here()}: {what}.",
            remedy="Send an array of objects, or one object a line as .jsonl.",
        )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode(errors="backslashreplace")
