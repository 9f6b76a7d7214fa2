"""Gathers JSON records one by one into batches of columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from watershed import jsonvalue
from watershed.bronze.batch import MAX_COLUMNS, MEBIBYTE, ROW_NUMBER, BadRow, Batch
from watershed.jsonvalue import Flattener, NotARecord
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

CheckNames = Callable[["Iterable[str]"], None]  # raises FileRejected if the file may not have such columns
_BATCH_BYTES = 2 * MEBIBYTE  # of source text
_BATCH_ROWS = 10_000


def any_names(_: Iterable[str]) -> None:
    """Takes every column."""


class Collector:
    """Numbers records, sorts out bad ones, and hands over batches.

    Records need not have the same members: a batch has the columns of all the file's records so far.
    """

    def __init__(self, check_names: CheckNames = any_names) -> None:
        self._check_names = check_names
        self._flattener = Flattener()
        self._names: dict[str, None] = {}  # an ordered set
        self._row = 0
        self._clear()

    def add(self, text: str, line: int, value_of: Callable[[str], Any] = jsonvalue.decode) -> None:
        """Take the next record, which is `text` and begins on `line`; `value_of` decodes it."""
        self._row += 1
        self._size += len(text)
        try:
            record = self._flattener.columns(value_of(text), text)
            self._remember(record)
        except NotARecord as error:
            self._bad.append(BadRow(error.reason, error.rule, text, self._row, line, error.column))
        else:
            self._rows.append(record)
            self._numbers.append(self._row)

    def add_bad(self, reason: Reason, rule: str, text: str, line: int) -> None:
        """Take the next record, which is known to be bad."""
        self._row += 1
        self._size += len(text)
        self._bad.append(BadRow(reason, rule, text, self._row, line))

    @property
    def is_full(self) -> bool:
        """Whether it is time to `flush`."""
        return self._size >= _BATCH_BYTES or len(self._rows) + len(self._bad) >= _BATCH_ROWS

    def flush(self) -> Batch:
        """The records since the last call."""
        columns = {name: pa.array([row.get(name) for row in self._rows], pa.string()) for name in self._names}
        table = pa.table({**columns, ROW_NUMBER: pa.array(self._numbers, pa.int64())})
        batch = Batch(table, tuple(self._bad), self._size)
        self._clear()
        return batch

    def _remember(self, record: dict[str, str | None]) -> None:
        """Add the record's columns to the file's."""
        new = record.keys() - self._names.keys()
        if len(self._names) + len(new) > MAX_COLUMNS:
            raise NotARecord(Reason.MALFORMED_ROW, f"all records together have at most {MAX_COLUMNS} names")
        if new:
            self._check_names([name for name in record if name in new])
            self._names.update(dict.fromkeys(record))

    def _clear(self) -> None:
        self._rows: list[dict[str, str | None]] = []
        self._numbers: list[int] = []
        self._bad: list[BadRow] = []
        self._size = 0
