"""What the semantic model of a region is: the gold models that are shown, their measures, and a calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from watershed import names
from watershed.gold.model import Aggregate

from local.powerbi import dax, m, star
from local.powerbi.measures import Figures, figures, overlapping
from local.powerbi.model import Column, DataType, End, Hierarchy, Level, Model, Table
from local.powerbi.names import one_line
from local.powerbi.types import DAY_FORMAT, kind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from watershed.catalog import Catalog
    from watershed.gold.model import GoldColumn, GoldModel

    from infra.config import RegionConfig
    from local.powerbi.m import Source
    from local.powerbi.model import Relationship

_ANY_DAY = date(2000, 1, 1)  # a view's descriptions do not depend on the as-of day


@dataclass(frozen=True)
class Derived:
    """A model, and what its report's pages show of it."""

    model: Model
    pages: tuple[Figures, ...]


def derive(lake: Catalog, place: RegionConfig, source: Source) -> Derived:
    """The model of one region's gold, read from `source`.

    From Athena, a table that has days or times is read from its view in the region's first time zone.

    Raises:
        ConfigurationError: if a column's type or a page's total cannot be said in Power BI.
    """
    models = [lake.shown_models[name] for name in sorted(lake.shown_models)]
    calendar = End(_free("Calendar", models), "Date")
    zone = place.time_zones[0] if source is m.Source.ATHENA and place.time_zones else ""
    related = star.relationships(models, calendar)
    linked = {relationship.many for relationship in related if relationship.is_active}
    measured, pages = figures(models, lake.pages.values())
    tables = [
        replace(_table(lake, model, zone, source, linked), measures=measured.get(model.name, ())) for model in models
    ]
    days = sorted(End(model.name, day) for model in models for day in star.days(model))
    if days:
        tables.append(_calendar(calendar.table, days))
    model = Model(
        name=names.stack(place.region),
        description=_described(place, zone),
        tables=tuple(tables),
        relationships=_within(related),
        parameters=m.parameters(source, place.region),
    )
    return Derived(model, pages)


def _within(related: Sequence[Relationship]) -> tuple[Relationship, ...]:
    return tuple(sorted(related, key=lambda each: (each.many, each.one)))


def _described(place: RegionConfig, zone: str) -> str:
    days = f"those of {zone}" if zone else "in UTC"
    return f"Gold of {place.region} ({one_line(place.name)}). Days and times are {days}."


def _table(lake: Catalog, model: GoldModel, zone: str, source: Source, linked: Collection[End]) -> Table:
    view = lake.views.get(f"{names.GOLD_DB}.{model.name}") if zone else None
    shown = view.within(zone, _ANY_DAY) if view else None
    about = shown.description if shown else model.comment
    meanings = {each.name: each.description for each in shown.columns} if shown else {}
    read = view.name(zone) if view else model.name
    return Table(
        name=model.name,
        description=one_line(f"{about} Owner: {model.owner}." if model.owner else about),
        columns=tuple(
            _column(column, model, meanings.get(column.name, column.comment), linked) for column in model.columns
        ),
        expression=m.query(source, read, model.columns),
    )


def _column(column: GoldColumn, model: GoldModel, meaning: str, linked: Collection[End]) -> Column:
    of = kind(column.type, f"{names.GOLD_DB}.{model.name}.{column.name}")
    return Column(
        name=column.name,
        type=of.type,
        source=column.name,
        description=one_line(meaning),
        format=column.format or of.format,
        adds_up=column.aggregate is Aggregate.SUM and not overlapping(model),
        is_key=model.keys == (column.name,),
        is_hidden=End(model.name, column.name) in linked,
        is_day=column.type == "date",
    )


def _calendar(name: str, days: Sequence[End]) -> Table:
    columns = (
        Column("Date", DataType.DATE_TIME, "[Date]", "The day.", DAY_FORMAT, is_key=True, is_day=True),
        Column("Year", DataType.INT64, "[Year]", "The year.", "0"),
        Column("Quarter", DataType.STRING, "[Quarter]", "The quarter, e.g. 2024 Q1."),
        Column("Month", DataType.DATE_TIME, "[Month]", "The month, by its first day.", "mmm yyyy", is_day=True),
        Column("Weekday number", DataType.INT64, "[Weekday number]", "1 is Monday.", "0", is_hidden=True),
        Column("Weekday", DataType.STRING, "[Weekday]", "The day of the week.", sort_by="Weekday number"),
    )
    levels = tuple(Level(column.name, column.name) for column in columns if column.name in {"Year", "Quarter", "Month"})
    return Table(
        name=name,
        description="Every day of the years in which anything happened; filters all tables that have a day.",
        columns=columns,
        expression=dax.calendar(days),
        is_calculated=True,
        hierarchies=(Hierarchy("Years to days", (*levels, Level("Date", "Date"))),),
    )


def _free(name: str, models: Sequence[GoldModel]) -> str:
    return f"{name} of days" if name.lower() in {model.name for model in models} else name
