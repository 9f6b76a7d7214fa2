"""What a publication costs, side by side in one run on a PostgreSQL of this machine.

    python -m benchmarks.publish [--rows 200000] [--changed 0.01] [--repeats 3]

The same table of sales, of which a part changed, is published three ways: by COPY and the rows that differ, as
Watershed does; by COPY into a table that takes the other's place, as it does where columns changed; and by
awswrangler's `to_sql`, which inserts. Each begins with the Parquet file in S3, which is moto in this process. Measured
are seconds, of which the least count, and bytes of PostgreSQL's log (WAL), which is what Aurora writes, keeps and
bills; as there, no whole pages are in it.
"""

from __future__ import annotations

import argparse
import io
import random
import time
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import psycopg
import pyarrow as pa
from moto import mock_aws
from pyarrow import parquet
from watershed import catalog, names
from watershed.gold.runs import new_run
from watershed.log import logger
from watershed.messages import GoldRun
from watershed.publish.columns import arrow_type
from watershed.publish.database import Database
from watershed.publish.rows import GoldRows
from watershed.publish.run import Publisher

from local.aws import postgres
from local.paths import LAKE

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKET, START = "gold", datetime(2026, 1, 1, tzinfo=UTC)
MODEL = catalog.build(LAKE).models["sales"]


class Replacing(Publisher):
    """Makes the table anew each time."""

    def _same_shape(self, *_: Any) -> bool:
        return False


@dataclass
class Cost:
    """The least seconds, and the log of that time."""

    seconds: float
    log: int  # bytes


def sales(rows: int, seed: int, changed: float) -> pa.Table:
    """The rows of `gold.sales`; those of another seed differ in a part of them."""
    dice, again = random.Random(0), random.Random(seed)  # noqa: S311  # no secret
    day = [START + timedelta(minutes=n) for n in range(rows)]
    amount = [Decimal(dice.randrange(100_000)).scaleb(-2) for _ in range(rows)]
    amount = [each + 1 if again.random() < changed else each for each in amount]
    values = {
        "transaction_id": range(rows),
        "order_date": [each.replace(tzinfo=None) for each in day],
        "order_day": [each.date() for each in day],
        "branch_name": [dice.choice(["Downtown", "Uptown", "East Side", "West End"]) for _ in range(rows)],
        "customer_id": [dice.randrange(50_000) for _ in range(rows)],
        "product_id": [dice.randrange(2_000) for _ in range(rows)],
        "status_value": [dice.choice(["Completed", "Pending", "Failed"]) for _ in range(rows)],
        "total_amount": [Decimal(1)] * rows,
        "price": amount,
        "total_value": amount,
    }
    schema = pa.schema([(column.name, arrow_type(column)) for column in MODEL.columns])
    return pa.table({name: list(values[name]) for name in schema.names}, schema=schema)


def written(s3: Any, table: pa.Table, number: int) -> GoldRun:
    """The table as a run in the gold bucket."""
    started = START + timedelta(minutes=number)
    run = GoldRun(MODEL.name, new_run(started), started.isoformat(timespec="microseconds"))
    body = io.BytesIO()
    parquet.write_table(table, body)
    s3.put_object(Bucket=BUCKET, Key=f"{names.gold_run_prefix(MODEL.name, run.run)}part", Body=body.getvalue())
    return run


def by_awswrangler(s3: Any, run: GoldRun, socket: str) -> None:
    """The run by `to_sql`, which replaces the table's rows in one transaction."""
    import pg8000  # type: ignore[import-untyped]
    from awswrangler import postgresql

    body = s3.get_object(Bucket=BUCKET, Key=f"{names.gold_run_prefix(MODEL.name, run.run)}part")["Body"].read()
    frame = parquet.read_table(io.BytesIO(body)).to_pandas(types_mapper=None)
    connection = pg8000.connect(user="postgres", unix_sock=socket, database=names.DATABASE)
    try:
        postgresql.to_sql(
            frame, connection, table="sales", schema="watershed", mode="overwrite", index=False, chunksize=5000
        )
    finally:
        connection.close()


def measured(administrator: psycopg.Connection, publish: Callable[[GoldRun], object], runs: list[GoldRun]) -> Cost:
    """Publish the runs one after the other, the first of them to begin with."""
    publish(runs[0])
    costs = []
    for run in runs[1:]:
        at = administrator.execute("SELECT pg_current_wal_lsn()").fetchone()
        start = time.perf_counter()
        publish(run)
        seconds = time.perf_counter() - start
        log = administrator.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", at).fetchone()
        costs.append(Cost(seconds, int(log[0]) if log else 0))
    return min(costs, key=lambda cost: cost.seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--changed", type=float, default=0.01, help="part of the rows that differ from run to run")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    logger.setLevel("ERROR")
    warnings.simplefilter("ignore")  # pandas says what awswrangler should not do
    server = postgres.start("here", "benchmark", names.DATABASE, names.DATABASE_PORT)
    with mock_aws():
        s3 = boto3.Session("test", "test", region_name="us-east-1").client("s3")
        s3.create_bucket(Bucket=BUCKET)
        rows = GoldRows(s3, BUCKET)
        database = Database(server.host, server.port, password=lambda: "")

        def watershed(publisher: Publisher) -> Callable[[GoldRun], object]:
            def publish(run: GoldRun) -> None:
                with database.connect() as connection:
                    publisher.prepare(connection, 600)
                    publisher.publish(connection, run, 600)

            return publish

        ways = {
            "rows that differ": watershed(Publisher({MODEL.name: MODEL}, rows, lambda: START)),
            "table replaced": watershed(Replacing({MODEL.name: MODEL}, rows, lambda: START)),
            "awswrangler to_sql": lambda run: by_awswrangler(s3, run, f"{server.host}/.s.PGSQL.{server.port}"),
        }
        place = {"host": server.host, "port": server.port, "user": "postgres", "dbname": names.DATABASE}
        with psycopg.connect(**place, autocommit=True) as administrator:  # type: ignore[arg-type]
            administrator.execute("ALTER SYSTEM SET full_page_writes = off")
            administrator.execute("SELECT pg_reload_conf()")
            number, costs = 0, {}
            tables = [sales(given.rows, seed, given.changed) for seed in range(given.repeats + 1)]
            for name, publish in ways.items():
                runs = []
                for table in tables:
                    number += 1
                    runs.append(written(s3, table, number))
                costs[name] = measured(administrator, publish, runs)
    postgres.stop("here", "benchmark")
    first = costs["rows that differ"]
    print(f"{given.rows:,} rows, of which some {2 * given.changed:.0%} differ from the run before")
    for name, cost in costs.items():
        print(
            f"{name:20} {cost.seconds:6.2f} s ({cost.seconds / first.seconds:5.2f})  "
            f"{cost.log / 1e6:7.1f} MB of log ({cost.log / max(first.log, 1):5.1f})"
        )


if __name__ == "__main__":
    main()
