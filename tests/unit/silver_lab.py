"""What silver's tests share: contracts written out, bronze parts, and a region on moto."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow as pa
from moto import mock_aws
from pyarrow import parquet
from watershed import names
from watershed.contracts.model import Column, Contract, Kind, Partition, Residency, Source, Table
from watershed.messages import BronzePart, Refresh
from watershed.names import Layer
from watershed.s3 import S3
from watershed.settings import Settings
from watershed.silver import engine, lineage
from watershed.silver.accounts import Accounts
from watershed.silver.lakehouse import Lakehouse
from watershed.silver.service import Silver

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

from local.aws.patches.glue import enforce_table_versions
from local.aws.patches.patcher import Hooks, Patcher

SETTINGS = Settings("123456789012", "eu-central-1", ("DE", "AT"))
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)

ORDERS = Contract(
    name="orders",
    version="1.0.0",
    description="",
    tables=(
        Table(
            "orders",
            (
                Column("order_id", Kind.INTEGER),
                Column("ordered_at", Kind.TIMESTAMP, required=True),
                Column("amount", Kind.DECIMAL, precision=18, scale=2, money=True),
                Column("status", Kind.STRING, valid_values=("open", "paid")),
                Column("country", Kind.STRING),
                Column("updated_at", Kind.TIMESTAMP),
            ),
            ("order_id",),
            version_column="updated_at",
            partition=Partition("ordered_at", "month"),
        ),
    ),
    sources=(Source("any"),),
    residency=Residency("country"),
)

STORES = Contract(
    name="stores",
    version="1.0.0",
    description="",
    tables=(
        Table(
            "stores",
            (Column("store_id", Kind.STRING), Column("updated_at", Kind.TIMESTAMP)),
            ("store_id",),
            version_column="updated_at",
        ),
        Table(
            "store_plans",
            (
                Column("store_id", Kind.STRING),
                Column("position", Kind.INTEGER),
                Column("price", Kind.DECIMAL, precision=18, scale=2, money=True, json_path="price"),
                Column("plan_name", Kind.STRING, json_path="planName"),
            ),
            ("store_id", "position"),
            parent="stores",
            explode="plans",
        ),
    ),
    sources=(Source("any"),),
    residency=Residency(None, reason="Stores are businesses."),
)

# A timestamp in silver: UTC, without a zone.
at = datetime.fromisoformat

Rows = Sequence[Mapping[str, str | None]]


@dataclass(frozen=True)
class File:
    """A raw file as bronze leaves it, in one part: rows of text by column."""

    dataset: str
    rows: Rows
    key: str = "orders/a.csv"
    version: str = "v1"
    arrived: datetime = NOON
    source: str = "any"
    part: int = 0
    first_row: int = 1

    @property
    def message(self) -> BronzePart:
        """What bronze tells silver."""
        batch = names.batch_id("raw", self.key, self.version)
        return BronzePart(
            dataset=self.dataset,
            source=self.source,
            batch_id=batch,
            part=self.part,
            bronze_key=names.bronze_key(self.dataset, self.arrived, batch, self.part),
            rows=len(self.rows),
            source_key=self.key,
            source_version=self.version,
            ingested_at=self.arrived.isoformat(),
        )

    @property
    def table(self) -> pa.Table:
        """Bronze's Parquet."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        text = {name: pa.array([row.get(name) for row in self.rows], pa.string()) for name in columns}
        count = len(self.rows)
        origin = {
            lineage.SOURCE_KEY: [self.key] * count,
            lineage.SOURCE_VERSION: [self.version] * count,
            lineage.ROW_NUMBER: range(self.first_row, self.first_row + count),
            lineage.INGESTED_AT: [self.arrived.replace(tzinfo=None)] * count,
            lineage.BATCH_ID: [self.message.batch_id] * count,
        }
        return pa.table({**text, **{name: pa.array(values, lineage.TYPES[name]) for name, values in origin.items()}})


_OPEN = ExitStack()


@functools.cache
def shared_engine() -> DuckDBPyConnection:
    """One engine for all tests of a process that change nothing in it; starting one takes longer than most of them."""
    return _OPEN.enter_context(engine.connect())


@dataclass
class Region:
    """One region on moto, with silver's real adapters; gold's queue is a list."""

    s3: Any
    glue: Any
    silver: Silver
    refreshes: list[Refresh] = field(default_factory=list)

    def put(self, file: File) -> BronzePart:
        """Write the bronze part."""
        buffer = io.BytesIO()
        parquet.write_table(file.table, buffer)
        bucket = SETTINGS.bucket(Layer.BRONZE)
        self.s3.put_object(Bucket=bucket, Key=file.message.bronze_key, Body=buffer.getvalue())
        return file.message

    def take(self, *files: File) -> list[BronzePart]:
        """Drop the files, which are of one dataset, and let silver take them together."""
        messages = [self.put(file) for file in files]
        return list(self.silver.take(files[0].dataset, messages))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A silver table, sorted."""
        found = self.scan(table).to_arrow().to_pylist()
        return sorted(found, key=lambda row: str(list(row.values())))

    def scan(self, table: str) -> Any:
        """pyiceberg's scan of a silver table."""
        return self.iceberg(table).scan()

    def iceberg(self, table: str) -> Any:
        """pyiceberg's table."""
        contract = next(c for c in self.silver.contracts.values() for t in c.tables if t.name == table)
        return self.silver.lakehouse.load(next(t for t in contract.tables if t.name == table))

    def records(self, layer: Layer) -> list[dict[str, Any]]:
        """All rows of the ledger or of quarantine."""
        bucket = SETTINGS.bucket(layer)
        keys = [found["Key"] for found in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        bodies = (self.s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys)
        return [row for body in bodies for row in parquet.read_table(io.BytesIO(body)).to_pylist()]


@contextmanager
def region(*contracts: Contract) -> Iterator[Region]:
    """A fresh region whose lake holds `contracts`."""
    patcher = Patcher()
    nothing = Hooks(lambda *_: ("", False, ""), lambda *_: None, lambda *_: None)
    enforce_table_versions(patcher, nothing)
    try:
        with mock_aws():
            yield _region({contract.name: contract for contract in contracts or (ORDERS, STORES)})
    finally:
        patcher.undo()


def _region(contracts: dict[str, Contract]) -> Region:
    session = boto3.Session("test", "test", region_name=SETTINGS.region)
    s3, glue = session.client("s3"), session.client("glue")
    for layer in Layer:
        place = {"LocationConstraint": SETTINGS.region}
        s3.create_bucket(Bucket=SETTINGS.bucket(layer), CreateBucketConfiguration=place)
    glue.create_database(DatabaseInput={"Name": names.SILVER_DB})
    refreshes: list[Refresh] = []
    silver = Silver(
        settings=SETTINGS,
        contracts=contracts,
        s3=S3(s3),
        lakehouse=Lakehouse(glue, s3, SETTINGS.bucket(Layer.SILVER)),
        accounts=Accounts(S3(s3), SETTINGS),
        refresh=refreshes.append,
    )
    return Region(s3, glue, silver, refreshes)
