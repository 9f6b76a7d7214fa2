"""A raw file without some of its rows. Text keeps every other byte; in Parquet the rows lose all their values.

Where a row stood, something as long stands that is no row. So every other row keeps its number, and the file falls into
the same parts. What comes out is read again and compared before anybody may use it.
"""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types
from pyarrow.parquet import ParquetWriter

from watershed.bronze import delimited, erased, jsonlines, jsontext, readers
from watershed.bronze.batch import ROW_NUMBER
from watershed.bronze.decompress import decompress
from watershed.bronze.format import Compression, Format, format_of
from watershed.bronze.parquet import opened
from watershed.bronze.parts import parts
from watershed.erase import encoding
from watershed.errors import FileRejected, Terminal
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from watershed.bronze.parts import Part
    from watershed.bronze.route import Route


def rewritten(body: bytes, chosen: Route, rows: Collection[int]) -> bytes:
    """The file without the rows whose numbers are given.

    Args:
        body: A file that bronze's readers take.
        chosen: Its route.
        rows: 1-based, as bronze numbers them, good rows or bad ones.

    Raises:
        FileRejected: if bronze would refuse it.
        Terminal: if what comes out would not be the other rows, each in its place.
    """
    kind, compression = format_of(chosen.file_name)
    plain = decompress(io.BytesIO(body), compression).read()
    made = _without(plain, kind, chosen, frozenset(rows))
    made = _compressed(made, compression)
    if not _holds_the_others(body, made, chosen, rows):
        raise Terminal(
            f"The other rows of {chosen.file_name} would not be read as before.",
            remedy="Delete the object's version by hand, and send the file again without the rows.",
        )
    return made


def _without(plain: bytes, kind: Format, chosen: Route, rows: frozenset[int]) -> bytes:
    if kind is Format.PARQUET:
        return _parquet(plain, rows)
    data = encoding.decoded(plain, chosen.source.encoding)
    places = _delimited(data, kind, chosen, rows) if kind in {Format.CSV, Format.TSV} else _json(data, kind, rows)
    return encoding.filled(plain, chosen.source.encoding, list(places))


def _delimited(data: bytes, kind: Format, chosen: Route, rows: frozenset[int]) -> Iterator[tuple[int, int, bytes]]:
    delimiter = readers.delimiter_of(kind, chosen)
    for row, start, end, columns in delimited.places(data, delimiter):
        if row in rows:
            yield start, end, erased.filling(delimiter, columns).encode() * (end - start)


def _json(data: bytes, kind: Format, rows: frozenset[int]) -> Iterator[tuple[int, int, bytes]]:
    text = data.decode("utf-8", "surrogateescape")
    position = counted = 0  # in bytes, and the same in characters
    for row, start, end in (jsonlines if kind is Format.JSONL else jsontext).places(text):
        if row in rows:
            position += len(text[counted:start].encode("utf-8", "surrogateescape"))
            size = len(text[start:end].encode("utf-8", "surrogateescape"))
            yield position, position + size, erased.json_filling(text[start:end]).encode()
            position, counted = position + size, end


def _parquet(plain: bytes, rows: frozenset[int]) -> bytes:
    sink, first = pa.BufferOutputStream(), 1
    with opened(io.BytesIO(plain)) as file:
        fields = [_nullable(field) for field in file.schema_arrow]
        schema = pa.schema(fields, file.schema_arrow.metadata)
        with ParquetWriter(sink, schema, compression="zstd") as writer:
            for number in range(file.num_row_groups):
                group = file.read_row_group(number)
                kept = pa.array([None if first + i in rows else i for i in range(group.num_rows)], pa.int64())
                writer.write_table(pa.table([_taken(column, kept) for column in group.columns], schema=schema))
                first += group.num_rows
    return bytes(sink.getvalue())


def _nullable(field: pa.Field) -> pa.Field:
    return pa.field(field.name, _plain(field.type), nullable=True, metadata=field.metadata)


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type whose values may be empty at any depth, as text without views and lists without a fixed size.

    It has no dictionary, which would keep the values of rows that are gone.
    """
    if types.is_dictionary(kind):
        return _plain(kind.value_type)
    if types.is_struct(kind):
        return pa.struct([_nullable(field) for field in kind])
    if types.is_map(kind):
        return pa.map_(_plain(kind.key_type), _nullable(kind.item_field))
    if types.is_large_list(kind):
        return pa.large_list(_nullable(kind.value_field))
    if types.is_list(kind) or types.is_fixed_size_list(kind):
        return pa.list_(_nullable(kind.value_field))
    return {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}.get(kind, kind)


def _taken(column: pa.ChunkedArray, kept: pa.Array) -> pa.ChunkedArray:
    kind = _plain(column.type)
    return (column if kind == column.type else pc.cast(column, kind)).take(kept)


def _compressed(plain: bytes, compression: Compression) -> bytes:
    if compression is Compression.GZIP:
        return gzip.compress(plain, mtime=0)
    return plain if compression is Compression.NONE else pa.compress(plain, "zstd", asbytes=True)


def _holds_the_others(body: bytes, made: bytes, chosen: Route, rows: Collection[int]) -> bool:
    # Both as remainders, so that a malformed row which looks like an erased one is told alike.
    before, after = (parts(readers.read(io.BytesIO(one), len(one), chosen, is_remainder=True)) for one in (body, made))
    try:
        return all(_is_rest(*pair, rows) for pair in zip(before, after, strict=True))
    except (FileRejected, ValueError):  # it is broken, or has more parts
        return False


def _is_rest(before: Part, after: Part, rows: Collection[int]) -> bool:
    """Whether `after` holds the good and bad rows of `before` but for `rows`, which it tells as erased."""
    gone = pa.array(sorted(rows), pa.int64())
    stay = before.table.filter(pc.invert(pc.is_in(before.table[ROW_NUMBER], gone)))
    numbers = {row.row_number for row in before.bad} | set(before.table[ROW_NUMBER].to_pylist())
    told = {row.row_number for row in after.bad if row.reason is Reason.ERASED}
    kept = [(row.row_number, row.reason, row.raw) for row in before.bad if row.row_number not in rows]
    bad = [(row.row_number, row.reason, row.raw) for row in after.bad if row.row_number not in rows]
    names = dict.fromkeys([*before.table.column_names, *after.table.column_names])
    return (
        numbers & set(rows) <= told
        and kept == bad
        and stay.num_rows == after.table.num_rows
        and all(_column(stay, name).equals(_column(after.table, name)) for name in names)
    )


def _column(rows: pa.Table, name: str) -> pa.ChunkedArray:
    """The column; without values if the table has none: in JSON one that only erased rows had is gone."""
    return rows[name] if name in rows.column_names else pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
