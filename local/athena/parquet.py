"""Parquet files: whether their columns have the types the table declares, how many bytes a column takes, writing."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from local.athena.errors import StatementFailed
from local.athena.translate.types import INTEGERS, Type, is_decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

MAGIC = b"PAR1"
COMPRESSIONS = {"SNAPPY": "snappy", "GZIP": "gzip", "ZSTD": "zstd", "NONE": "none", "UNCOMPRESSED": "none"}
DEFAULT_COMPRESSION = "GZIP"


@dataclass(frozen=True)
class Footer:
    """What a file says about itself: its Arrow schema, and the compressed bytes of each top-level column."""

    schema: pa.Schema
    column_bytes: dict[str, int]


@functools.lru_cache(maxsize=4096)
def footer(path: Path) -> Footer:
    """The footer of a local copy; copies never change, so it is read once.

    Raises:
        StatementFailed: `HIVE_BAD_DATA` if the file is no Parquet.
    """
    try:
        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
    except (pa.ArrowInvalid, OSError) as error:
        raise StatementFailed("HIVE_BAD_DATA", "Not valid Parquet file") from error
    column_bytes: dict[str, int] = {}
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(place)
            name = chunk.path_in_schema.split(".", 1)[0]
            column_bytes[name] = column_bytes.get(name, 0) + chunk.total_compressed_size
    return Footer(schema, column_bytes)


def readable_as(stored: pa.DataType, kind: Type) -> bool:
    """Whether Athena reads a stored column as `kind`. DuckDB would cast what Athena refuses."""
    if pa.types.is_dictionary(stored):
        return readable_as(stored.value_type, kind)
    test = _TESTS.get(kind.name)
    return test is not None and bool(test(stored, kind))


def _integer(stored: pa.DataType, kind: Type) -> bool:
    """Narrower integers are widened."""
    return any(stored == narrower for narrower in _INTEGER_TYPES[: INTEGERS.index(kind) + 1])


def _decimal(stored: pa.DataType, kind: Type) -> bool:
    precision, scale = kind.numbers
    return bool(pa.types.is_decimal(stored) and stored.scale == scale and stored.precision <= precision)


def _list(stored: pa.DataType, kind: Type) -> bool:
    return bool(pa.types.is_list(stored)) and readable_as(stored.value_type, kind.items[0])


def _mapping(stored: pa.DataType, kind: Type) -> bool:
    pairs = ((stored.key_type, kind.items[0]), (stored.item_type, kind.items[1])) if pa.types.is_map(stored) else ()
    return bool(pairs) and all(readable_as(inner, item) for inner, item in pairs)


def _struct(stored: pa.DataType, kind: Type) -> bool:
    if not pa.types.is_struct(stored):
        return False
    names = tuple(stored.field(place).name.lower() for place in range(stored.num_fields))
    return names == kind.fields and all(
        readable_as(stored.field(place).type, item) for place, item in enumerate(kind.items)
    )


def _naive_or_utc(stored: pa.DataType, _: Type) -> bool:
    return pa.types.is_timestamp(stored) and stored.tz in {None, "UTC", "+00:00"}


_INTEGER_TYPES = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
_TESTS: dict[str, Callable[[pa.DataType, Type], bool]] = {
    **dict.fromkeys((kind.name for kind in INTEGERS), _integer),
    "boolean": lambda stored, _: pa.types.is_boolean(stored),
    "double": lambda stored, _: pa.types.is_float64(stored),
    "varchar": lambda stored, _: pa.types.is_string(stored) or pa.types.is_large_string(stored),
    "varbinary": lambda stored, _: pa.types.is_binary(stored) or pa.types.is_large_binary(stored),
    "date": lambda stored, _: pa.types.is_date32(stored),
    "timestamp": _naive_or_utc,
    "decimal": _decimal,
    "array": _list,
    "map": _mapping,
    "row": _struct,
}


def arrow_type(kind: Type) -> pa.DataType:
    """The Arrow type in which a result column is written.

    Raises:
        StatementFailed: `NOT_SUPPORTED`, as Hive tables cannot hold the type.
    """
    if is_decimal(kind):
        return pa.decimal128(*kind.numbers)
    if kind.name == "array":
        return pa.list_(arrow_type(kind.items[0]))
    if kind.name == "map":
        return pa.map_(arrow_type(kind.items[0]), arrow_type(kind.items[1]))
    if kind.name == "row":
        return pa.struct(
            [
                (field or f"field{n}", arrow_type(item))
                for n, (field, item) in enumerate(zip(kind.fields, kind.items, strict=True))
            ]
        )
    if kind.name in _ARROW:
        return _ARROW[kind.name]
    raise StatementFailed("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")


_ARROW = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def write_parts(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, compression: str, rows_per_part: int
) -> Iterable[bytes]:
    """Files of at most about `rows_per_part` rows each; none for no rows."""
    buffer: io.BytesIO | None = None
    writer: pq.ParquetWriter | None = None
    rows = 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        if writer is None:
            buffer = io.BytesIO()
            writer = pq.ParquetWriter(buffer, schema, compression=compression)
        writer.write_table(pa.Table.from_batches([batch]).cast(schema))
        rows += batch.num_rows
        if rows >= rows_per_part and buffer is not None:
            writer.close()
            yield buffer.getvalue()
            buffer, writer, rows = None, None, 0
    if writer is not None and buffer is not None:
        writer.close()
        yield buffer.getvalue()
