"""All regions side by side, from what `watershed query --all-regions` lets out of each, and nothing else.

Two sums that may both leave can tell, by their difference, of a group that may not. A page shows several at once, so
this one leaves out more than the query does:

- Scopes hold one another. Where a branch's sums over everybody are about a few people more than those over the engaged,
  the latter are left out.
- Branches and months add up to the same. Where one of either is held back, the smallest of the others is left out too:
  what all others come to then tells of a group that is large enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from watershed.across.combine import Answer, ask
from watershed.across.request import SMALLEST_GROUP
from watershed.across.understand import understand
from watershed.errors import ConfigurationError
from watershed.gold.model import Export, GoldColumn

from local.dashboard.figures import Figures, at_once
from local.dashboard.queries import FOLDER
from local.report import gold_tables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from watershed.across.combine import Group, Number
    from watershed.across.request import Request
    from watershed.athena import Athena
    from watershed.gold.model import GoldModel

REGION = GoldColumn("region", "varchar", "The region whose gold gave the sums")
_FILES = ("branches", "engaged", "months")

Answers = dict[str, Answer]  # by region


@dataclass(frozen=True)
class AllRegions:
    """What the page of all regions holds.

    Attributes:
        branches: A row a region, scope and branch.
        months: A row a region and month.
        held_back: Each region -> how many groups of scope and branch stay in it.
        months_held_back: Each region -> how many months do.
    """

    branches: Figures
    months: Figures
    held_back: dict[str, int]
    months_held_back: dict[str, int]

    @property
    def names(self) -> Figures:
        """The regions, in the order of their colours."""
        return Figures("", (REGION,), tuple((region,) for region in self.held_back))

    @property
    def added(self) -> tuple[GoldColumn, ...]:
        """The measures of branches that add up."""
        return tuple(column for column in self.branches.columns if column.export is Export.SUM)

    def by_region(self, scope: str) -> list[tuple[str, dict[str, Number], int]]:
        """Each region's sums over its branches that are shown, and how many those are."""
        return [(region, *self._over(scope, {region})) for region in self.held_back]

    def total(self, scope: str) -> tuple[dict[str, Number], int]:
        """The sums over all branches that are shown, and how many those are."""
        return self._over(scope, self.held_back)

    def _over(self, scope: str, regions: Collection[str]) -> tuple[dict[str, Number], int]:
        rows = [row for row in self.branches.records() if row["scope"] == scope and row["region"] in regions]
        return {column.name: sum((row[column.name] or 0 for row in rows), start=0) for column in self.added}, len(rows)


def requests(models: Mapping[str, GoldModel]) -> dict[str, Request]:
    """What every region is asked, by the files' names.

    Raises:
        ExportRefused: if the models do not let it out.
    """
    return {
        name: understand((FOLDER / "all_regions" / f"{name}.sql").read_text(encoding="utf-8"), models)
        for name in _FILES
    }


def read(regions: Mapping[str, Athena], models: Mapping[str, GoldModel]) -> AllRegions:
    """Ask every region for sums.

    Args:
        regions: Each region's name, as the page shall show it, and its Athena.
        models: The gold models.

    Raises:
        ExportRefused: if the models do not let the sums out; no region is asked then.
        ConfigurationError: if a region has no such table yet: a page without it would look complete.
        QueryFailed: if a region cannot answer.
    """
    wanted = requests(models)
    needed = {request.model.name for request in wanted.values()}
    for region, there in zip(regions, at_once(gold_tables, regions.values()), strict=True):
        if missing := sorted(needed - there):
            raise ConfigurationError(
                f"{region} has no gold.{missing[0]} yet, so there is no page of all regions.",
                remedy="Send it files, or name a region to have a page of that one alone.",
            )
    return side_by_side(wanted, {name: ask(request, regions) for name, request in wanted.items()})


def side_by_side(wanted: Mapping[str, Request], given: Mapping[str, Answers]) -> AllRegions:
    """Put the regions' answers into tables, less what their differences would tell."""
    by_scope, by_month = {}, {}
    for region in given["branches"]:
        branches, engaged = given["branches"][region], given["engaged"][region]
        engaged = _without(engaged, _near(wanted["branches"], branches, engaged))
        if left_out := _smallest(wanted["branches"], branches):
            branch = _branch(wanted["branches"], left_out)
            branches = _without(branches, {left_out})
            engaged = _without(engaged, {g for g in engaged.groups if _branch(wanted["engaged"], g) == branch})
        months = given["months"][region]
        by_scope[region] = Answer(branches.groups | engaged.groups, branches.held_back + engaged.held_back)
        by_month[region] = _without(months, {left_out} if (left_out := _smallest(wanted["months"], months)) else ())
    return AllRegions(
        branches=_figures(wanted["branches"], by_scope),
        months=_figures(wanted["months"], by_month),
        held_back={region: answer.held_back for region, answer in by_scope.items()},
        months_held_back={region: answer.held_back for region, answer in by_month.items()},
    )


def _near(request: Request, whole: Answer, part: Answer) -> set[Group]:
    """The groups of a scope than which the whole is about a few people more."""
    behind = [measure.column.name for measure in request.measures].index(request.backing[0])
    people = {_branch(request, group): sums[behind] or 0 for group, sums in whole.groups.items()}
    return {
        group
        for group, sums in part.groups.items()
        if 0 < people.get(_branch(request, group), 0) - (sums[behind] or 0) < SMALLEST_GROUP
    }


def _branch(request: Request, group: Group) -> Group:
    """A group's values but for the scope."""
    return tuple(
        value
        for each, value in zip(request.dimensions, group, strict=True)
        if each.column.export is not Export.OVERLAPPING
    )


def _smallest(request: Request, answer: Answer) -> Group | None:
    """The group to leave out besides those that are held back; None if none is, or none is shown."""
    if not answer.held_back or not answer.groups:
        return None
    last = len(request.measures) - 1
    return min(answer.groups, key=lambda group: (answer.groups[group][last] or 0, str(group)))


def _without(answer: Answer, left_out: Collection[Group]) -> Answer:
    kept = {group: sums for group, sums in answer.groups.items() if group not in left_out}
    return Answer(kept, answer.held_back + len(answer.groups) - len(kept))


def _figures(request: Request, answers: Answers) -> Figures:
    outputs = (*request.dimensions, *request.measures)
    columns = (REGION, *(replace(each.column, name=each.label) for each in outputs))
    rows = (
        (region, *group, *sums)
        for region, answer in answers.items()
        for group, sums in sorted(answer.groups.items(), key=lambda item: [str(value) for value in item[0]])
    )
    return Figures(request.model.description, columns, tuple(rows))
