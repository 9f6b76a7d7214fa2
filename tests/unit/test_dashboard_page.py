"""The pages as documents: well-formed, readable aloud, closed to the network, and deaf to what values say."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from local.dashboard import health, page
from local.dashboard.region import MOST_DAYS, Said
from local.freshness import Freshness
from tests.dashboard_lab import (
    HOSTILE,
    MADE,
    Page,
    all_regions_page,
    empty_page,
    figures,
    region_page,
)

VENDOR = page.VENDOR
SALES = region_page().sales

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {
    "region": page.of_region(region_page()),
    "no files": page.of_region(empty_page()),
    "all regions": page.of_all_regions(all_regions_page(), MADE),
}
READ = {name: Page(text) for name, text in PAGES.items()}
each_page = pytest.mark.parametrize("name", PAGES)
LARGEST = 1_500_000  # bytes


@each_page
def test_it_can_be_read_aloud_and_by_keyboard(name: str) -> None:
    read = READ[name]
    kinds = [tag for tag, _ in read.tags]
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert read.all("html") == [{"lang": "en"}]
    assert kinds.count("main") == kinds.count("header") == kinds.count("footer") == kinds.count("nav") == 1
    assert kinds.count("caption") == kinds.count("table")
    assert all(attributes.get("scope") in {"row", "col"} for attributes in read.all("th"))
    levels = [int(tag[1]) for tag in kinds if re.fullmatch("h[1-6]", tag)]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(attributes["href"].removeprefix("#") in ids for attributes in read.all("a"))
    named = [attributes["aria-labelledby"] for _, attributes in read.tags if "aria-labelledby" in attributes]
    assert set(named) <= set(ids)
    # What scrolls can be reached, and says what it is.
    assert all("tabindex" in a and a["aria-label"] for a in read.all("div") if a.get("class") == "scroll")
    # Every field is in a label: as many labels as fields.
    assert kinds.count("label") == len(read.all("input")) + len(read.all("select"))


@each_page
def test_it_reaches_nothing(name: str) -> None:
    read = READ[name]
    (policy,) = (a["content"] for a in read.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in read.scripts[1:]]
    assert rules["script-src"].split() == hashes
    assert len(hashes) == len(page.SCRIPTS)
    (style,) = read.styles
    assert rules["style-src"] == f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
    assert not {"img", "link", "iframe", "object", "embed", "base"} & {tag for tag, _ in read.tags}
    assert not any(key in {"src", "style", "srcset"} or key.startswith("on") for _, a in read.tags for key in a)
    assert "url(" not in style
    assert "@import" not in style
    assert len(PAGES[name].encode()) < LARGEST


@pytest.mark.parametrize("name", ["region", "all regions"])
def test_a_value_is_text_whatever_it_says(name: str) -> None:
    read = READ[name]
    assert len(read.scripts) == 1 + len(page.SCRIPTS)
    assert HOSTILE in [cell for row in read.rows for cell in row]
    assert HOSTILE in json.dumps(read.data).encode().decode("unicode_escape")
    assert "<script>alert" not in PAGES[name]


def test_its_numbers_are_golds_in_golds_formats() -> None:
    read, data = READ["region"], READ["region"].data
    assert [
        "all",
        "Uptown",
        "9,007,199,254,740,993.21",
        "1,234",
        "60",
        "2,000",
        "70.00\N{NO-BREAK SPACE}%",
    ] in read.rows
    assert data["branches"]["rows"][0] == ["all", "Uptown", "9007199254740993.21", 1234, 60, 2000, "0.700000"]
    assert data["branches"]["columns"][2] == {
        "name": "revenue",
        "title": "Revenue",
        "format": "#,##0.00",
        "unit": "currency",
    }
    for said in ("1,100.05", "419.5", "9,007,199,254,741,693.81", "was 20.01\N{NO-BREAK SPACE}% higher than"):
        assert said in " ".join(read.texts)
    assert "Uptown is the only branch" in read.text


def test_a_branch_is_chosen_by_the_name_it_has() -> None:
    sales = figures("sales_by_day", (date(2024, 1, 1), "East  Side ", Decimal("1.00"), 1))
    options = Page(page.of_region(region_page(sales=sales))).all("option")
    assert {"value": "East  Side "} in options  # without it, the option's text, whose blanks a browser makes fewer


def test_an_answer_says_by_which_rule_it_is_one() -> None:
    said = (Said("Who grows?", ("Uptown: growing.",), "A branch grows by more customers."), Said("Who?", ("Uptown.",)))
    read = Page(page.of_region(region_page(questions=said)))
    assert "Who grows? Uptown: growing. A branch grows by more customers. Who? Uptown." in read.text
    assert len([each for each in read.all("dd") if each.get("class") == "rule"]) == 1


def test_years_of_days_fit() -> None:
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(MOST_DAYS)]
    sales = tuple((day, "A branch with a name", Decimal("12345678.90"), 123) for day in days)
    stores = {name: region_page().figures[name] for name in ("subscriptions", "activity")}
    long = {
        "subscriptions": tuple((day, Decimal("123.45"), Decimal("1234.56"), 12, 34) for day in days[:1500]),
        "activity": tuple((day, 123, 456, 78) for day in days[:1500]),
    }
    figures = {**region_page().figures, **{name: replace(each, rows=long[name]) for name, each in stores.items()}}
    made = page.of_region(region_page(figures=figures, sales=replace(SALES, rows=sales)))
    assert len(made.encode()) < LARGEST


def test_a_copy_of_a_library_comes_with_its_licence() -> None:
    for script, path in zip(READ["region"].scripts[1:], page.SCRIPTS, strict=True):
        assert path.read_text(encoding="utf-8") in script
        assert ("permission notice" in script) == (path.parent == VENDOR)


def test_health_says_what_is_wrong() -> None:
    read = READ["region"]
    assert "1 dataset overdue" in read.text
    assert "50 rows held back" in read.text
    assert ["transactions", "2025-01-01 20:04", "7 hours", "6 hours", "overdue"] in read.rows
    assert ["stores", "none yet", "-", "-", "no promise"] in read.rows
    account = region_page().health.accounts[0]
    unwell = health.Health((type(account)("customers", True, 9, (1, 0, 0, 0, 0), 8),), (), ())
    text = Page(page.of_region(region_page(health=unwell))).text
    assert "8 rows unaccounted for" in text
    assert "8 missing" in text
    assert "customers, again" in text
    assert "watershed reconcile eu-central-1" in text
    assert "Empty: nothing is held back." in text


def test_a_region_without_files_says_so() -> None:
    text = READ["no files"].text
    assert "No files yet" in text
    assert "this region has no table gold.branch_performance." in text
    assert "gold.store_lifespan" in text
    assert "1 dataset overdue" in text
    assert figures("activity", waits_for=("x",)).rows == ()


def test_the_page_of_all_regions_says_what_it_holds_back() -> None:
    text = READ["all regions"].text
    assert "Frankfurt: 1 group of branch and scope, and 2 months held back." in text
    assert "Singapore: no groups of branch and scope, and no months held back." in text
    assert ["Together", "1,830.15", "330", "4"] in READ["all regions"].rows


@pytest.mark.parametrize(
    ("age", "said"),
    [(None, "-"), (59, "under a minute"), (60, "1 minute"), (7199, "1 hour"), (86_400 * 1000 + 5, "1,000 days")],
)
def test_an_age_is_said_in_its_largest_unit(age: int | None, said: str) -> None:
    seen = Freshness("stores", MADE, None if age is None else timedelta(seconds=age), timedelta(days=9999))
    rows = Page(page.of_region(region_page(health=health.Health((), (), (seen,))))).rows
    assert next(row[2] for row in rows if row[0] == "stores" and len(row) == 5) == said


def test_what_is_vendored_is_what_its_makers_published() -> None:
    listed = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    assert {path.name for path in page.SCRIPTS if path.parent == VENDOR} == set(listed)
    for name, each in listed.items():
        content = (VENDOR / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each["sha256"]
        assert each["version"].encode() in content[:200]
        assert (VENDOR / f"{name.partition('.')[0]}.LICENSE").is_file()


@pytest.mark.parametrize("path", [*page.SCRIPTS, page.STYLE], ids=lambda path: path.name)
def test_nothing_in_a_script_or_style_ends_it(path: Path) -> None:
    assert not re.search("</(script|style)|<!--", path.read_text(encoding="utf-8"), re.IGNORECASE)


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})\b", block))


def _contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        full = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        channels = [int(full[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_colours_can_be_told_apart(scheme: str) -> None:
    """Text 4.5 to 1, what a chart is made of 3 to 1, on whatever they stand on."""
    style = page.STYLE.read_text(encoding="utf-8")
    light, dark, printed = (_colours(block) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL))
    colours = {**light, **{"light": {}, "dark": dark, "print": printed}[scheme]}
    texts, below = ("ink", "soft", "accent", "good", "warn", "bad"), ("paper", "card", "hover")
    drawn = set(colours) - {*texts, *below, "line"}
    assert len(drawn) > 10
    for name, ground in itertools.product(texts, below if scheme != "print" else ("paper", "card")):
        assert _contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in drawn:
        assert _contrast(colours[name], colours["card"]) >= 3, name


def test_a_share_is_not_told_where_a_branch_gave_back_more_than_it_sold() -> None:
    row = ("all", 2, "Uptown", Decimal("90.00"), Decimal("2.250000"), "East Side", Decimal("-50.00"), None)
    shown = region_page().figures | {"best_and_worst": figures("best_and_worst", row)}
    text = Page(page.of_region(region_page(figures=shown))).text
    assert "had the highest revenue and East Side the lowest, -50.00" in text
    assert "225.00" not in text
