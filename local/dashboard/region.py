"""What the page of one region holds, asked of its Athena."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from watershed.gold.model import GoldModel

from local import report
from local.dashboard import figures, health
from local.dashboard.figures import Figures
from local.dashboard.health import Health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.catalog import Catalog

    from local.dashboard.queries import PageQuery
    from local.region import Region

MOST_DAYS = 8_000  # rows of days and branches; `sales_by_day.sql` gives one more if there are more


@dataclass(frozen=True)
class Said:
    """A question, its answer in plain words, and by which rule, where the question leaves that open."""

    question: str
    answers: tuple[str, ...]
    rule: str = ""


@dataclass(frozen=True)
class RegionPage:
    """All of it.

    Attributes:
        region: E.g. `eu-central-1`.
        name: E.g. `Frankfurt`.
        made: When it was asked, UTC without a zone.
        figures: The answer of each query.
        sales: Sales by day and branch, or by month and branch if there are too many days for a page.
        questions: The business questions.
        tables: The gold models, each of which is a table.
    """

    region: str
    name: str
    made: datetime
    figures: dict[str, Figures]
    sales: Figures
    questions: tuple[Said, ...]
    health: Health
    tables: tuple[GoldModel, ...]


def read(region: Region, name: str, lake: Catalog, queries: Mapping[str, PageQuery], now: datetime) -> RegionPage:
    """Ask everything.

    Raises:
        QueryFailed: if Athena does not answer.
    """
    found = figures.read(region.athena, queries)
    days = found.pop("sales_by_day")
    by_month = found.pop("sales_by_month")
    return RegionPage(
        region=region.name,
        name=name,
        made=now,
        figures=found,
        sales=days if len(days.rows) <= MOST_DAYS else by_month,
        questions=tuple(
            Said(question.question, lines, question.rule)
            for question, lines in report.answers(region.athena, lake.questions.values())
        ),
        health=health.read(region, lake.contracts, now),
        tables=tuple(lake.models.values()),
    )
