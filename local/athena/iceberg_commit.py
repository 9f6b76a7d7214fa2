"""Commits to Iceberg tables: pyiceberg on the region's Glue, one snapshot a statement, on the table as it was read."""

from __future__ import annotations

import functools
import threading
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow as pa
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.io.pyarrow import _dataframe_to_data_files, schema_to_pyarrow
from pyiceberg.table import Table
from watershed.silver.snapshot import swap

from local.athena.errors import StatementFailed
from local.athena.fileio import ACCOUNT, REGION
from local.athena.iceberg import planned
from local.athena.iceberg_writing import WritingFileIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.athena.catalog import IcebergTable

MOST_PARTITIONS = 100  # that one INSERT may write; how many a change would touch in Athena is not known here
_NO_RETRY = {"commit.retry.num-retries": "0"}  # a statement's answer is about the table that it read
_lock = threading.Lock()


def writable(table: IcebergTable, account: str, region: str) -> Table:
    """The table as the statement reads it, for commits on exactly that."""
    read = table.metadata.table
    metadata = read.metadata.model_copy(update={"properties": {**read.metadata.properties, **_NO_RETRY}})
    catalog = glue_catalog(account, region)
    files = WritingFileIO(catalog.properties)
    return Table((table.database, table.name), metadata, read.metadata_location, files, catalog)


def glue_catalog(account: str, region: str) -> GlueCatalog:
    """The region's Glue for pyiceberg, writing through moto's memory."""
    files = {"py-io-impl": f"{WritingFileIO.__module__}.{WritingFileIO.__name__}", ACCOUNT: account, REGION: region}
    return GlueCatalog("athena", client=_glue(region), **files)


def replace_rows(table: Table, rows: pa.Table) -> None:
    """Make `rows` the table's content; no rows leave it empty.

    Raises:
        StatementFailed: `ICEBERG_COMMIT_ERROR` if another writer committed since the table was read.
    """
    removed = [task.file for task in planned(table)] if table.metadata.current_snapshot_id else []
    with committing(table):
        swap(table, removed, list(_written(table, rows)), {})


def append_rows(table: Table, rows: pa.Table) -> list[str]:
    """Add `rows` and return the addresses of their files.

    Raises:
        StatementFailed: as `replace_rows`.
    """
    with committing(table):
        added = list(_written(table, rows))
        if len({file.partition for file in added}) > MOST_PARTITIONS:
            message = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
            raise StatementFailed("ICEBERG_TOO_MANY_OPEN_PARTITIONS", message)
        swap(table, [], added, {})
    return [file.file_path for file in added]


@contextmanager
def committing(table: Table) -> Iterator[None]:
    """Turn a lost race into Athena's failure."""
    try:
        yield
    except (CommitFailedException, ValidationException) as error:
        message = f"Failed to commit the transaction during write to table '{'.'.join(table.name())}'"
        raise StatementFailed("ICEBERG_COMMIT_ERROR", message) from error


def _written(table: Table, rows: pa.Table) -> Iterator[Any]:
    """The rows in data files, partition by partition."""
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    columns = []
    for place, field in enumerate(schema):
        column = rows.column(place)
        if not field.nullable and column.null_count:
            raise StatementFailed(
                "CONSTRAINT_VIOLATION", f"NULL value not allowed for NOT NULL column: {field.name.lower()}"
            )
        columns.append(column.cast(field.type))
    complete = pa.table(columns, schema=schema)
    if complete.num_rows == 0:
        return
    yield from _dataframe_to_data_files(table.metadata, complete, table.io, uuid.uuid4())


@functools.cache
def _session() -> Any:
    return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local")  # noqa: S106 - it opens nothing


@functools.cache
def _client(region: str) -> Any:
    return _session().client("glue", region_name=region)


def _glue(region: str) -> Any:
    """The client through which commits reach moto as everybody's do, version check included."""
    with _lock:  # sessions are not safe to share between threads, clients are
        return _client(region)
