"""One statement on both engines, and whether the rows and the columns' types are the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.trino import catalogs, verdict
from tests.trino.answer import Answer, Refused

if TYPE_CHECKING:
    from tests.trino.answer import Row
    from tests.trino.athena import Athena
    from tests.trino.client import Trino
    from tests.trino.statements import Statement


@dataclass(frozen=True)
class Comparison:
    """The outcome.

    Args:
        name: the statement's name.
        rows: how many Trino answered.
        values: how many those rows hold.
        difference: in words; empty if there is none.
    """

    name: str
    rows: int
    values: int
    difference: str


def compare(statement: Statement, region: str, trino: Trino, athena: Athena) -> Comparison:
    """Run `statement` in `region` on both; a failure of either is a difference."""
    try:
        judged = trino.run(statement.sql, catalog=catalogs.name(region))
    except Refused as refused:
        return Comparison(statement.name, 0, 0, f"Trino: {refused}")
    rows, values = len(judged.rows), len(judged.rows) * len(judged.columns)
    try:
        local = athena.run(statement.sql)
    except Refused as refused:
        return Comparison(statement.name, rows, values, f"local: {refused}")
    if not statement.ordered:
        judged, local = _sorted(judged), _sorted(local)
    return Comparison(statement.name, rows, values, verdict.compare(judged, local))


def _sorted(answer: Answer) -> Answer:
    return replace(answer, rows=tuple(sorted(answer.rows, key=_key)))


def _key(row: Row) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, value or "") for value in row)
