"""Iceberg tables some of whose rows are deleted by files of their own, which pyiceberg reads but does not write."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriterV2,
)
from pyiceberg.table import Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _OverwriteFiles
from pyiceberg.typedef import Record

from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyiceberg.table import FileScanTask, Table

BUCKET, DATABASE, NAME = "lab", "db", "deleted"
# Made by a real Trino 476: six rows in partitions a, b and c, two DELETE statements, then a MERGE that updates one row
# and inserts one. Three position delete files, two of them on one data file.
_RECORDED = ROOT / "tests" / "local" / "position_deletes.zip"
TRINOS_ROWS = [(1, "a", "one"), (3, "a", "THREE"), (4, "b", "four"), (6, "c", "six"), (7, "a", "seven")]


def restore(s3: Any, glue: Any) -> None:
    """Put Trino's table into the bucket and the database, which must be there."""
    with zipfile.ZipFile(_RECORDED) as recorded:
        for name in recorded.namelist():
            s3.put_object(Bucket=BUCKET, Key=name, Body=recorded.read(name))
        (metadata,) = (name for name in recorded.namelist() if name.endswith(".metadata.json"))
    glue.create_table(
        DatabaseName=DATABASE,
        TableInput={
            "Name": NAME,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"table_type": "ICEBERG", "metadata_location": f"s3://{BUCKET}/{metadata}"},
        },
    )


class _DeleteManifest(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


class _Deleting(_OverwriteFiles):
    """A snapshot that adds one delete file."""

    delete_file: DataFile

    def _existing_manifests(self) -> list[ManifestFile]:
        metadata = self._transaction.table_metadata
        output = self.new_manifest_output()
        with _DeleteManifest(
            metadata.spec(), metadata.schema(), output, self._snapshot_id, self._compression
        ) as writer:
            entry = ManifestEntry.from_args(
                status=ManifestEntryStatus.ADDED, snapshot_id=self._snapshot_id, data_file=self.delete_file
            )
            writer.add(entry)
        return [*super()._existing_manifests(), writer.to_manifest_file()]


def delete_positions(table: Table, task: FileScanTask, positions: Sequence[int]) -> None:
    """Delete rows of one data file by their places in it, from 0, as Athena's DELETE and MERGE do."""
    fields = [
        pa.field("file_path", pa.string(), nullable=False, metadata={"PARQUET:field_id": "2147483546"}),
        pa.field("pos", pa.int64(), nullable=False, metadata={"PARQUET:field_id": "2147483545"}),
    ]
    rows = pa.table([[task.file.file_path] * len(positions), sorted(positions)], schema=pa.schema(fields))
    _commit(table, task, rows, DataFileContent.POSITION_DELETES)


def delete_values(table: Table, task: FileScanTask, column: str, values: Sequence[Any]) -> None:
    """Delete rows by a column's value, as Flink does."""
    field = table.schema().find_field(column)
    stored = pa.field(
        column, table.schema().as_arrow().field(column).type, metadata={"PARQUET:field_id": str(field.field_id)}
    )
    _commit(
        table, task, pa.table([values], schema=pa.schema([stored])), DataFileContent.EQUALITY_DELETES, field.field_id
    )


def _commit(table: Table, task: FileScanTask, rows: pa.Table, content: DataFileContent, *identity: int) -> None:
    buffer = io.BytesIO()
    parquet.write_table(rows, buffer)
    location = f"{task.file.file_path.removesuffix('.parquet')}-{len(table.metadata.snapshots)}-deletes.parquet"
    with table.io.new_output(location).create() as output:
        output.write(buffer.getvalue())
    made = DataFile.from_args(
        content=content,
        file_path=location,
        file_format=FileFormat.PARQUET,
        partition=Record(*(task.file.partition[place] for place in range(len(table.spec().fields)))),
        record_count=rows.num_rows,
        file_size_in_bytes=len(buffer.getvalue()),
        equality_ids=list(identity) or None,
    )
    made.spec_id = table.spec().spec_id
    with Transaction(table) as transaction, _Deleting(Operation.OVERWRITE, transaction, table.io) as deleting:
        deleting.delete_file = made  # type: ignore[attr-defined] # pyiceberg declares the base class
