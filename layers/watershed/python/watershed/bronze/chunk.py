"""Whole CSV records as columns of text, by Arrow; rows that are not text, or not rows, set apart."""

from __future__ import annotations

import codecs
import json
import re
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from watershed.bronze.batch import QUOTE_RULE, ROW_NUMBER, TEXT_RULE, BadRow, Batch
from watershed.bronze.lexer import QUOTE, Lexer, count_lines
from watershed.bronze.text import is_text, shown
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

_NUL = b"\x00"
_NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)]  # Unicode keeps them for a program's own use
_UNDECODED = re.compile("[\udc80-\udcff]")  # as Python's surrogateescape has them


class _Malformed(NamedTuple):
    """A record with the wrong number of fields."""

    number: int  # 1-based in the chunk
    fields: int
    text: str


class _Records(NamedTuple):
    """What Arrow finds in a chunk."""

    mark: str | None  # stands before bytes that are no text; None if there are none
    table: pa.Table  # the well-formed records
    malformed: list[_Malformed]

    @property
    def total(self) -> int:
        return int(self.table.num_rows) + len(self.malformed)


class ChunkParser:
    """Parses chunks of one file, whose columns are `names`."""

    def __init__(self, names: Sequence[str], delimiter: str) -> None:
        self._names = list(names)
        self._delimiter = delimiter
        self._lexer = Lexer(delimiter)
        # Whether bytes are UTF-8 is known beforehand; empty text stays text, because what it means is silver's to say.
        self._convert = csv.ConvertOptions(
            column_types=dict.fromkeys(self._names, pa.string()), strings_can_be_null=False, check_utf8=False
        )

    def parse(self, data: bytes, first_row: int, first_line: int, *, certain: bool) -> Batch | None:
        """The records of `data`, their numbers counted from those given.

        `data` must end where a record ends. If that is not `certain` and might not be so, the answer is None. The
        batch's `text_bytes` tell how much was taken: less than all of `data` where a record before was mended.
        """
        found = self._records(data)
        if not certain and QUOTE in data and _may_end_inside_quotes(found.table, found.malformed):
            return None
        # Only a record of several lines can have swallowed others.
        may_swallow = QUOTE in data and count_lines(data) != found.total
        if may_swallow and (mistaken := self._lexer.run_on(data)):
            return self._mended(data, mistaken, first_row, first_line)
        return self._batch(data, found, first_row, first_line)

    def _batch(self, data: bytes, found: _Records, first_row: int, first_line: int) -> Batch:
        """What was found in `data`, each row in its place."""
        mark, table, malformed = found
        total = found.total
        table = table.append_column(ROW_NUMBER, _numbers_except([row.number for row in malformed], total))
        broken = self._rows_with(mark, table) if mark is not None else []
        bad: list[BadRow] = []
        if malformed or broken:
            numbers = [row.number for row in malformed] + [number for number, _ in broken]
            lines_before = self._lines_before(data, numbers, total)

            def place(number: int) -> tuple[int, int]:
                return first_row + number - 1, first_line + lines_before(number)

            bad += [self._malformed(row, mark, *place(row.number)) for row in malformed]
            bad += [_not_text(row, mark, *place(number)) for number, row in broken if mark is not None]
            bad.sort(key=lambda row: row.row_number)
            table = table.filter(pc.invert(pc.is_in(table[ROW_NUMBER], pa.array(numbers, pa.int64()))))
        numbered = pc.add(table[ROW_NUMBER], first_row - 1)
        return Batch(table.set_column(len(self._names), ROW_NUMBER, numbered), tuple(bad), len(data))

    def _mended(self, data: bytes, mistaken: Sequence[tuple[int, int]], first_row: int, first_line: int) -> Batch:
        """As `parse`, with the records at the places `mistaken` held back, so that they swallow no others."""
        # In their place stands as much that is no row either, so that all positions and numbers stay as they are.
        filling = b"-" if len(self._names) > 1 else self._lexer.delimiter
        filled = bytearray(data)
        for start, end in mistaken:
            filled[start:end] = filling * (end - start)
        mended = bytes(filled[: self._lexer.boundary(bytes(filled))])
        numbers = {start: first_row + i for i, (start, _, _) in enumerate(self._lexer.records(mended))}
        raws = {numbers[start]: shown(data[start:end]) for start, end in mistaken if start in numbers}
        batch = self._batch(mended, self._records(mended), first_row, first_line)
        bad = (
            BadRow(Reason.MALFORMED_ROW, QUOTE_RULE, raws[row.row_number], row.row_number, row.line_number)
            if row.row_number in raws
            else row
            for row in batch.bad
        )
        return Batch(batch.table, tuple(bad), batch.text_bytes)

    def _records(self, data: bytes) -> _Records:
        mark = None if is_text(data) else _rarest_noncharacter(data)
        return _Records(mark, *self._table(data if mark is None else _marked(data, mark)))

    def _table(self, data: bytes) -> tuple[pa.Table, list[_Malformed]]:
        """The well-formed records, and the others."""
        malformed: list[_Malformed] = []

        def hold_back(row: csv.InvalidRow) -> str:
            malformed.append(_Malformed(row.number, row.actual_columns, row.text))
            return "skip"

        # Arrow takes a byte order mark for its own and drops it, at the front of every chunk: here it is text.
        data = codecs.BOM_UTF8 + data if data.startswith(codecs.BOM_UTF8) else data
        table = csv.read_csv(
            pa.BufferReader(data),
            # One block and one thread: Arrow numbers rows only without threads, and fails on a row that spans blocks.
            read_options=csv.ReadOptions(column_names=self._names, use_threads=False, block_size=len(data) + 1),
            parse_options=csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=hold_back
            ),
            convert_options=self._convert,
        )
        return table, malformed

    def _rows_with(self, mark: str, table: pa.Table) -> list[tuple[int, dict[str, str]]]:
        """The rows in which `mark` occurs, after their numbers."""
        marked = reduce(pc.or_, [pc.match_substring(table[name], mark) for name in self._names])
        rows = table.filter(marked).to_pylist()
        return [(row.pop(ROW_NUMBER), row) for row in rows]

    def _malformed(self, row: _Malformed, mark: str | None, number: int, line: int) -> BadRow:
        if mark is not None and mark in row.text:
            return BadRow(Reason.INVALID_ENCODING, TEXT_RULE, _unmarked(row.text, mark), number, line)
        rule = f"a row has {len(self._names)} fields; this one has {row.fields}"
        return BadRow(Reason.MALFORMED_ROW, rule, row.text, number, line)

    def _lines_before(self, data: bytes, numbers: Collection[int], total: int) -> Callable[[int], int]:
        """A function that tells how many lines of `data` come before each of the records `numbers`."""
        if count_lines(data) == total:  # no blank line and no record of several lines
            return lambda number: number - 1
        wanted, found = set(numbers), {}
        lines = counted = 0
        for number, (start, _, _) in enumerate(self._lexer.records(data), start=1):
            if number in wanted:
                lines += count_lines(data[counted:start])
                counted = start
                found[number] = lines
        return found.__getitem__


