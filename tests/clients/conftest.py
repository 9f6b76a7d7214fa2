"""A local Athena on a loopback port with one small table; clients are told its address and nothing else."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.aws import LocalAWS

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION, BUCKET, WORKGROUP = "eu-central-1", "clients-lake", "clients"
ROWS = 1500  # more than one page of results
COLUMNS = {"id": "bigint", "amount": "decimal(12,2)", "sold_at": "timestamp", "branch": "string", "open": "boolean"}


def expected_row(number: int) -> tuple[int, Decimal, datetime, str | None, bool]:
    """Row `number` of the table, counted from 0."""
    branch = None if number % 7 == 0 else f"Straße {number % 3}"
    return number, Decimal(number) / 4, datetime(2026, 1, 1, number % 24, 30), branch, number % 2 == 0  # noqa: DTZ001 - Athena's timestamps have no zone


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAWS]:
    with LocalAWS(port=0) as aws:
        s3, glue, athena = (aws.client(service, REGION) for service in ("s3", "glue", "athena"))
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        types = [pa.int64(), pa.decimal128(12, 2), pa.timestamp("us"), pa.string(), pa.bool_()]
        columns = zip(*(expected_row(number) for number in range(ROWS)), strict=True)
        table = pa.table([pa.array(c, t) for c, t in zip(columns, types, strict=True)], names=list(COLUMNS))
        body = io.BytesIO()
        pq.write_table(table, body)
        s3.put_object(Bucket=BUCKET, Key="sales/1.parquet", Body=body.getvalue())
        glue.create_database(DatabaseInput={"Name": "shop"})
        glue.create_table(
            DatabaseName="shop",
            TableInput={
                "Name": "sales",
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "parquet"},
                "StorageDescriptor": {
                    "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()],
                    "Location": f"s3://{BUCKET}/sales/",
                    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                    "SerdeInfo": {
                        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
                    },
                },
            },
        )
        output = {"ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/results/"}}
        athena.create_work_group(Name=WORKGROUP, Configuration=output)
        yield aws


@pytest.fixture(autouse=True)
def _only_the_address(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
