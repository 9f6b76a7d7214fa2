"""Silver and its quarantine, made again from bronze by Trino itself: row for row what the functions made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.backfill.run import Backfill
from watershed.errors import ConfigurationError
from watershed.names import Layer

from tests.trino import catalogs
from tests.trino.client import Trino

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.backfill.bronze import Window
    from watershed.backfill.run import Done
    from watershed.contracts.model import Contract

    from infra.config import RegionConfig
    from tests.trino.answer import Row

_ACCOUNT = "123456789012"
_CHILD = " element "  # in a rule: `raw` is then the parent's whole array
# What a backfill cannot know, or not in that form: in how many parts bronze wrote a file, and the line of a row.
_OTHERWISE = {"part", "line_number", "raw", "dataset", "ingest_date"}


@dataclass
class OnTrino:
    """Trino in the place of Athena.

    Athena's one catalog writes Hive and Iceberg tables alike; Trino's Hive connector hands Iceberg tables on to read,
    and does not write projected partitions. So MERGE goes to Iceberg's catalog, and of INSERT the query is run.

    Attributes:
        inserted: The rows that INSERT would have written, by column.
    """

    trino: Trino
    region: str
    inserted: list[dict[str, str | None]] = field(default_factory=list)

    def run(self, sql: str, *, database: str | None = None) -> str:
        """Run a statement."""
        if sql.startswith("INSERT"):
            columns, rows = self.rows(sql[sql.index("SELECT") :], database=database)
            self.inserted += [dict(zip(columns, row, strict=True)) for row in rows]
        else:
            self.rows(sql, database=database)
        return ""

    def rows(self, sql: str, *, database: str | None = None) -> tuple[list[str], list[Row]]:
        """Run a statement and give its columns' names and its rows as text."""
        assert database is None
        catalog = catalogs.name(self.region)
        written = sql.replace('MERGE INTO "silver"', f"MERGE INTO {catalog}_iceberg.silver")
        answer = self.trino.run(written, catalog=catalog)
        return [name for name, _ in answer.columns], [*answer.rows]

    def typed_rows(self, sql: str) -> tuple[list[str], list[list[Any]]]:
        """As `rows`, with dates; counts are read as they are."""
        columns, rows = self.rows(sql)
        return columns, [[_day(text) for text in row] for row in rows]


def check(trino: Trino, place: RegionConfig, contracts: Iterable[Contract], window: Window, s3: Any) -> Iterator[str]:
    """Backfill one region's datasets twice, first into empty tables, then into those that this made.

    Datasets that Athena refuses to read again are left out.

    Args:
        trino: With a catalog for the region.
        place: The region, whose lake is filled.
        contracts: The datasets.
        window: In which all files came.
        s3: boto3's client of the region, to empty quarantine.

    Yields:
        A line for each difference.
    """
    for contract in contracts:
        engine = OnTrino(trino, place.region)
        backfill = Backfill(_athena(engine), contract, place.region, place.jurisdiction)
        try:
            next(backfill.count(window), None)
        except ConfigurationError:  # it has a column within JSON, which Athena does not read again
            continue
        tables = [f"{names.SILVER_DB}.{table.name}" for table in contract.tables]
        silver, held = _silver(engine, tables), _held(_quarantine(engine, contract, window))
        for each in tables:
            trino.run(f"DELETE FROM {catalogs.name(place.region)}_iceberg.{each}")
        list(backfill.run(window))
        if _silver(engine, tables) != silver:
            yield f"{place.region}: silver's {contract.name} is another when made by Trino"
        if engine.inserted:
            yield f"{place.region}: {len(engine.inserted)} rows of {contract.name} would be held twice"
        _empty(s3, place.region, contract)
        if changed := sum(_changes(done) for done in backfill.run(window)):
            yield f"{place.region}: {changed} rows of {contract.name} change when backfilled again"
        if _silver(engine, tables) != silver:
            yield f"{place.region}: silver's {contract.name} is another when made again"
        if not _same(held, _held(engine.inserted)):
            yield f"{place.region}: what is held of {contract.name} is not what silver held"


def _athena(engine: Any) -> Any:
    return engine


def _day(text: str | None) -> Any:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return text


def _changes(done: Done) -> int:
    return done.tally.verdicts["inserted"] + done.tally.verdicts["updated"]


def _silver(engine: OnTrino, tables: Iterable[str]) -> list[list[str]]:
    return [sorted(map(str, engine.rows(f"SELECT * FROM {each}")[1])) for each in tables]


def _quarantine(engine: OnTrino, contract: Contract, window: Window) -> list[dict[str, str | None]]:
    columns, rows = engine.rows(
        f"SELECT * FROM ops.quarantine WHERE dataset = '{contract.name}' AND stage = '{names.Stage.SILVER}'"
        f" AND {window.condition().sql()}"
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _empty(s3: Any, region: str, contract: Contract) -> None:
    """Delete what silver wrote to quarantine."""
    bucket = names.bucket(Layer.QUARANTINE, _ACCOUNT, region)
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"quarantine/dataset={contract.name}/")
    for each in found.get("Contents", []):
        if each["Key"].endswith(f"-{names.Stage.SILVER}.parquet"):
            s3.delete_object(Bucket=bucket, Key=each["Key"])


def _held(rows: list[dict[str, str | None]]) -> list[tuple[str, set[str]]]:
    """The rows in one order: their columns, and the texts in `raw`, none for elements."""
    held = []
    for row in rows:
        raw = json.loads(row["raw"]) if row["raw"] else {}  # of another jurisdiction's rows Athena holds no text
        texts = {text for text in raw.values() if text is not None}
        fields = str(sorted((name, value) for name, value in row.items() if name not in _OTHERWISE))
        held.append((fields, set() if _CHILD in str(row["rule"]) else texts))
    return sorted(held, key=lambda each: each[0])


def _same(by_functions: list[tuple[str, set[str]]], by_trino: list[tuple[str, set[str]]]) -> bool:
    """Whether the same rows are held. Of a file's columns Trino sees those in the catalog."""
    if [fields for fields, _ in by_functions] != [fields for fields, _ in by_trino]:
        return False
    return all(seen <= whole for (_, whole), (_, seen) in zip(by_functions, by_trino, strict=True))
