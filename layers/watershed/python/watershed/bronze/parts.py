"""Batches gathered into parts of bounded size, each one Parquet object with its lineage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

from watershed.bronze.batch import MEBIBYTE, ROW_NUMBER, BadRow, Batch
from watershed.records import LINEAGE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PART_ROWS = 500_000
PART_BYTES = 64 * MEBIBYTE  # of source text
PART_MEMORY = 256 * MEBIBYTE  # of Arrow columns; reached by wide tables with little in them
PART_BAD_ROWS = 50_000
_PIECE_ROWS = 50_000  # no more is added to a part at once
_OFFSET_BYTES = 4  # of memory that Arrow needs for each string, even an empty one
_ROW_GROUP_ROWS = 122_880  # what DuckDB gives each thread
_DICTIONARY_BYTES = 64 * 1024  # beyond it, values of a column rarely repeat, and plain encoding is faster


@dataclass(frozen=True)
class Part:
    """Some consecutive records of a file: those that are rows, and those that are held back."""

    table: pa.Table  # as Batch.table
    bad: tuple[BadRow, ...]


@dataclass(frozen=True)
class Lineage:
    """Where rows come from: the same for all rows of an object version."""

    source_key: str
    source_version: str
    ingested_at: datetime  # the raw object's LastModified, UTC
    batch_id: str


def parts(batches: Iterable[Batch]) -> Iterator[Part]:
    """Gather batches into parts. What a part holds follows from the batches alone, so a repeat makes equal parts."""
    gathered = _Gathered()
    for batch in batches:
        for piece in _pieces(batch):
            if not gathered.has_room_for(piece):
                yield gathered.part()
                gathered = _Gathered()
            gathered.add(piece)
    if gathered.records:
        yield gathered.part()


def with_lineage(rows: pa.Table, lineage: Lineage) -> pa.Table:
    """A part's table as bronze stores it: the source's columns, then those of `records.LINEAGE_COLUMNS`."""
    ingested_at = pa.scalar(lineage.ingested_at.replace(tzinfo=None), pa.timestamp("us"))  # UTC, as Iceberg has it
    own = {
        "_source_key": _repeated(pa.scalar(lineage.source_key), rows.num_rows),
        "_source_version": _repeated(pa.scalar(lineage.source_version), rows.num_rows),
        ROW_NUMBER: rows[ROW_NUMBER],
        "_ingested_at": _repeated(ingested_at, rows.num_rows),
        "_batch_id": _repeated(pa.scalar(lineage.batch_id), rows.num_rows),
    }
    source = rows.drop_columns([ROW_NUMBER])
    columns = dict(zip(source.column_names, source.columns, strict=True))
    return pa.table(columns | {name: own[name] for name, _ in LINEAGE_COLUMNS})


def encode(table: pa.Table) -> bytes:
    """`table` as a Parquet file. Equal tables give equal bytes."""
    sink = pa.BufferOutputStream()
    numbers = [field.name for field in table.schema if pa.types.is_integer(field.type)]
    parquet.write_table(
        table,
        sink,
        row_group_size=_ROW_GROUP_ROWS,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in table.column_names if name not in numbers],
        dictionary_pagesize_limit=_DICTIONARY_BYTES,
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        write_statistics=False,  # nobody filters bronze by text
        store_schema=False,  # so that a dictionary is read back as what it holds
    )
    return bytes(sink.getvalue())


class _Gathered:
    """A part in the making."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._names: dict[str, None] = {}  # an ordered set
        self._bad: list[BadRow] = []
        self._rows = 0
        self._bytes = 0

    @property
    def records(self) -> int:
        return self._rows + len(self._bad)

    def has_room_for(self, batch: Batch) -> bool:
        """Whether adding `batch` keeps within the limits. An empty part takes any batch."""
        rows = self._rows + batch.table.num_rows
        size = self._bytes + batch.text_bytes
        columns = len(self._names.keys() | batch.table.column_names)
        return not self.records or (
            rows <= PART_ROWS
            and size <= PART_BYTES
            and size + rows * columns * _OFFSET_BYTES <= PART_MEMORY
            and len(self._bad) + len(batch.bad) <= PART_BAD_ROWS
        )

    def add(self, batch: Batch) -> None:
        self._tables.append(batch.table)
        self._names.update(dict.fromkeys(batch.table.column_names))
        self._bad.extend(batch.bad)
        self._rows += batch.table.num_rows
        self._bytes += batch.text_bytes

    def part(self) -> Part:
        tables = [table for table in self._tables if table.num_rows] or self._tables[:1]
        return Part(pa.concat_tables(tables, promote_options="default"), tuple(self._bad))


def _pieces(batch: Batch) -> Iterator[Batch]:
    """The batch, cut where it has more rows, good or bad, than may be added at once."""
    longest = max(batch.table.num_rows, len(batch.bad))
    for start in range(0, longest, _PIECE_ROWS):
        end = start + _PIECE_ROWS
        share = batch.text_bytes * (min(end, longest) - start) // longest
        yield Batch(batch.table.slice(start, _PIECE_ROWS), batch.bad[start:end], share)


def _repeated(value: pa.Scalar, rows: int) -> pa.DictionaryArray:
    """A column of one value, stored once."""
    return pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([value.as_py()], value.type)
    )
