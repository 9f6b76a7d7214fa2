"""How many rows a region held back because they belong to another jurisdiction. Counts only: rows are personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp, select
from watershed import names
from watershed.errors import ConfigurationError
from watershed.reasons import Reason

from local.reached import reached

if TYPE_CHECKING:
    from local.region import Region


@dataclass(frozen=True)
class Held:
    """Rows of one dataset whose file came on one day."""

    day: str  # ISO date, UTC
    dataset: str
    rows: int


@dataclass(frozen=True)
class Holds:
    """What was counted, or why it was not."""

    source: str  # where it was counted; empty if it was not
    why_not: str
    days: tuple[Held, ...]


def read(region: str, *, aws: bool) -> Holds:
    """The counts of the lake that is up, or of the account's.

    Raises:
        QueryFailed: if Athena does not answer.
    """
    try:
        place = reached(region, aws=aws)
    except ConfigurationError as error:
        return Holds("", error.message, ())
    return Holds("the AWS account" if aws else "the local AWS", "", tuple(count(place)))


def count(region: Region) -> list[Held]:
    """Rows by day and dataset, in this order; all that quarantine still has, also if they were taken again since."""
    by = [exp.column("ingest_date"), exp.column("dataset")]
    table = exp.table_(names.QUARANTINE_TABLE, db=names.OPS_DB)
    query = select(*by, exp.alias_(exp.Count(this=exp.Star()), "held")).from_(table)
    query = query.where(exp.column("reason").eq(exp.Literal.string(Reason.RESIDENCY_VIOLATION)))
    _, rows = region.athena.typed_rows(query.group_by(*by).order_by(*by).sql("athena"))
    return [Held(day.isoformat(), dataset, held) for day, dataset, held in rows]
