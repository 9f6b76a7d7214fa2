"""Questions about what is still in quarantine, as statements for Athena."""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp, select

if TYPE_CHECKING:
    from collections.abc import Sequence

DIALECT = "athena"
ROW = ("dataset", "batch_id", "part", "stage", "row_number", "source_key", "source_version", "reason", "quarantined_at")
PLACE = ("source_key", "row_number", "line_number", "reason", "column_name", "rule", "remedy", "contract_version")


@dataclass(frozen=True)
class Chosen:
    """Which of the rows and files that are still held.

    Attributes:
        dataset: Only of this dataset; None: of all.
        reason: Only for this reason code; None: for any.
        since: First day on which their files came.
        until: Last day.
    """

    dataset: str | None = None
    reason: str | None = None
    since: date | None = None
    until: date | None = None

    def conditions(self) -> list[exp.Expr]:
        """Conditions on `ops.quarantine`'s columns; the days and the dataset choose partitions."""
        texts = (("dataset", self.dataset), ("reason", self.reason))
        found: list[exp.Expr] = [exp.column(name).eq(exp.Literal.string(text)) for name, text in texts if text]
        days = ((exp.GTE, self.since), (exp.LTE, self.until))
        found += [
            kind(this=exp.column("ingest_date"), expression=exp.cast(exp.Literal.string(day.isoformat()), "date"))
            for kind, day in days
            if day
        ]
        return found


def summary(chosen: Chosen) -> str:
    """How much is held: dataset, reason, column, contract version, rows, files, last day; the most first."""
    by = ["dataset", "reason", "column_name", "contract_version"]
    latest = exp.alias_(exp.Max(this=exp.column("ingest_date")), "latest")
    query = _open(chosen, [*map(exp.column, by), *_counts(), latest]).group_by(*by)
    return query.order_by("held DESC", *by).sql(DIALECT)


def by_reason() -> str:
    """How much is held in all: reason, rows, files; the most first."""
    query = _open(Chosen(), [exp.column("reason"), *_counts()]).group_by("reason")
    return query.order_by("held DESC", "reason").sql(DIALECT)


def _counts() -> list[exp.Expr]:
    files = exp.Count(this=exp.Distinct(expressions=[exp.column("batch_id")]))
    return [exp.alias_(exp.Count(this=exp.Star()), "held"), exp.alias_(files, "files")]


def listing(chosen: Chosen, *, raw: bool, limit: int) -> str:
    """What is held, one row each: `PLACE`, with `raw` also what the row says, which may be a person's data."""
    columns = [*PLACE, *(["raw"] if raw else [])]
    query = _open(chosen, [exp.column(name) for name in columns])
    return query.order_by("source_key", "row_number", "reason").limit(limit).sql(DIALECT)


def rows(chosen: Chosen) -> str:
    """What a replay needs to know of each: `ROW`, in order of part and row."""
    query = _open(chosen, [exp.column(name) for name in ROW])
    return query.order_by("dataset", "batch_id", "stage", "part", "row_number").sql(DIALECT)


def _open(chosen: Chosen, columns: Sequence[exp.Expr]) -> exp.Select:
    text = importlib.resources.files(__package__).joinpath("open.sql").read_text(encoding="utf-8")
    still = sqlglot.parse_one(text, read=DIALECT)
    if not isinstance(still, exp.Select):
        raise TypeError("open.sql is not one SELECT.")
    within = [condition.transform(_of_held) for condition in chosen.conditions()]
    return select(*columns).from_(still.where(*within).subquery("open"))


def _of_held(node: exp.Expr) -> exp.Expr:
    return exp.column(node.name, "held") if isinstance(node, exp.Column) else node
