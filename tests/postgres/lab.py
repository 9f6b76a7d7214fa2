"""A real PostgreSQL with the roles of `roles.sql`, and a gold bucket whose runs can be published in it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
from pyarrow import parquet
from watershed import names
from watershed.gold.model import Aggregate, Export, GoldColumn, GoldModel
from watershed.gold.runs import new_run
from watershed.messages import GoldRun
from watershed.publish.columns import arrow_type
from watershed.publish.database import Database
from watershed.publish.rows import GoldRows
from watershed.publish.run import Publication, Publisher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BUCKET = "gold-bucket"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROLES = (files("watershed.publish") / "roles.sql").read_text(encoding="utf-8")

SALES = GoldModel(
    "sales",
    "What was sold.",
    "one row per day and branch",
    ("day", "branch"),
    (
        GoldColumn("day", "date", "The day.", export=Export.DIMENSION),
        GoldColumn("branch", "varchar", "The branch's name; it's free text."),
        GoldColumn("revenue", "decimal(38,2)", "Sum.", format="#,##0.00", unit="currency", aggregate=Aggregate.SUM),
        GoldColumn("sold", "bigint", "Pieces.", format="#,##0", unit="pieces", aggregate=Aggregate.SUM),
    ),
    (),
    "",
)


@dataclass
class Lab:
    """One database and one gold bucket; each run that is written is newer than those before.

    Attributes:
        server: How to connect as the administrator.
        s3: boto3's client.
        models: What the publisher knows.
    """

    server: dict[str, Any]
    s3: Any
    models: dict[str, GoldModel] = field(default_factory=lambda: {"sales": SALES})
    runs: int = 0

    @property
    def database(self) -> Database:
        return Database(self.server["host"], self.server["port"], password=lambda: "a token")

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.models, GoldRows(self.s3, BUCKET), lambda: START)

    def administrator(self) -> psycopg.Connection:
        return psycopg.connect(**self.server, dbname=names.DATABASE, user="postgres", autocommit=True)

    def person(self) -> psycopg.Connection:
        """Somebody who may read."""
        return psycopg.connect(**self.server, dbname=names.DATABASE, user="analyst", autocommit=True)

    def run(self, rows: Iterable[Sequence[Any]], model: GoldModel = SALES, files: int = 1) -> GoldRun:
        """Write a run of a model, in one or more files; none if there are no rows, as Athena does."""
        self.runs += 1
        started = START + timedelta(minutes=self.runs)
        run = GoldRun(model.name, new_run(started), started.isoformat(timespec="microseconds"))
        rows = list(rows)
        schema = pa.schema([(column.name, arrow_type(column)) for column in model.columns])
        for part in range(files if rows else 0):
            table = pa.Table.from_pylist(
                [dict(zip(schema.names, row, strict=True)) for row in rows[part::files]], schema
            )
            out = io.BytesIO()
            parquet.write_table(table, out)
            key = f"{names.gold_run_prefix(model.name, run.run)}part-{part}"
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=out.getvalue())
        return run

    def publish(self, *runs: GoldRun, seconds: float = 60) -> list[Publication]:
        publisher = self.publisher
        with self.database.connect() as connection:
            publisher.prepare(connection, seconds)
            return [publisher.publish(connection, run, seconds) for run in runs]

    def shown(self, model: GoldModel = SALES) -> list[tuple[Any, ...]]:
        """What somebody who may read sees, in the order of the keys."""
        query = f'SELECT * FROM gold."{model.name}" ORDER BY {", ".join(model.keys)}'  # ours
        with self.person() as connection:
            return connection.execute(query).fetchall()
