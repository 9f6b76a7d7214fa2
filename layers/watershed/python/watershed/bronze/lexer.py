"""Where CSV records begin and end, by exactly the rules of Arrow's parser.

A quote opens a quoted field only as a field's first character; inside, two quotes are one; after the closing quote,
and in fields that do not begin with one, quotes are ordinary. A record ends at CR, LF or CRLF outside quotes.
Arrow parses far faster than Python can look, yet it does not tell where a record lies. So Arrow does the work, and
this class answers where it cannot: at the edges of chunks, around broken bytes, and for line numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTE = b'"'
_QUOTE = QUOTE[0]
_LINE_END = re.compile(rb"\r\n|\r|\n")
_QUOTED = re.compile(rb'[^"]*+(?:""[^"]*+)*+"')
_TRIES = 100  # each looks through the data


def count_lines(data: bytes) -> int:
    """How many line ends `data` holds, CRLF being one."""
    if b"\r" not in data:
        return data.count(b"\n")
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


class Lexer:
    """Splits records and fields for one delimiter, a single ASCII character."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter.encode("ascii")
        field_start = b"[^" + re.escape(self.delimiter) + rb"\r\n]"
        self._stop = re.compile(rb"\r\n|\r|\n|(?<!" + field_start + b')"')
        # A field of several lines, and behind its closing quote neither a delimiter nor a line end.
        self._run_on = re.compile(
            b'"(?<!' + field_start + b'")'
            rb'[^"\r\n]*+(?:""[^"\r\n]*+)*+[\r\n][^"]*+(?:""[^"]*+)*+"(?![\r\n"]|' + re.escape(self.delimiter) + b")"
        )

    def records(self, data: bytes) -> Iterator[tuple[int, int, int]]:
        """(start, end, next start) of each complete record that is not blank. `data` begins with a record.

        What follows the last line end outside quotes is not complete.
        """
        start = position = 0
        while match := self._stop.search(data, position):
            if data[match.start()] == _QUOTE:
                position = _after_quoted(data, match.end())
                if position < 0:
                    return
                continue
            if match.start() > start:
                yield start, match.start(), match.end()
            start = position = match.end()

    def boundary(self, data: bytes) -> int:
        """Where the last complete record ends, its line end included; 0 if there is none. Exact, and slow."""
        end = position = 0
        while match := self._stop.search(data, position):
            if data[match.start()] == _QUOTE:
                position = _after_quoted(data, match.end())
                if position < 0:
                    break
            else:
                end = position = match.end()
        return end

    def run_on(self, data: bytes) -> list[tuple[int, int]]:
        """(start, end) of each record that opens a quote by mistake: up to the end of the line on which it does so.

        The opening quote of a later record then passes for the closing one, and all between for one field. What gives
        it away is the text behind that quote. The next line begins a record again.
        """
        found: list[tuple[int, int]] = []
        start = position = 0 if self._run_on.search(data) else len(data)
        while match := self._stop.search(data, position):
            if data[match.start()] != _QUOTE:
                start = position = match.end()
            elif self._run_on.match(data, match.start()):
                end, following = self.line_end(data, match.end())
                found.append((start, end))
                start = position = following
            else:
                position = _after_quoted(data, match.end())
                if position < 0:
                    break
        return found

    def open_quote(self, data: bytes) -> int:
        """The position of the quote that nothing in `data` closes; 0 if there is none. `data` begins with a record."""
        position = 0
        while match := self._stop.search(data, position):
            position = match.end()
            if data[match.start()] == _QUOTE:
                position = _after_quoted(data, match.end())
                if position < 0:
                    return match.start()
        return 0

    def line_end(self, data: bytes, position: int) -> tuple[int, int]:
        """Where the line of `position` ends, and where the next one begins; both the end of `data` if none does."""
        found = _LINE_END.search(data, position)
        return found.span() if found else (len(data), len(data))

    def likely_boundary(self, data: bytes) -> int:
        """As `boundary`, taking every quote for an opening or a closing one.

        Fast, and wrong if some quotes are neither; 0 also if there are too many lines to try.
        """
        end = _last_line_end(data, len(data))
        odd = data.count(QUOTE, 0, end) % 2
        for _ in range(_TRIES):
            if not odd or not end:
                return end
            # Behind the last quote, no line end is outside quotes.
            previous = _last_line_end(data, data.rfind(QUOTE, 0, end))
            odd ^= data.count(QUOTE, previous, end) % 2
            end = previous
        return 0

    def fields(self, record: bytes) -> list[bytes]:
        """The fields of one complete record, unquoted."""
        found = []
        position = 0
        while True:
            quoted = b""
            if record.startswith(QUOTE, position):
                after = _after_quoted(record, position + 1)
                quoted = record[position + 1 : after - 1].replace(QUOTE + QUOTE, QUOTE)
                position = after
            end = record.find(self.delimiter, position)
            found.append(quoted + record[position : end if end >= 0 else len(record)])
            if end < 0:
                return found
            position = end + 1


def _after_quoted(data: bytes, position: int) -> int:
    """The position after the quote that closes the field whose content begins at `position`; -1 if none does."""
    closed = _QUOTED.match(data, position)
    return closed.end() if closed else -1


def _last_line_end(data: bytes, end: int) -> int:
    """The position after the last CR or LF in `data[:end]`; 0 if there is none."""
    line_feed = data.rfind(b"\n", 0, end)
    return max(line_feed, data.rfind(b"\r", line_feed + 1, end)) + 1
