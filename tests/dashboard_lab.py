"""Pages made by hand, for tests of how they look and of what a browser makes of them: no lake, and hostile values."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from watershed import catalog
from watershed.across.combine import Answer

from local import report
from local.dashboard import across, health
from local.dashboard.figures import Figures
from local.dashboard.queries import read_queries
from local.dashboard.region import RegionPage, Said
from local.freshness import Freshness
from local.paths import LAKE

HOSTILE = "</script><script>alert(1)</script>'\"&amp;<!--"
BRANCHES = ("Uptown", "East Side", HOSTILE)
CATALOG = catalog.build(LAKE)
QUERIES = read_queries(CATALOG.models)
MADE = datetime(2025, 1, 2, 3, 4, tzinfo=UTC).replace(tzinfo=None)
VOID = frozenset({"meta", "input", "rect", "link", "img", "br"})


def figures(name: str, *rows: tuple[Any, ...], waits_for: tuple[str, ...] = ()) -> Figures:
    """A query's answer."""
    query = QUERIES[name]
    assert all(len(row) == len(query.columns) for row in rows)
    return Figures(query.model.description, query.columns, rows, waits_for)


def region_page(**parts: Any) -> RegionPage:
    """A region with three branches, one of which has a name that no page should believe."""
    sales = [
        (date(2024, 1, 30) + timedelta(days=5 * day), BRANCHES[day % 3], Decimal(day * 1000 + 1) / 100, day + 1)
        for day in range(40)
    ]
    values: dict[str, Any] = {
        "region": "eu-central-1",
        "name": "Frankfurt",
        "made": MADE,
        "figures": {
            "branches": figures(
                "branches",
                ("all", "Uptown", Decimal("9007199254740993.21"), 1234, 60, 2000, Decimal("0.700000")),
                ("all", HOSTILE, Decimal("700.50"), 70, 50, 80, Decimal("0.200000")),
                ("all", "East Side", Decimal("0.10"), 20, 10, 30, Decimal("0.100000")),
                ("engaged", "Uptown", Decimal("600.05"), 50, 40, 55, Decimal("0.545455")),
                ("engaged", HOSTILE, Decimal("500.00"), 40, 30, 45, Decimal("0.454545")),
            ),
            "totals": figures(
                "totals",
                ("engaged", Decimal("1100.05"), 77, 55, 100),
                ("all", Decimal("9007199254741693.81"), 1300, 70, 2110),
            ),
            "best_and_worst": figures(
                "best_and_worst",
                (
                    "engaged",
                    2,
                    "Uptown",
                    Decimal("600.05"),
                    Decimal("0.545455"),
                    HOSTILE,
                    Decimal("500.00"),
                    Decimal("0.200100"),
                ),
                ("all", 1, "Uptown", Decimal("700.00"), None, "Uptown", Decimal("700.00"), None),
            ),
            "months": figures("months", (date(2024, 1, 1), Decimal("10.00"), 1)),
            "stores": figures("stores", (1000, 324, Decimal("419.5"), 978, date(2025, 1, 1))),
            "lifespans": figures("lifespans", (0, 0, 356), (30, 0, 33), (960, 180, 0), (None, 1, 2)),
            "subscriptions": figures(
                "subscriptions",
                (date(2024, 2, 1), Decimal("19.00"), Decimal("48.20"), 1, 2),
                (date(2024, 3, 9), Decimal("0.00"), Decimal("29.00"), 0, 1),
            ),
            "activity": figures("activity", (date(2024, 2, 1), 3, 7, 2), (date(2024, 3, 9), 2, 14, 1)),
        },
        "sales": figures("sales_by_day", *sales),
        "questions": (Said("Who sells most?", ("Uptown: 600.05.", HOSTILE)),),
        "health": health.Health(
            (report.Account("transactions", False, 2110, (2000, 10, 20, 30, 50), 0),),
            (health.Held("invalid_type", 50, 3, "Correct it, or add the format."),),
            (
                Freshness("transactions", MADE - timedelta(hours=7), timedelta(hours=7), timedelta(hours=6)),
                Freshness("stores", None, None, None),
            ),
        ),
        "tables": tuple(CATALOG.models.values()),
    }
    return RegionPage(**{**values, **parts})


def empty_page() -> RegionPage:
    """A region to which no file has come."""
    waiting = {name: figures(name, waits_for=QUERIES[name].reads) for name in QUERIES}
    return region_page(
        figures=waiting,
        sales=waiting["sales_by_day"],
        questions=(),
        health=health.Health((), (), (Freshness("stores", None, None, timedelta(days=1)),)),
    )


def all_regions_page() -> across.AllRegions:
    """Two regions, one of which holds a month back."""
    north = {("all", "Uptown"): (Decimal("900.10"), 90, 9, 99), ("all", HOSTILE): (Decimal("800.00"), 80, 8, 88)}
    south = {("all", "Uptown"): (Decimal("70.05"), 17, 7, 77), ("all", None): (Decimal("60.00"), 60, 6, 66)}
    engaged = {("engaged", "Uptown"): (Decimal("500.05"), 50, 5, 55)}
    months = {(date(2024, month, 1),): (Decimal(month * 100), month * 10) for month in (1, 2, 3)}
    return across.side_by_side(
        across.requests(CATALOG.models),
        {
            "branches": {"Frankfurt": Answer({**north}, 0), "Singapore": Answer({**south}, 0)},
            "engaged": {"Frankfurt": Answer({**engaged}, 1), "Singapore": Answer({}, 0)},
            "months": {"Frankfurt": Answer({**months}, 1), "Singapore": Answer({**months}, 0)},
        },
    )


class Page(HTMLParser):
    """Notes what a page is made of, and that its tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag in {"script", "style"}:
            {"script": self.scripts, "style": self.styles}[tag].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside in {"script", "style"}:
            {"script": self.scripts, "style": self.styles}[inside][-1] += data
            return
        self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script is given."""
        found: dict[str, Any] = json.loads(self.scripts[0])
        return found

    @property
    def text(self) -> str:
        """All that is read."""
        return " ".join(" ".join(self.texts).split())
