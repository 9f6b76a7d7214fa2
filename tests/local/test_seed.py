"""The founding data set through the demo's own command: every published figure, exactly."""

from __future__ import annotations

import csv
import os
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path

import pytest

from local.cli import main
from local.powerbi.m import Source
from tests.dashboard_lab import Page
from tests.powerbi.dax_answers import Data
from tests.powerbi.lab import shipped

SEED = os.environ.get("WATERSHED_SEED_DATA", "")
AS_OF = "2025-01-01"
Table = list[dict[str, str]]

pytestmark = [
    pytest.mark.seed,
    pytest.mark.skipif(not SEED, reason="set WATERSHED_SEED_DATA to the founding data set's folder"),
]


def _read(path: Path) -> Table:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _published(name: str) -> Table:
    return _read(Path(SEED) / "expected" / f"{name}.csv")


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of gold tables that the demo wrote."""
    out = tmp_path_factory.mktemp("demo")
    arguments = ["--data", str(Path(SEED) / "files"), "--region", "eu-central-1", "--as-of", AS_OF, "--out", str(out)]
    with (out / "said.txt").open("w", encoding="utf-8") as said, redirect_stdout(said):
        assert main(["demo", *arguments]) == 0
    return out / "eu-central-1"


def test_revenue_by_branch(gold: Path) -> None:
    ours = {
        row["branch_name"]: [Decimal(row["revenue"]), row["customers"], row["products"], row["transactions"]]
        for row in _read(gold / "branch_performance.csv")
        if row["scope"] == "engaged"
    }
    published = {
        row["branch_name"]: [Decimal(row["total_revenue"]), row["customers"], row["products"], row["transactions"]]
        for row in _published("dashboard_by_branch")
    }
    assert ours == published


def test_totals(gold: Path) -> None:
    rows = _read(gold / "datamart.csv")
    (published,) = _published("dashboard_totals")
    assert sum(Decimal(row["total_value"]) for row in rows) == Decimal(published["total_revenue"])
    assert len({row["customer_id"] for row in rows}) == int(published["customers"])
    assert len({row["product_id"] for row in rows}) == int(published["products"])
    assert len({row["transaction_id"] for row in rows}) == len(rows) == int(published["transactions"])


def test_power_bi_says_the_published_report(gold: Path) -> None:
    measures = {name: str(each.value) for name, each in shipped("eu-central-1", Source.ATHENA).measures.items()}
    rows = [{**row, "total_value": Decimal(row["total_value"])} for row in _read(gold / "datamart.csv")]
    said = Data({"datamart": rows}, measures)
    names = {"Total revenue": "total_revenue", "Total customers": "customers", "Total products": "products"}
    names["Total transactions"] = "transactions"
    (totals,) = _published("dashboard_totals")
    branches = _published("dashboard_by_branch")
    for measure, column in names.items():
        assert said.answer(measure) == Decimal(totals[column])
        for row in branches:
            bar = said.at({"'datamart'[branch_name]": row["branch_name"]})
            assert bar.answer(measure) == Decimal(row[column])
    assert said.answer("Total revenue in words") == (  # exact: in binary floats, Uptown's was a cent less
        "At 33,967,651.18, Uptown had the highest Total revenue and was 11.77% higher than West End, which had the "
        "lowest Total revenue at 30,389,464.35.\n\n"
        "Uptown accounted for 20.99% of Total revenue.\n\n"
        "Across all 5 values of branch_name, Total revenue ranged from 30,389,464.35 to 33,967,651.18."
    )


def test_the_page_shows_the_published_report(gold: Path) -> None:
    page = Page((gold.parent / "dashboard" / "eu-central-1.html").read_text(encoding="utf-8"))
    (totals,) = _published("dashboard_totals")
    revenue = Decimal(totals["total_revenue"])
    counts = [int(totals[name]) for name in ("customers", "products", "transactions")]
    assert ["engaged", str(revenue), *counts] in page.data["totals"]["rows"]
    for row in _published("dashboard_by_branch"):
        shown = next(cells for cells in page.rows if cells[:2] == ["engaged", row["branch_name"]])
        assert shown[2:6] == [
            f"{Decimal(row['total_revenue']):,}",
            row["customers"],
            row["products"],
            row["transactions"],
        ]
    assert f"Total revenue currency {revenue:,}" in page.text
    assert "At 33,967,651.18, Uptown had the highest revenue and was 11.77 % higher than West End" in page.text
    assert "Uptown accounted for 20.99 % of revenue." in page.text
    assert "Across all 5 branches, revenue ranged from 30,389,464.35 to 33,967,651.18." in page.text


def test_store_lifespans(gold: Path) -> None:
    ours = {
        row["store_id"]: (row["start_day"], row["end_day"], row["lifespan_days"])
        for row in _read(gold / "store_lifespan.csv")
    }
    published = _published(f"store_lifespan_asof_{AS_OF}")
    assert published
    for row in published:
        assert ours[row["store_id"]] == (row["startDate"], row["endDate"], row["lifespan_in_active"])


def test_first_subscription_revenue_by_day(gold: Path) -> None:
    ours = [
        (row["subscription_day"], Decimal(row["first_subscription_revenue"]))
        for row in _read(gold / "subscription_revenue_by_day.csv")
        if int(row["first_subscriptions"])
    ]
    published = [
        (row["Subscription_Date"], Decimal(row["revenueByday"]))
        for row in _published("first_subscription_revenue_by_day")
    ]
    assert published
    assert ours[: len(published)] == published


def test_store_activity_by_day(gold: Path) -> None:
    published = [tuple(row.values()) for row in _published("store_activity_by_day")]
    assert published
    columns = len(published[0])  # all but the day's stores, which nobody published
    ours = [tuple(row.values())[:columns] for row in _read(gold / "store_activity_by_day.csv")]
    assert ours[: len(published)] == published


def test_the_answers_are_said_in_plain_words_with_their_rule(gold: Path) -> None:
    said = " ".join((gold.parent / "said.txt").read_text(encoding="utf-8").split())  # however wide the terminal is
    lowest = "Which branch has the lowest total revenue? West End: 30,389,464.35. Uptown earned 11.77 % more."
    assert lowest in said
    low = said.partition("Are there branches with low transaction activity despite many customers? ")[2]
    assert low.startswith("No branch has at least the average branch's customers")
    assert "Many customers are at least the average branch's; low activity is" in low