def _may_end_inside_quotes(table: pa.Table, malformed: Sequence[_Malformed]) -> bool:
    """Whether the last field may have swallowed the line end that was meant to end its record."""
    if malformed and malformed[-1].number == table.num_rows + len(malformed):
        return True
    if not table.num_rows:
        return False
    last: str = table.column(-1)[-1].as_py()
    return last.endswith(("\n", "\r"))


def _numbers_except(missing: Sequence[int], total: int) -> pa.Array:
    """1 … `total` without those `missing`."""
    numbers = pa.arange(1, total + 1)
    return numbers.filter(pc.invert(pc.is_in(numbers, pa.array(missing, pa.int64())))) if missing else numbers


def _rarest_noncharacter(data: bytes) -> str:
    """A character that `data` does not contain, if that is possible at all."""
    return min(_NONCHARACTERS, key=lambda character: data.count(character.encode()))


def _marked(data: bytes, mark: str) -> bytes:
    """`data` as UTF-8: each byte that is no text becomes `mark` and two hexadecimal digits. Rows stay rows."""
    text = data.replace(_NUL, f"{mark}00".encode()).decode(errors="surrogateescape")
    return _UNDECODED.sub(lambda byte: f"{mark}{ord(byte.group()) - 0xDC00:02x}", text).encode()


def _unmarked(text: str, mark: str) -> str:
    """The text as people are shown it."""
    return text.replace(mark, "\\x")


def _not_text(row: dict[str, str], mark: str, number: int, line: int) -> BadRow:
    raw = json.dumps({name: _unmarked(value, mark) for name, value in row.items()}, ensure_ascii=False)
    column = next(name for name, value in row.items() if mark in value)
    return BadRow(Reason.INVALID_ENCODING, TEXT_RULE, raw, number, line, column)
