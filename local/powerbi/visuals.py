"""The visuals of a page as PBIR has them: a title, a number, bars, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.powerbi.names import short_identity

if TYPE_CHECKING:
    from local.powerbi.measures import Figure
    from local.powerbi.model import End

SCHEMA = "https://developer.microsoft.com/json-schemas/fabric/item/report/definition/visualContainer/2.1.0/schema.json"
TITLE_SIZE = 20.0  # points

Json = dict[str, Any]


@dataclass(frozen=True)
class Box:
    """Where a visual is on its page, in pixels from the page's upper left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Place:
    """A visual's page, its number there from 0, and its box."""

    page: str
    order: int
    box: Box


def title(text: str, place: Place) -> Json:
    """The page's title."""
    run = {"value": text, "textStyle": {"fontSize": f"{TITLE_SIZE:g}pt"}}
    visual = {
        "visualType": "textbox",
        "objects": {"general": [{"properties": {"paragraphs": [{"textRuns": [run]}]}}]},
    }
    return _container("title", place, visual)


def number(figure: Figure, table: str, color: int, place: Place) -> Json:
    """One total, with a bar in its color beside it."""
    visual = {
        "visualType": "multiRowCard",
        "query": {"queryState": {"Values": {"projections": [_measure(table, figure)]}}},
        "objects": {
            "dataLabels": _object(fontSize=_points(12)),
            "card": _object(barShow=_yes(True), barColor=_theme(color), barWeight=_points(4)),
        },
        "visualContainerObjects": {"title": _object(show=_yes(False))},
    }
    return _container(f"number {place.order}", place, visual)


def bars(figure: Figure, by: End, color: int, place: Place) -> Json:
    """One total by a column, the longest bar first."""
    measure = _measure(by.table, figure)
    visual = {
        "visualType": "clusteredBarChart",
        "query": {
            "queryState": {"Category": {"projections": [_column(by)]}, "Y": {"projections": [measure]}},
            "sortDefinition": {"sort": [{"field": measure["field"], "direction": "Descending"}]},
        },
        "objects": {
            "dataPoint": _object(fill=_theme(color)),
            "labels": _object(show=_yes(True)),
            "categoryAxis": _object(showAxisTitle=_yes(True)),
            "valueAxis": _object(showAxisTitle=_yes(True)),
        },
        "visualContainerObjects": {"title": _object(show=_yes(True), text=_said(f"{figure.called} by {by.column}"))},
    }
    return _container(f"bars {place.order}", place, visual)


def sentences(measure: str, table: str, place: Place) -> Json:
    """A measure that is a text, wrapped, its empty lines kept."""
    projection = _projection("Measure", table, measure, measure)
    visual = {
        "visualType": "card",
        "query": {"queryState": {"Values": {"projections": [projection]}}},
        "objects": {
            "labels": _object(fontSize=_points(10), preserveWhitespace=_yes(True)),
            "categoryLabels": _object(show=_yes(False)),
            "wordWrap": _object(show=_yes(True)),
        },
        "visualContainerObjects": {"title": _object(show=_yes(False))},
    }
    return _container("sentences", place, visual)


def _container(what: str, place: Place, visual: Json) -> Json:
    box, order = place.box, place.order * 1000
    position = {"x": box.x, "y": box.y, "z": order, "height": box.height, "width": box.width}
    return {
        "$schema": SCHEMA,
        "name": short_identity(place.page, what),
        "position": {**position, "tabOrder": order},
        "visual": {**visual, "drillFilterOtherVisuals": True},
    }


def _measure(table: str, figure: Figure) -> Json:
    projection = _projection("Measure", table, figure.measure, figure.called)
    return projection if figure.called == figure.measure else {**projection, "displayName": figure.called}


def _column(by: End) -> Json:
    return {**_projection("Column", by.table, by.column, by.column), "active": True}


def _projection(kind: str, table: str, name: str, called: str) -> Json:
    field = {kind: {"Expression": {"SourceRef": {"Entity": table}}, "Property": name}}
    return {"field": field, "queryRef": f"{table}.{name}", "nativeQueryRef": called}


def _object(**properties: Json) -> list[Json]:
    return [{"properties": properties}]


def _literal(value: str) -> Json:
    return {"expr": {"Literal": {"Value": value}}}


def _yes(value: bool) -> Json:
    return _literal("true" if value else "false")


def _points(value: float) -> Json:
    return _literal(f"{value:g}D")


def _said(text: str) -> Json:
    return _literal("'" + text.replace("'", "''") + "'")


def _theme(color: int) -> Json:
    """The theme's data color of this number from 0; the theme has two more before them."""
    return {"solid": {"color": {"expr": {"ThemeDataColor": {"ColorId": color + 2, "Percent": 0}}}}}
