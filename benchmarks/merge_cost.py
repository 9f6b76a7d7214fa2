"""What a merge costs as the table grows: the same batch into a table of one size and of ten times that.

    python -m benchmarks.merge_cost [--rows 20000] [--batch 10000] [--months 12] [--factor 10] [--repeats 5]

Each month is one partition. The batch updates half of its keys and inserts the other half, all in the last month, so a
merge that follows the touched partitions takes as long on the large table as on the small one. The two tables take
turns, and the least CPU time of each counts. S3 and Glue are moto in this process: there is no network in it.
"""

from __future__ import annotations

import argparse
import dataclasses
import time

import boto3
import pyarrow as pa
from moto import mock_aws
from watershed import names
from watershed.contracts.model import Column, Contract, Kind, Partition, Residency, Source, Table
from watershed.messages import BronzePart
from watershed.silver import engine
from watershed.silver.lakehouse import Lakehouse
from watershed.silver.merging import Merger, TypedPart
from watershed.silver.transform import transform

CONTRACT = Contract(
    name="orders",
    version="1",
    description="",
    tables=(
        Table(
            "orders",
            (
                Column("order_id", Kind.INTEGER),
                Column("ordered_at", Kind.TIMESTAMP, required=True),
                Column("customer_id", Kind.INTEGER),
                Column("amount", Kind.DECIMAL, precision=18, scale=2, money=True),
                Column("status", Kind.STRING),
                Column("updated_at", Kind.TIMESTAMP),
            ),
            ("order_id",),
            version_column="updated_at",
            partition=Partition("ordered_at", "month"),
        ),
    ),
    sources=(Source("any"),),
    residency=Residency(None),
)
BUCKET, REGION = "silver", "eu-central-1"


def orders(first: int, count: int, month: int, batch: str) -> pa.Table:
    """A bronze part of consecutive orders in one month, counted from January 2015."""
    made = f"{2015 + month // 12}-{month % 12 + 1:02d}-%02d 10:00:00"
    numbers = range(first, first + count)
    text = {
        "order_id": [str(n) for n in numbers],
        "ordered_at": [made % (n % 28 + 1) for n in numbers],
        "customer_id": [str(n * 7919 % 50_000) for n in numbers],
        "amount": [f"{n % 1000}.{n % 100:02d}" for n in numbers],
        "status": [("open", "paid", "sent")[(n + month) % 3] for n in numbers],
    }
    arrived = pa.scalar(time.time_ns() // 1000, pa.timestamp("us"))
    return pa.table(
        {
            **text,
            "_source_key": pa.repeat("orders.csv", count),
            "_source_version": pa.repeat(batch, count),
            "_row_number": pa.array(range(1, count + 1), pa.int64()),
            "_ingested_at": pa.repeat(arrived, count),
            "_batch_id": pa.repeat(batch, count),
        }
    )


class Lake:
    """One silver table, and the merges into it."""

    def __init__(self, lakehouse: Lakehouse, name: str, months: int, rows: int) -> None:
        table = dataclasses.replace(CONTRACT.table, name=name)
        self._contract = dataclasses.replace(CONTRACT, tables=(table,))
        self._lakehouse = lakehouse
        self._batches = 0
        for month in range(months):
            self.merge(month * rows, rows, month)
        self._end, self._month = months * rows, months - 1

    def merge_at_the_end(self, batch: int) -> float:
        """Merge a batch, half of whose keys are the table's last; the CPU seconds it took."""
        seconds = self.merge(self._end - batch // 2, batch, self._month)
        self._end += batch // 2
        return seconds

    def merge(self, first: int, count: int, month: int) -> float:
        """Merge consecutive orders of one month; the CPU seconds it took, typing not counted."""
        self._batches += 1
        batch = f"{self._batches:032d}"
        message = BronzePart("orders", "any", batch, 0, "", count, "orders.csv", batch, "2024-01-01T00:00:00+00:00")
        with engine.connect() as connection:
            source = self._contract.sources[0]
            typed = transform(connection, self._contract, source, (), orders(first, count, month, batch))
            merger = Merger(connection, self._lakehouse, self._contract)
            start = time.process_time()
            merger.merge([TypedPart(message, typed)])
            return time.process_time() - start


def region() -> Lakehouse:
    """Silver's bucket and database on moto."""
    session = boto3.Session("test", "test", region_name=REGION)
    s3, glue = session.client("s3"), session.client("glue")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    glue.create_database(DatabaseInput={"Name": names.SILVER_DB})
    return Lakehouse(glue, s3, BUCKET)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of a month")
    parser.add_argument("--batch", type=int, default=10_000, help="rows of the batch")
    parser.add_argument("--months", type=int, default=12, help="months of the small table")
    parser.add_argument("--factor", type=int, default=10, help="how many times larger the large table is")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    with mock_aws():
        lakehouse = region()
        small = Lake(lakehouse, "small", given.months, given.rows)
        large = Lake(lakehouse, "large", given.months * given.factor, given.rows)
        turns = [
            (small.merge_at_the_end(given.batch), large.merge_at_the_end(given.batch)) for _ in range(given.repeats)
        ]
    least_small, least_large = (min(seconds) for seconds in zip(*turns, strict=True))
    rows = given.months * given.rows
    print(f"{given.batch:,} rows into {rows:,}: {least_small:.2f} CPU s")
    print(f"{given.batch:,} rows into {rows * given.factor:,}: {least_large:.2f} CPU s")
    print(f"ratio {least_large / least_small:.2f} for {given.factor} times the table")


if __name__ == "__main__":
    main()
