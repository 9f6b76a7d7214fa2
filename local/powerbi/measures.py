"""The measures: each page's totals with what is said of the first, and the sum of every column that adds up."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError
from watershed.gold.model import Aggregate, Export
from watershed.pages import Page

from local.powerbi import dax
from local.powerbi.model import End, Measure
from local.powerbi.names import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from watershed.gold.model import GoldModel

SUMS = "Sums"  # the folder of the measures that no page shows


@dataclass(frozen=True)
class Figure:
    """One number of a page: how people call it, and which measure it is."""

    called: str
    measure: str


@dataclass(frozen=True)
class Figures:
    """What a page shows, in the model's terms.

    Attributes:
        page: The page.
        title: Its title on one line.
        totals: Its totals, in order.
        by: The column that tells the bars apart.
        insight: The measure with the sentences about the first total.
    """

    page: Page
    title: str
    totals: tuple[Figure, ...]
    by: End
    insight: str


def figures(
    models: Sequence[GoldModel], pages: Iterable[Page]
) -> tuple[Mapping[str, tuple[Measure, ...]], tuple[Figures, ...]]:
    """All measures by table, and what each page shows.

    Raises:
        ConfigurationError: if two pages call two different things by one name.
    """
    taken = _Taken(models)
    by_name = {model.name: model for model in models}
    shown = tuple(_page(page, by_name[page.table], taken) for page in pages)
    for model in models:
        for measure in _sums(model):
            if measure.expression not in taken.expressions(model.name):
                is_free = taken.is_free(model.name, measure.name)  # unless a page calls a total so
                taken.take(model.name, measure if is_free else replace(measure, name=f"{measure.name}, all of it"))
    return {table: tuple(measures) for table, measures in taken.by_table.items()}, shown


class _Taken:
    """The measures so far. A name is a measure's in the whole model, and no column's of its own table."""

    def __init__(self, models: Iterable[GoldModel]) -> None:
        self.by_table: dict[str, list[Measure]] = defaultdict(list)
        self._names: set[str] = set()
        self._columns = {model.name: {column.name for column in model.columns} for model in models}

    def expressions(self, table: str) -> set[str]:
        return {measure.expression for measure in self.by_table[table]}

    def is_free(self, table: str, name: str) -> bool:
        return name.lower() not in self._names | self._columns[table]

    def take(self, table: str, measure: Measure) -> None:
        self._names.add(measure.name.lower())
        self.by_table[table].append(measure)


def _page(page: Page, model: GoldModel, taken: _Taken) -> Figures:
    title = one_line(page.title) or page.name
    folder = re.sub(r"[\\;]", "-", title)  # which would mean a folder within, or two
    found = []
    for total in page.totals:
        expression = dax.total(model.name, total.column, total.aggregate, overlapping(model))
        about = f"{one_line(page.description)} Page: {title}."
        called = one_line(total.name)
        name = _add(page, model, taken, Measure(called, expression, about, total.format, folder=folder))
        found.append(Figure(called, name))
    by = End(model.name, page.by)
    said = dax.insight(found[0].measure, found[0].called, page.totals[0].format, by)
    about = f"What {found[0].called} is by {page.by}, in words. Page: {title}."
    insight = _add(page, model, taken, Measure(f"{found[0].called} in words", said, about, folder=folder))
    return Figures(page, title, tuple(found), by, insight)


def _add(page: Page, model: GoldModel, taken: _Taken, wanted: Measure) -> str:
    """Take the measure under its name, or with the page's if that is another's; a page's like measure is reused."""
    for same in taken.by_table[model.name]:
        if (same.expression, same.format) == (wanted.expression, wanted.format) and same.name == wanted.name:
            return same.name
    for page_called in ("", one_line(page.title), page.name):
        name = f"{wanted.name} ({page_called})" if page_called else wanted.name
        if wanted.name and taken.is_free(model.name, name):
            taken.take(model.name, replace(wanted, name=name))
            return name
    raise ConfigurationError(
        f"The page {page.name} calls a total {wanted.name!r}, which Power BI cannot tell from another measure.",
        remedy="Call it otherwise in its pages/*.yaml.",
    )


def _sums(model: GoldModel) -> Iterator[Measure]:
    once = overlapping(model)
    only = f" Empty unless one {' and one '.join(once)} is chosen, as their values count the same rows." if once else ""
    for column in model.columns:
        if column.aggregate is Aggregate.SUM:
            yield Measure(
                name=f"Sum of {column.name.replace('_', ' ')} ({model.name})",
                expression=dax.total(model.name, column.name, Aggregate.SUM, once),
                description=one_line(f"{column.comment}.{only}"),
                format=column.format,
                folder=SUMS,
            )


def overlapping(model: GoldModel) -> tuple[str, ...]:
    """The columns whose values count the same rows: sums over more than one of them count twice."""
    return tuple(column.name for column in model.columns if column.export is Export.OVERLAPPING)
