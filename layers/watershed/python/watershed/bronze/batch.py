"""What every reader yields: some rows as columns of text, and the rows that are not text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from watershed.reasons import Reason

ROW_NUMBER = "_row_number"  # lineage column: 1-based data record in the file
MEBIBYTE = 1024 * 1024
ROW_LIMIT = 16 * MEBIBYTE  # bytes of one record; a longer one is held back, so that memory stays bounded
MAX_COLUMNS = 2000  # of one file; each costs memory for every row
SIZE_RULE = f"a row has at most {ROW_LIMIT // MEBIBYTE} MiB"
QUOTE_RULE = "a quote that opens a field is closed"
TEXT_RULE = "text in the declared encoding, without NUL"
RAW_LIMIT = 64 * 1024  # characters kept of a row that is too large


class BadRow(NamedTuple):
    """One record that stays text. A tuple, for there may be half a million in a chunk."""

    reason: Reason
    rule: str
    raw: str
    row_number: int  # 1-based data record
    line_number: int | None = None  # 1-based line on which it starts, when known
    column: str | None = None


@dataclass(frozen=True)
class Batch:
    """Consecutive records of one file.

    `table` has the column `_row_number` (int64), and string columns named as in the file after normalising. The
    numbers in `table` and `bad` together are gapless.
    """

    table: pa.Table
    bad: tuple[BadRow, ...]
    text_bytes: int

    @property
    def records(self) -> int:
        """How many records were read, good or bad."""
        return int(self.table.num_rows) + len(self.bad)


def only_bad(row: BadRow) -> Batch:
    """A batch of one row that is held back."""
    return Batch(pa.table({ROW_NUMBER: pa.array([], pa.int64())}), (row,), len(row.raw))
