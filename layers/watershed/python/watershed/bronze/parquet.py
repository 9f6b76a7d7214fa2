"""Parquet files: any types, read as text."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import reduce
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from watershed.bronze import columns
from watershed.bronze.arrowtext import to_text
from watershed.bronze.batch import MEBIBYTE, RAW_LIMIT, ROW_LIMIT, ROW_NUMBER, SIZE_RULE, TEXT_RULE, BadRow, Batch
from watershed.bronze.decompress import MAX_RATIO, RATIO_COUNTS_FROM
from watershed.bronze.text import is_text, shown
from watershed.errors import FileRejected, Terminal
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BATCH_ROWS = 8192
_READ_BUFFER = MEBIBYTE  # without it Arrow holds a row group's whole columns


def read(stream: BinaryIO, check_header: Callable[[list[str]], None]) -> Iterator[Batch]:
    """The file's rows in order.

    Parquet is read from its end, so the file is first copied to local disk.

    Raises:
        FileRejected: if it is not Parquet, is corrupt, expands beyond the limits, or its columns will not do.
    """
    with tempfile.NamedTemporaryFile() as copy:
        try:
            shutil.copyfileobj(stream, copy, MEBIBYTE)
            copy.flush()
        except OSError as error:
            raise Terminal(
                "The Parquet file does not fit on the function's local disk.",
                remedy="Raise the function's ephemeral storage, or split the file.",
            ) from error
        try:
            yield from _batches(copy.name, copy.tell(), check_header)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise FileRejected(
                Reason.UNREADABLE_FILE,
                "The file is not Parquet, or it is truncated, corrupt or encrypted.",
                remedy="Send the file again, whole.",
            ) from error


def opened(source: str | BinaryIO, **options: Any) -> parquet.ParquetFile:
    """The file, with `options` of `ParquetFile`.

    Of Spark's and Hive's INT96 times, microseconds: in nanoseconds, Arrow's default, a year before 1678 or after 2261,
    such as an open end's 9999, overflows to another one.
    """
    return parquet.ParquetFile(source, coerce_int96_timestamp_unit="us", **options)


def _batches(path: str, size: int, check_header: Callable[[list[str]], None]) -> Iterator[Batch]:
    with opened(path, buffer_size=_READ_BUFFER, pre_buffer=False) as file:
        names = columns.header(file.schema_arrow.names)
        check_header(names)
        row, expanded = 1, 0
        for rows in file.iter_batches(_BATCH_ROWS, use_threads=False):
            batch = _batch(names, rows, row)
            row += rows.num_rows
            expanded += batch.text_bytes
            if expanded > RATIO_COUNTS_FROM and expanded > MAX_RATIO * size:
                raise FileRejected(
                    Reason.DECOMPRESSION_BOMB,
                    f"The rows expand to more than {MAX_RATIO} times the file's size.",
                    remedy="Split the file, or send it as CSV.",
                )
            yield batch


def _batch(names: list[str], rows: pa.RecordBatch, first_row: int) -> Batch:
    table = pa.table([to_text(column) for column in rows.columns], names)
    size = table.nbytes
    bad = _bad_rows(table, first_row) if size > ROW_LIMIT or not _is_clean(table) else []
    table = table.append_column(ROW_NUMBER, pa.arange(first_row, first_row + rows.num_rows))
    if bad:
        numbers = pa.array([row.row_number for row in bad], pa.int64())
        table = table.filter(pc.invert(pc.is_in(table[ROW_NUMBER], numbers)))
    return Batch(table, tuple(bad), size)


def _is_clean(table: pa.Table) -> bool:
    """Whether all values are UTF-8 without NUL."""
    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return not any(pc.any(pc.match_substring(column, "\x00")).as_py() for column in table.columns)


def _bad_rows(table: pa.Table, first_row: int) -> list[BadRow]:
    """The rows that are too large or not text."""
    values = {name: pc.cast(table[name], pa.binary()) for name in table.column_names}
    sizes = [pc.cast(pc.fill_null(pc.binary_length(column), 0), pa.int64()) for column in values.values()]
    found = []
    for index, size in enumerate(reduce(pc.add, sizes).to_pylist()):
        row = {name: column[index].as_py() for name, column in values.items()}
        broken = next((name for name, value in row.items() if value is not None and not is_text(value)), None)
        if size > ROW_LIMIT:
            reason, rule = Reason.ROW_TOO_LARGE, SIZE_RULE
        elif broken is not None:
            reason, rule = Reason.INVALID_ENCODING, TEXT_RULE
        else:
            continue
        kept = {name: None if value is None else shown(value[:RAW_LIMIT]) for name, value in row.items()}
        found.append(BadRow(reason, rule, json.dumps(kept, ensure_ascii=False), first_row + index, column=broken))
    return found
