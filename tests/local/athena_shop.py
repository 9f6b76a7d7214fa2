"""A local Athena with a small shop in it, asked through boto3: `shop.orders`, and `shop.events` in three partitions."""

from __future__ import annotations

import io
import time
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from local.aws import LocalAWS

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION, BUCKET, DATABASE, WORKGROUP = "eu-central-1", "shop-lake", "shop", "shop"
RESULTS = f"s3://{BUCKET}/results/"
ORDERS = {
    "id": "bigint",
    "note": "string",
    "amount": "decimal(10,2)",
    "day": "date",
    "at": "timestamp",
    "open": "boolean",
}
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")
EVENTS_A_DAY = 500
_HIVE = "org.apache.hadoop.hive.ql.io.parquet"


class Shop:
    """boto3's clients, and statements run to their end.

    Args:
        aws: the laptop's AWS.
    """

    def __init__(self, aws: LocalAWS) -> None:
        self.athena, self.glue, self.s3 = (aws.client(service, REGION) for service in ("athena", "glue", "s3"))

    def start(self, sql: str, **named: Any) -> str:
        """StartQueryExecution in the shop's database and workgroup, unless `named` says otherwise."""
        defaults = {"WorkGroup": WORKGROUP, "QueryExecutionContext": {"Database": DATABASE}}
        return str(self.athena.start_query_execution(QueryString=sql, **(defaults | named))["QueryExecutionId"])

    def execution(self, query: str) -> dict[str, Any]:
        """GetQueryExecution, now."""
        found: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        return found

    def ended(self, query: str) -> dict[str, Any]:
        """GetQueryExecution, once the state is final."""
        while True:
            found = self.execution(query)
            if found["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return found
            time.sleep(0.005)

    def run(self, sql: str, **named: Any) -> dict[str, Any]:
        """A statement from start to end, whatever the end is."""
        return self.ended(self.start(sql, **named))

    def reason(self, sql: str, **named: Any) -> str:
        """Why a statement fails; that it does is checked."""
        status = self.run(sql, **named)["Status"]
        assert status["State"] == "FAILED", status
        return str(status["StateChangeReason"])

    def rows(self, sql: str, **named: Any) -> list[list[str | None]]:
        """A query's rows, without the header; that it succeeds is checked."""
        return self.results(self.succeeded(sql, **named))[1:]

    def succeeded(self, sql: str, **named: Any) -> str:
        """The id of a statement that has succeeded."""
        found = self.run(sql, **named)
        assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
        return str(found["QueryExecutionId"])

    def results(self, query: str) -> list[list[str | None]]:
        """All rows of all pages, with the header if there is one."""
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        return [
            [cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]

    def object(self, uri: str) -> bytes:
        """The bytes at an address."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def table(self, name: str, columns: dict[str, str], keys: dict[str, str] | None = None) -> None:
        """A Parquet table in Glue, over the folder of its name."""
        described = [[{"Name": n, "Type": kind} for n, kind in part.items()] for part in (columns, keys or {})]
        storage = {
            "Columns": described[0],
            "Location": f"s3://{BUCKET}/{name}/",
            "InputFormat": f"{_HIVE}.MapredParquetInputFormat",
            "OutputFormat": f"{_HIVE}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{_HIVE}.serde.ParquetHiveSerDe"},
        }
        made = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage,
            "PartitionKeys": described[1],
        }
        self.glue.create_table(DatabaseName=DATABASE, TableInput=made)

    def put(self, key: str, table: pa.Table) -> None:
        """A Parquet file."""
        body = io.BytesIO()
        pq.write_table(table, body, compression="none")
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body.getvalue())


def _orders() -> pa.Table:
    return pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "note": ["paid", "new"],
            "amount": pa.array([Decimal("1.50"), Decimal("2.50")], pa.decimal128(10, 2)),
            "day": [date(2026, 1, 1), date(2026, 1, 2)],
            "at": pa.array([datetime(2026, 1, n, 10) for n in (1, 2)], pa.timestamp("us")),  # noqa: DTZ001 - as stored
            "open": [True, False],
        }
    )


def _fill(shop: Shop) -> None:
    shop.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    shop.athena.create_work_group(Name=WORKGROUP, Configuration={"ResultConfiguration": {"OutputLocation": RESULTS}})
    shop.glue.create_database(DatabaseInput={"Name": DATABASE})
    shop.table("orders", ORDERS)
    shop.put("orders/1.parquet", _orders())
    shop.table("events", {"id": "bigint", "payload": "string"}, {"day": "string"})
    for day in DAYS:
        numbers = range(EVENTS_A_DAY)
        shop.put(f"events/day={day}/1.parquet", pa.table({"id": numbers, "payload": [f"{n:060d}" for n in numbers]}))
        shop.glue.create_partition(
            DatabaseName=DATABASE,
            TableName="events",
            PartitionInput={"Values": [day], "StorageDescriptor": {"Location": f"s3://{BUCKET}/events/day={day}/"}},
        )


@contextmanager
def opened() -> Iterator[Shop]:
    """The shop for as long as the context lasts."""
    with LocalAWS() as aws:
        shop = Shop(aws)
        _fill(shop)
        yield shop
