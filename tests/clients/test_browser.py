"""The dashboard in a real browser: what it draws, what its filters do, and that it reaches nothing.

It needs a Chromium: Debian's `chromium`, or one that WATERSHED_CHROMIUM names. What it draws is also written to
build/screenshots, to be looked at.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from local.dashboard import formats, page
from local.dashboard.region import Said
from local.freshness import Freshness
from local.paths import BUILD
from tests.dashboard_lab import HOSTILE, MADE, all_regions_page, empty_page, figures, region_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

CHROMIUM = os.environ.get("WATERSHED_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SCREENSHOTS = BUILD / "screenshots"
PAGES = {
    "region": page.of_region(region_page()),
    "no-files": page.of_region(empty_page()),
    "all-regions": page.of_all_regions(all_regions_page(), MADE),
}
SALES = region_page().sales

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: install Debian's `chromium`, or set WATERSHED_CHROMIUM to one"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Its sandbox needs rights that a container seldom gives; the pages are our own.
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Tab]]:
    """Opens a page as a file; whatever it complains of, or asks for, fails the test."""
    complaints: list[str] = []

    def open_page(name: str, *, width: int = 1280, scripts: bool = True) -> Tab:
        file = tmp_path / f"{name}.html"
        file.write_text(PAGES[name], encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, offline=True
        )
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.on("request", lambda asked: None if asked.url == file.as_uri() else complaints.append(asked.url))
        tab.goto(file.as_uri())
        return tab

    yield open_page
    assert complaints == []


def _shown(tab: Tab, selector: str) -> list[str]:
    return [each.inner_text() for each in tab.locator(selector).all() if each.is_visible()]


def _totals(tab: Tab) -> list[str]:
    return _shown(tab, "[data-totals] dd")


def _said(name: str, value: Any) -> str:
    return formats.said(value, SALES.column(name))


@pytest.mark.parametrize("name", PAGES)
def test_it_loads_and_draws_and_axe_finds_nothing(opened: Callable[..., Tab], name: str) -> None:
    tab = opened(name)
    charts = {"region": 8, "no-files": 0, "all-regions": 5}[name]
    assert tab.locator(".plot-area svg[role=img]").count() == charts
    assert tab.locator("#filters").is_visible() == bool(charts)
    labels = [svg.get_attribute("aria-label") for svg in tab.locator(".plot-area svg").all()]
    assert all(label and "undefined" not in label and "NaN" not in label for label in labels)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{name}-light.png", full_page=True)
    tab.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    tab.emulate_media(color_scheme="dark")
    tab.screenshot(path=SCREENSHOTS / f"{name}-dark.png", full_page=True)
    found = Axe().run(tab, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", ["region", "all-regions"])
def test_a_phone_scrolls_down_only(opened: Callable[..., Tab], name: str) -> None:
    tab = opened(name, width=390)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{name}-phone.png", full_page=True)
    for width in (320, 768):
        tab.set_viewport_size({"width": width, "height": 900})
        area = tab.evaluate("document.querySelector('.plot-area').clientWidth")
        expect(tab.locator(".plot-area svg").first).to_have_attribute("width", str(area))
        assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_whether_files_are_late_is_seen_without_scrolling(
    opened: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = Freshness("conversations", MADE, timedelta(seconds=5), timedelta(hours=6))
    made = region_page(health=replace(region_page().health, freshness=(fresh, Freshness("orders", MADE, None, None))))
    monkeypatch.setitem(PAGES, "fresh", page.of_region(made))
    table = opened("fresh").get_by_role("group", name="Freshness")
    assert table.evaluate("(each) => each.scrollWidth <= each.clientWidth")


def test_scope_and_branch_choose_among_golds_numbers(opened: Callable[..., Tab]) -> None:
    tab = opened("region")
    assert _totals(tab) == ["1,100.05", "77", "55", "100"]
    assert _shown(tab, ".insight p")[0].startswith("At 600.05, Uptown had the highest revenue and was 20.01")
    tab.locator("label", has_text=re.compile("^All$")).click()
    assert _totals(tab) == ["9,007,199,254,741,693.81", "1,300", "70", "2,110"]
    assert _shown(tab, ".insight p") == ["Uptown is the only branch, with a revenue of 700.00."]
    tab.locator("[name=branch]").select_option("Uptown")
    assert _totals(tab) == ["9,007,199,254,740,993.21", "1,234", "60", "2,000"]  # no float could hold it
    tab.locator("[name=branch]").select_option(HOSTILE)
    assert _totals(tab) == ["700.50", "70", "50", "80"]
    assert HOSTILE in tab.locator("#filtered").inner_text()
    drawn = [text.text_content() or "" for text in tab.locator(".chart.revenue svg text").all()]
    assert any(HOSTILE.startswith(text.removesuffix("…")) for text in drawn if text.endswith("…"))
    tab.locator("label", has_text="Engaged").click()
    tab.locator("[name=branch]").select_option("East Side")
    assert _totals(tab) == ["-", "-", "-", "-"]  # it has sold to nobody engaged
    tab.get_by_role("button", name="Reset").click()
    expect(tab.locator("[data-totals] dd").first).to_have_text("1,100.05")


BACKWARDS = "Uptown \N{RIGHT-TO-LEFT OVERRIDE}evil"  # shown as "Uptown live", and so with whatever stands behind it


@pytest.mark.parametrize("width", [390, 1280])
def test_names_and_losses_stay_in_their_place(
    opened: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    rows = (
        ("A" * 300, "1234567.00"),
        ("W" * 40, "99999.00"),
        (BACKWARDS, "5.00"),
        ("Returns", "-1234567.00"),
    )
    branches = [("engaged", name, Decimal(revenue), 10, 5, 12, Decimal("0.1")) for name, revenue in rows]
    worded = ("engaged", 4, BACKWARDS, Decimal("5.00"), None, "A" * 300, Decimal("1.00"), Decimal("4.00"))
    total = figures("totals", ("engaged", Decimal("-12345678901234.56"), 40, 5, 48))
    shown = region_page()
    parts = {"branches": figures("branches", *branches), "best_and_worst": figures("best_and_worst", worded)}
    made = region_page(
        figures={**shown.figures, **parts, "totals": total}, questions=(Said("Who?", (f"{'A' * 300}: 5 customers.",)),)
    )
    monkeypatch.setitem(PAGES, "wide", page.of_region(made))
    tab = opened("wide", width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    tile = tab.locator("[data-totals] dd").first
    assert tile.evaluate("(each) => each.clientHeight < 2 * parseFloat(getComputedStyle(each).fontSize)")  # one line
    for figure in tab.locator(".report figure").all():
        card = figure.bounding_box()
        assert card
        boxes = [text.bounding_box() for text in figure.locator("svg text").all()]
        assert all(box and card["x"] <= box["x"] for box in boxes)
        assert all(box and box["x"] + box["width"] <= card["x"] + card["width"] for box in boxes)
    revenue = tab.locator(".report .chart.revenue svg")
    *_, loss = revenue.locator("rect").all()
    said, bar = revenue.get_by_text("-1.235M").bounding_box(), loss.bounding_box()
    assert said
    assert bar
    assert said["x"] >= bar["x"] + bar["width"]
    names = tab.locator(".insight bdi").all()
    assert [each.evaluate("(name) => getComputedStyle(name).unicodeBidi") for each in names] == ["isolate"] * len(names)
    assert BACKWARDS in [each.text_content() for each in names]


@pytest.mark.parametrize("name", ["North\r\nSouth", "  East  Side ", "Up\0town", "All branches"])
def test_a_branch_is_found_by_whatever_name_it_has(
    opened: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    branches = figures("branches", ("engaged", name, Decimal("7.00"), 10, 5, 12, Decimal("1.0")))
    sales = figures("sales_by_day", (MADE.date(), name, Decimal("8.00"), 1))
    made = region_page(figures={**region_page().figures, "branches": branches}, sales=sales)
    monkeypatch.setitem(PAGES, "named", page.of_region(made))
    tab = opened("named")
    tab.locator("[name=branch]").select_option(index=1)
    assert _totals(tab)[0] == "7.00"
    assert _shown(tab, "#sales-totals dd") == ["8.00", "1"]


def test_of_many_branches_the_page_says_how_many_it_does_not_draw(
    opened: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Branch {number:03}" for number in range(30, 0, -1)]
    rows = [("engaged", name, Decimal(place), 10, 5, 12, Decimal("0.1")) for place, name in enumerate(names)]
    branches = figures("branches", *reversed(rows))
    sold = figures("sales_by_day", *((MADE.date(), name, Decimal("1.00"), 1) for name in names))
    answers = tuple(f"{name}: 5 customers." for name in names)
    made = region_page(
        figures={**region_page().figures, "branches": branches}, sales=sold, questions=(Said("Who?", answers),)
    )
    monkeypatch.setitem(PAGES, "many", page.of_region(made))
    tab = opened("many")
    assert [each.inner_text() for each in tab.locator(".beyond").all()] == ["10 more are in the table."] * 4
    tab.locator("[name=branch]").select_option(names[0])  # which is then drawn as well
    assert tab.locator(".beyond").first.inner_text() == "9 more are in the table."
    options = tab.locator("[name=branch] option").all_inner_texts()
    assert options == ["All branches", *sorted(names)]
    assert _shown(tab, "#answers dd")[-1] == "22 more"
    tab.locator("summary", has_text="22 more").click()
    assert _shown(tab, "#answers p")[-1] == answers[-1]


def test_dates_add_up_to_the_cent(opened: Callable[..., Tab]) -> None:
    tab = opened("region")
    tab.locator("summary", has_text="Sales as a table").click()
    dates = [("2024-01-30", "2024-08-12"), ("2024-02-29", "2024-05-01"), ("2024-03-01", "2024-03-01")]
    for (first, last), branch in itertools.product(dates, ("", HOSTILE)):
        tab.locator("[name=from]").fill(first)
        tab.locator("[name=to]").fill(last)
        tab.locator("[name=branch]").select_option(branch)
        rows = [
            row
            for row in SALES.records()
            if first <= row["order_day"].isoformat() <= last and branch in {"", row["branch_name"]}
        ]
        expected = {name: sum((row[name] for row in rows), start=0) for name in ("revenue", "transactions")}
        assert _shown(tab, "#sales-totals dd") == [_said(name, value) for name, value in expected.items()]
        for step in ("month", "week", "day"):
            tab.locator("[name=step]").select_option(step)
            _check_steps(tab, step, {row["order_day"] for row in rows}, expected["revenue"])


def _check_steps(tab: Tab, step: str, days: set[date], revenue: Decimal) -> None:
    """The table has one row a step that has sales, and comes to the whole."""
    rows = [text.split("\t") for text in tab.locator("#sales-table tbody").inner_text().splitlines() if text]
    assert sum(Decimal(row[1].replace(",", "")) for row in rows) == revenue
    first_of = {
        "month": lambda day: day.replace(day=1),
        "week": lambda day: day - timedelta(days=day.weekday()),
        "day": lambda day: day,
    }
    assert [date.fromisoformat(row[0]) for row in rows] == sorted({first_of[step](day) for day in days})


def test_a_month_of_the_first_century_stays_in_it(opened: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch) -> None:
    days = (date(23, 5, 2), date(1923, 5, 3))  # the first is a typing error, as shops make them
    sales = figures("sales_by_day", *((day, "Uptown", Decimal("1.00"), 1) for day in days))
    monkeypatch.setitem(PAGES, "old-days", page.of_region(region_page(sales=sales)))
    tab = opened("old-days")
    tab.locator("summary", has_text="Sales as a table").click()
    rows = tab.locator("#sales-table tbody").inner_text().splitlines()
    assert rows == ["0023-05-01\t1.00\t1", "1923-05-01\t1.00\t1"]


def test_dates_without_anything_say_where_there_is_something(opened: Callable[..., Tab]) -> None:
    tab = opened("region")
    tab.locator("[name=to]").fill("2024-02-02")
    assert [row for row in _shown(tab, "tr[data-day]") if row] == []  # in closed tables
    tab.locator("[name=from]").fill("2024-02-02")
    assert "There are subscriptions from 2024-02-01 to 2024-03-09." in tab.locator("#stores").inner_text()
    assert _shown(tab, "#sales-totals dd") == ["0.00", "0"]


def test_regions_are_filtered_too(opened: Callable[..., Tab]) -> None:
    tab = opened("all-regions")
    # Of Singapore all is held back, or there is nothing.
    assert _shown(tab, "#regions tbody tr") == ["Frankfurt\t500.05\t55\t1", "Singapore\t-\t-\t0"]
    tab.locator("label", has_text=re.compile("^All$")).click()
    assert _shown(tab, "#regions tfoot tr") == ["Together\t1,830.15\t330\t4"]
    tab.locator("summary", has_text="Months as a table").click()
    assert len(_shown(tab, "#time tbody tr")) == 5
    tab.locator("[name=from]").fill("2024-03-01")
    assert _shown(tab, "#time tbody tr") == ["Frankfurt\t2024-03-01\t300.00\t30", "Singapore\t2024-03-01\t300.00\t30"]


def test_the_keyboard_reaches_the_numbers_first(opened: Callable[..., Tab]) -> None:
    tab = opened("region")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.get_by_role("radio", name="Engaged").focus()
    tab.keyboard.press("ArrowRight")
    assert _totals(tab)[1] == "1,300"


def test_without_scripts_all_is_there(opened: Callable[..., Tab]) -> None:
    tab = opened("region", scripts=False)
    assert not tab.locator("#filters").is_visible()
    assert _totals(tab) == ["1,100.05", "77", "55", "100", "9,007,199,254,741,693.81", "1,300", "70", "2,110"]
    assert "has its tables and texts, but no charts" in tab.locator("footer").inner_text()


def test_paper_gets_the_tables_and_says_what_was_chosen(opened: Callable[..., Tab]) -> None:
    tab = opened("region")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert tab.locator("#branches-table").is_visible()
    assert tab.locator("#filtered").is_visible()
    assert not tab.locator("#filters").is_visible()
    assert tab.pdf(path=SCREENSHOTS / "region.pdf", format="A4").startswith(b"%PDF")


def test_the_browser_lets_it_reach_nothing(browser: Browser, tmp_path: Path) -> None:
    """Even a script that got in could not send what it finds."""
    file = tmp_path / "page.html"
    file.write_text(PAGES["region"], encoding="utf-8")
    tab = browser.new_page()
    tab.goto(file.as_uri())
    refused = tab.evaluate(
        """async () => {
          const refused = [];
          document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "document.title = 'taken'";
          const image = new Image();
          image.src = "http://127.0.0.1:9/";
          const style = document.createElement("style");
          style.textContent = "body { background: url(http://127.0.0.1:9/) }";
          document.body.append(script, image, style);
          await fetch("http://127.0.0.1:9/").catch(() => 0);
          await new Promise((done) => setTimeout(done, 50));
          return [document.title, ...new Set(refused)].sort();
        }"""
    )
    assert refused[0] == "Frankfurt (eu-central-1): dashboard"
    assert {re.sub("-elem$", "", each) for each in refused[1:]} == {"connect-src", "img-src", "script-src", "style-src"}
