"""The report in PBIR: a page for each of the lake's pages, laid out as the report was that the lake grew from."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from local.powerbi import visuals
from local.powerbi.names import short_identity
from local.powerbi.visuals import Box, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from local.powerbi.measures import Figures
    from local.powerbi.visuals import Json

WIDTH, HEIGHT = 1280, 720  # pixels
THEME = "Watershed.json"

_ITEM = "https://developer.microsoft.com/json-schemas/fabric/item/report/definition"
_EDGE, _GAP = 16, 12
_HEAD = 72  # height of the title and the totals
_WORDS = 150  # height of the sentences
_IN_A_ROW = 3  # charts
_COLORS = ("#118DFF", "#12239E", "#E66C37", "#6B007B", "#E044A7", "#744EC2", "#D9B300", "#D64550")


def files(name: str, pages: Sequence[Figures]) -> dict[str, Json]:
    """The files of the report's folder but for those of every item, by path, as JSON.

    Args:
        name: The project's, which the identifiers depend on.
        pages: What each page shows; an empty page takes their place if there are none.
    """
    found: dict[str, Json] = {
        "definition/version.json": {"$schema": f"{_ITEM}/versionMetadata/1.0.0/schema.json", "version": "2.0.0"},
        "definition/report.json": _report(),
        f"StaticResources/RegisteredResources/{THEME}": _theme(),
    }
    order = [short_identity(name, "page", each.page.name) for each in pages]
    for page, figures in zip(order, pages, strict=True):
        found[f"definition/pages/{page}/page.json"] = _page(page, figures.title)
        for visual in _visuals(page, figures):
            found[f"definition/pages/{page}/visuals/{visual['name']}/visual.json"] = visual
    if not order:
        order = [short_identity(name, "page")]
        found[f"definition/pages/{order[0]}/page.json"] = _page(order[0], "Page 1")
    found["definition/pages/pages.json"] = {
        "$schema": f"{_ITEM}/pagesMetadata/1.0.0/schema.json",
        "pageOrder": order,
        "activePageName": order[0],
    }
    return found


def _page(page: str, title: str) -> Json:
    return {
        "$schema": f"{_ITEM}/page/2.0.0/schema.json",
        "name": page,
        "displayName": title,
        "displayOption": "FitToPage",
        "height": HEIGHT,
        "width": WIDTH,
    }


def _report() -> Json:
    versions = {"visual": "2.1.0", "report": "3.0.0", "page": "2.0.0"}
    theme = {"name": THEME, "reportVersionAtImport": versions, "type": "RegisteredResources"}
    item = {"name": THEME, "path": THEME, "type": "CustomTheme"}
    return {
        "$schema": f"{_ITEM}/report/3.0.0/schema.json",
        "themeCollection": {"customTheme": theme},
        "resourcePackages": [{"name": "RegisteredResources", "type": "RegisteredResources", "items": [item]}],
        "settings": {
            "useStylableVisualContainerHeader": True,
            "defaultDrillFilterOtherVisuals": True,
            "allowChangeFilterTypes": True,
            "useEnhancedTooltips": True,
        },
    }


def _theme() -> Json:
    return {
        "name": THEME,  # Power BI finds a theme by the name of its file
        "dataColors": list(_COLORS),
        "background": "#FFFFFF",
        "foreground": "#252423",
        "tableAccent": _COLORS[0],
    }


def _visuals(page: str, figures: Figures) -> Iterator[Json]:
    order = count()

    def at(box: Box) -> Place:
        return Place(page, next(order), box)

    totals, table = figures.totals, figures.by.table
    head, *cards = _columns(Box(_EDGE, _EDGE, WIDTH - 2 * _EDGE, _HEAD), 1 + len(totals))
    yield visuals.title(figures.title, at(head))
    for color, (figure, box) in enumerate(zip(totals, cards, strict=True)):
        yield visuals.number(figure, table, color % len(_COLORS), at(box))
    first, *others = _charts(len(totals))
    upper = Box(first.x, first.y, first.width, first.height - _WORDS - _GAP)
    lower = Box(first.x, first.y + first.height - _WORDS, first.width, _WORDS)
    for color, (figure, box) in enumerate(zip(totals, (upper, *others), strict=True)):
        yield visuals.bars(figure, figures.by, color % len(_COLORS), at(box))
    yield visuals.sentences(figures.insight, table, at(lower))


def _charts(number: int) -> list[Box]:
    """The first chart on the left; on the right the second above the others, a few in a row."""
    top = _EDGE + _HEAD + _GAP
    whole = Box(_EDGE, top, WIDTH - 2 * _EDGE, HEIGHT - top - _EDGE)
    if number == 1:
        return [whole]
    left, right = _columns(whole, 2)
    rest = number - 2
    rows = [1, *[min(_IN_A_ROW, rest - done) for done in range(0, rest, _IN_A_ROW)]]
    strips = _rows(right, len(rows))
    return [left, *(box for strip, cells in zip(strips, rows, strict=True) for box in _columns(strip, cells))]


def _columns(box: Box, number: int) -> list[Box]:
    width = (box.width - _GAP * (number - 1)) // number
    return [Box(box.x + place * (width + _GAP), box.y, width, box.height) for place in range(number)]


def _rows(box: Box, number: int) -> list[Box]:
    height = (box.height - _GAP * (number - 1)) // number
    return [Box(box.x, box.y + place * (height + _GAP), box.width, height) for place in range(number)]
