"""A contract's table as an Iceberg table: schema, partitioning, properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    YearTransform,
)
from pyiceberg.types import (
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    IcebergType,
    LongType,
    NestedField,
    StringType,
    TimestampType,
)

from watershed.contracts.model import Column, Kind
from watershed.silver import lineage

if TYPE_CHECKING:
    from typing import Any

    from watershed.contracts.model import Partition, Table

_TYPES: dict[Kind, IcebergType] = {
    Kind.STRING: StringType(),
    Kind.INTEGER: LongType(),
    Kind.DOUBLE: DoubleType(),
    Kind.BOOLEAN: BooleanType(),
    Kind.DATE: DateType(),
    Kind.TIMESTAMP: TimestampType(),
}
_LINEAGE: dict[str, tuple[IcebergType, str]] = {
    lineage.SOURCE_KEY: (StringType(), "The raw object that the row comes from"),
    lineage.SOURCE_VERSION: (StringType(), "The raw object's version"),
    lineage.ROW_NUMBER: (LongType(), "The record's number in the raw object, from 1"),
    lineage.INGESTED_AT: (TimestampType(), "When the raw object was written, UTC"),
    lineage.BATCH_ID: (StringType(), "The batch in the ledger"),
}
_PARTITION_FIELDS_FROM = 1000  # Iceberg's convention for the ids of partition fields


def iceberg_type(column: Column) -> IcebergType:
    """The column's type in Iceberg."""
    if column.kind is Kind.DECIMAL:
        return DecimalType(column.precision, column.scale)
    return _TYPES[column.kind]


def schema(table: Table) -> Schema:
    """The contract's columns, then lineage. The key's columns are required and identify a row."""
    fields = [
        NestedField(i, c.name, iceberg_type(c), required=c.name in table.primary_key, doc=c.description or None)
        for i, c in enumerate(table.columns, start=1)
    ]
    for name, (type_, doc) in _LINEAGE.items():
        fields.append(NestedField(len(fields) + 1, name, type_, required=False, doc=doc))
    keys = [field.field_id for field in fields if field.name in table.primary_key]
    return Schema(*fields, identifier_field_ids=keys)


def partition_spec(table: Table) -> PartitionSpec:
    """How the table is laid out."""
    partition = table.partition
    if partition is None:
        return PartitionSpec()
    source = schema(table).find_field(partition.column).field_id
    name = f"{partition.column}_{partition.transform}"
    return PartitionSpec(PartitionField(source, _PARTITION_FIELDS_FROM, _transform(partition), name))


def _transform(partition: Partition) -> Transform[Any, Any]:
    if partition.transform == "bucket":
        return BucketTransform(partition.buckets)
    named: dict[str, Transform[Any, Any]] = {
        "identity": IdentityTransform(),
        "year": YearTransform(),
        "month": MonthTransform(),
        "day": DayTransform(),
    }
    return named[partition.transform]


# Which parts a commit merged is written in its snapshot (`tally.BATCHES`), and a message that was given up may be
# redriven until its queue drops it after 14 days. Without the snapshot, the ledger would call its rows duplicates.
_SNAPSHOT_SECONDS = 15 * 24 * 60 * 60
_FILE_BYTES = 64 * 1024 * 1024  # a merge has one file in memory, where it takes up to ten times its size

METRICS = "write.metadata.metrics.column."  # then a column's name

# What maintenance goes by. Tables that lack one get it when they are loaded.
MAINTENANCE = {
    "vacuum_max_snapshot_age_seconds": str(_SNAPSHOT_SECONDS),  # Athena's VACUUM
    "history.expire.max-snapshot-age-ms": str(_SNAPSHOT_SECONDS * 1000),  # everybody else
    "write_target_data_file_size_bytes": str(_FILE_BYTES),  # Athena's OPTIMIZE
    "write.target-file-size-bytes": str(_FILE_BYTES),  # everybody else
}


def kept_up(table: Table) -> dict[str, str]:
    """The properties that a table gets when it is loaded, if it lacks them."""
    return {**MAINTENANCE, **{f"{METRICS}{key}": "full" for key in table.primary_key}}  # metrics: for pruning by key


def properties(table: Table) -> dict[str, str]:
    """The Iceberg table's properties."""
    return {
        **kept_up(table),
        "format-version": "2",
        "write.parquet.compression-codec": "zstd",
        "write.parquet.row-group-limit": "131072",  # rows
        # A merge that lost a race must look at the table again, not put its old answer on top of it.
        "commit.retry.num-retries": "0",
        **({"Description": table.description} if table.description else {}),
    }
