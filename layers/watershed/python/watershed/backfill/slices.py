"""A backfill in pieces that Athena takes: no statement may write more than a hundred partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed import names
from watershed.backfill.bronze import Window
from watershed.backfill.sql import both, column, sql, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from watershed.backfill.judged import Judged
    from watershed.contracts.model import Contract, Table

MOST_PARTITIONS = 100
_TIMES = ("day", "month", "year")


def days(contract: Contract, whole: Window) -> exp.Select:
    """A query for the days on which files came, in order."""
    found = select("ingest_date").distinct().from_(table(names.BRONZE_DB, contract.name))
    return found.where(whole.condition()).order_by("ingest_date")


def windows(found: Sequence[date]) -> Iterator[Window]:
    """Windows around at most a hundred of the days each: quarantine has a partition a day.

    Args:
        found: The answer to `days`.
    """
    for start in range(0, len(found), MOST_PARTITIONS):
        some = found[start : start + MOST_PARTITIONS]
        yield Window(some[0], some[-1])


def partitions(judged: Judged, held: Table) -> exp.Select | None:
    """A query for the silver partitions that the rows belong to, in order; None if there are never too many."""
    begin = _begin(held)
    if begin is None:
        return None
    found = select(exp.alias_(begin, "begin", quoted=True)).from_(judged.good(held).subquery("g"))
    return found.distinct().order_by(column("begin"))


def ranges(held: Table, begins: Sequence[str | None]) -> list[exp.Expr]:
    """Conditions on a row that together take every row, each in at most a hundred partitions; none for no rows.

    Args:
        held: The table.
        begins: The answer to `partitions`, as text.
    """
    begin = _begin(held)
    if begin is None or len(begins) <= MOST_PARTITIONS:
        return [exp.true()] if begins else []
    known = [each for each in begins if each is not None]
    firsts = known[:: MOST_PARTITIONS - 1]  # one is left for rows without a value
    conditions = []
    for first, following in zip(firsts, [*firsts[1:], None], strict=True):
        bounds = [sql(":begin >= :first", begin=begin, first=_like(begin, first))]
        if following is not None:
            bounds.append(sql(":begin < :following", begin=begin, following=_like(begin, following)))
        conditions.append(both(bounds))
    if len(known) < len(begins):
        conditions[0] = exp.or_(conditions[0], begin.is_(exp.null()))
    return conditions


def _begin(held: Table) -> exp.Expr | None:
    """The value that all rows of a partition share; None where the number of partitions is fixed."""
    if held.partition is None or held.partition.transform == "bucket":
        return None
    value = column(held.partition.column)
    if held.partition.transform not in _TIMES:
        return sql("CAST(:value AS varchar)", value=value)
    return sql(f"CAST(date_trunc('{held.partition.transform}', :value) AS date)", value=value)


def _like(begin: exp.Expr, text: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), "date") if begin.is_type("date") else exp.Literal.string(text)
