"""Puts the regions' sums side by side, and adds them up. What no region gave is nowhere here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from watershed import causes
from watershed.across import statement
from watershed.errors import QueryFailed
from watershed.exact import exactly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.across.request import Request
    from watershed.athena import Athena

Number = int | Decimal
Group = tuple[Any, ...]  # a value of each dimension; None is NULL


@dataclass(frozen=True)
class Answer:
    """What one region gave.

    Attributes:
        groups: Each group that is large enough -> a sum of each measure; None if all its values are NULL.
        held_back: How many groups were too small.
    """

    groups: dict[Group, tuple[Number | None, ...]]
    held_back: int


@dataclass(frozen=True)
class Row:
    """One group and one measure of the combined answer.

    Attributes:
        regions: Each region's sum, in the order of the answers; None where it gave none.
        total: Of those that are given.
    """

    group: Group
    regions: tuple[Number | None, ...]
    total: Number | None


def ask(request: Request, regions: Mapping[str, Athena]) -> dict[str, Answer]:
    """Ask every region, all at once.

    Raises:
        QueryFailed: if one of them fails, naming it: a total without it would look complete.
    """
    with ThreadPoolExecutor(len(regions)) as pool:
        return dict(zip(regions, pool.map(lambda region: _answer(request, *region), regions.items()), strict=True))


def combine(answers: Mapping[str, Answer], measure: int) -> list[Row]:
    """The rows of one measure, ordered by group.

    Args:
        answers: From `ask`.
        measure: Its place among the request's measures.
    """
    found = {group for answer in answers.values() for group in answer.groups}
    rows = []
    for group in sorted(found, key=lambda group: [(value is None, value) for value in group]):
        sums = [answer.groups[group][measure] if group in answer.groups else None for answer in answers.values()]
        given = [value for value in sums if value is not None]
        with exactly():
            total = sum(given[1:], start=given[0]) if given else None
        rows.append(Row(group, tuple(sums), total))
    return rows


def _answer(request: Request, region: str, athena: Athena) -> Answer:
    wide = len(request.dimensions)
    try:
        _, rows = athena.typed_rows(statement.groups(request))
        _, ((held_back,),) = athena.typed_rows(statement.held_back(request))
    except QueryFailed as error:
        # Not with Athena's reason: it may quote a value, which stays in the region's history.
        raise QueryFailed(
            f"{region} gives no answer, and a total without it would look complete. {causes.why(error)}",
            remedy=f"If {region} has no such table yet, send it files; otherwise look the query up in its history.",
            query=error.query,
            code=error.code,
        ) from error
    return Answer({tuple(row[:wide]): tuple(row[wide:]) for row in rows}, int(held_back))
