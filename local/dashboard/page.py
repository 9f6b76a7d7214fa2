"""Renders a page: one file that holds its style, its script and its data, and that a browser lets reach nothing."""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup
from watershed.across.request import SMALLEST_GROUP

from local import freshness
from local.dashboard import formats
from local.report import OUTCOMES

if TYPE_CHECKING:
    from datetime import datetime

    from local.dashboard.across import AllRegions
    from local.dashboard.region import RegionPage

_HERE = Path(__file__).parent
VENDOR = _HERE / "vendor"
SCRIPTS = (VENDOR / "d3.min.js", VENDOR / "plot.min.js", _HERE / "page.js")
STYLE = _HERE / "style.css"


def of_region(page: RegionPage) -> str:
    """The page of one region, as HTML."""
    by_name = page.figures
    branches = _branches(page.sales.records()) or _branches(by_name["branches"].records())
    shown = {name: by_name[name] for name in ("branches", "totals", "lifespans", "subscriptions", "activity")}
    return _render(
        "region.html",
        page=page,
        outcomes=OUTCOMES,
        scopes=_scopes(by_name["branches"].records()),
        branches=branches,
        data={"choices": branches} | {name: each.document() for name, each in {**shown, "sales": page.sales}.items()},
    )


def of_all_regions(page: AllRegions, made: datetime) -> str:
    """The page of all regions, as HTML."""
    rows = page.branches.records()
    branches = _branches(rows)
    return _render(
        "all_regions.html",
        page=page,
        made=made,
        smallest=SMALLEST_GROUP,
        regions=tuple(page.held_back),
        scopes=_scopes(rows),
        branches=branches,
        data={"choices": branches}
        | {
            name: each.document()
            for name, each in (("names", page.names), ("regions", page.branches), ("months", page.months))
        },
    )


def policy(style: str, scripts: tuple[str, ...]) -> str:
    """The Content-Security-Policy: this style and these scripts, known by their hashes; no other, and no network."""
    allowed = " ".join(_hash(script) for script in scripts)
    return f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _render(template: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "said": formats.said,
        "title_of": formats.title,
        "unit_of": formats.unit,
        "parts": _parts,
        "age": freshness.in_words,
    }
    style, scripts = STYLE.read_text("utf-8"), tuple(map(_script, SCRIPTS))
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - files of this folder, not values
        scripts=[Markup(script) for script in scripts],  # noqa: S704
        policy=policy(style, scripts),
        **values,
    )


def _script(path: Path) -> str:
    """A script, under its licence if it is not ours: a page is a copy, and those who made it ask for their notice."""
    licence = VENDOR / f"{path.name.partition('.')[0]}.LICENSE"
    notice = f"/*\n{licence.read_text('utf-8')}*/\n" if path.parent == VENDOR else ""
    return notice + path.read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _values(rows: list[dict[str, Any]], column: str) -> list[Any]:
    """The values of a column, each once, in order of their first row; nothing is none."""
    return list(dict.fromkeys(row[column] for row in rows if row[column] is not None))


def _branches(rows: list[dict[str, Any]]) -> list[str]:
    """The branches, as people look for them."""
    return sorted(_values(rows, "branch_name"), key=lambda name: (name.casefold(), name))


def _scopes(rows: list[dict[str, Any]]) -> list[str]:
    """The scopes, that of everything last: the first is shown at first, as the published report shows it."""
    return sorted(_values(rows, "scope"), key=lambda scope: (scope == "all", scope))


def _parts(counts: tuple[int, ...]) -> list[tuple[Decimal, Decimal]]:
    """Where each part of a bar begins and how long it is, in percent."""
    total, begun, parts = sum(counts) or 1, Decimal(0), []
    for count in counts:
        length = Decimal(count * 100) / total
        parts.append((begun.quantize(Decimal("0.01")), length.quantize(Decimal("0.01"))))
        begun += length
    return parts
