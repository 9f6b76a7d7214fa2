"""The places where rows stood in a raw object before they were erased: told apart from rows that are malformed."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from watershed.bronze.batch import ROW_NUMBER, BadRow, Batch
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

RULE = "the person whom the row was about was erased"


def filling(delimiter: str, columns: int) -> str:
    """The character that, repeated, takes the place of a record of delimited text, and never makes a row of it."""
    return delimiter if columns == 1 else "." if delimiter == "-" else "-"


def json_filling(record: str) -> str:
    """What takes the place of a JSON record: as long, where one can be told, but no JSON."""
    if not record.startswith("{"):
        return "-" * len(record)
    return f"{{{'-' * max(len(record) - len('{}'), 1)}}}"


def erased_row(row: int, line: int | None = None) -> BadRow:
    """What is told of an erased row."""
    return BadRow(Reason.ERASED, RULE, "", row, line)


def told(batches: Iterator[Batch], delimiter: str = "") -> Iterator[Batch]:
    """What a reader makes of a remainder of text, with erased rows told as such."""
    for batch in batches:
        bad = tuple(erased_row(row.row_number, row.line_number) if _is_filling(row, delimiter) else row
                    for row in batch.bad)  # fmt: skip
        yield Batch(batch.table, bad, batch.text_bytes)


def told_empty(batches: Iterator[Batch]) -> Iterator[Batch]:
    """What a reader makes of a remainder in Parquet, where a row without any value is an erased one."""
    for batch in batches:
        is_empty = empty(batch.table)
        gone = [erased_row(number) for number in batch.table[ROW_NUMBER].filter(is_empty).to_pylist()]
        bad = sorted([*batch.bad, *gone], key=lambda row: row.row_number)
        yield Batch(batch.table.filter(pc.invert(is_empty)), tuple(bad), batch.text_bytes)


def empty(rows: pa.Table) -> pa.ChunkedArray:
    """For each row, whether it has no value in any column of its file."""
    values = [pc.is_null(rows[name]) for name in rows.column_names if name != ROW_NUMBER]
    return reduce(pc.and_, values) if values else pa.chunked_array([pa.repeat(pa.scalar(value=True), rows.num_rows)])


def _is_filling(row: BadRow, delimiter: str) -> bool:
    return bool(row.raw) and not row.raw.strip(f"-.{{}} \r\n\t{delimiter}")
