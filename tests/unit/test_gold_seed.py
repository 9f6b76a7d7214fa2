"""The gold models on the founding data set give the published figures, to the cent and the day."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from watershed.catalog import without_personal_data
from watershed.pages import read_pages
from watershed.questions import read_questions

from infra.quicksight.definition import definition
from local.paths import LAKE
from tests import quicksight_lab
from tests.unit.gold_on_duckdb import CONTRACTS, MODELS, DuckLake, to_duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.contracts.model import Contract, Table

FOLDER = os.environ.get("WATERSHED_SEED_DATA", "")
pytestmark = [
    pytest.mark.seed,
    pytest.mark.skipif(not FOLDER, reason="set WATERSHED_SEED_DATA to the founding data set's folder"),
]

FILES = {
    "customers": "customerdb.csv",
    "products": "product.csv",
    "transactions": "transaction.csv",
    "conversations": "conversation.csv",
    "stores": "dataset_sample.csv",
}


@pytest.fixture(scope="module")
def lake() -> DuckLake:
    lake = DuckLake()
    for dataset, file in FILES.items():
        records = list(_records(Path(FOLDER) / "files" / file))
        contract = CONTRACTS[dataset]
        lake.fill(contract.table.name, [_row(contract, file, record) for record in records])
        for child in contract.children:
            lake.fill(child.name, [row for record in records for row in _elements(contract, child, file, record)])
    lake.build(date(2025, 1, 1))
    return lake


def _records(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        for record in csv.DictReader(file):
            yield {name.strip().lower(): value for name, value in record.items()}


def _row(contract: Contract, file: str, record: dict[str, str]) -> dict[str, str | None]:
    source = contract.source_for("eu-central-1", file)
    assert source is not None, file
    found: dict[str, str | None] = {}
    for column in contract.table.columns:
        name = next((name.lower() for name in source.names_of(column.name) if name.lower() in record), None)
        found[column.name] = (record[name] or None) if name else None
    return found


def _elements(contract: Contract, child: Table, file: str, record: dict[str, str]) -> Iterator[dict[str, str | None]]:
    parent = _row(contract, file, record)
    keys = {name: parent[name] for name in contract.table.primary_key}
    for position, element in enumerate(json.loads(record[str(child.explode).lower()]), start=1):
        values: dict[str, Any] = {c.name: element[c.json_path] for c in child.columns if c.json_path}
        text = {name: None if value is None else str(value) for name, value in values.items()}
        yield {**keys, "position": str(position), **text}


def _expected(name: str) -> list[dict[str, str]]:
    with (Path(FOLDER) / "expected" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_dashboard_by_branch(lake: DuckLake) -> None:
    found = lake.rows(
        "SELECT branch_name, revenue, customers, products, transactions, revenue_rank FROM gold.branch_performance "
        "WHERE scope = 'engaged' ORDER BY revenue DESC"
    )
    assert found == [
        (
            row["branch_name"],
            Decimal(row["total_revenue"]),
            int(row["customers"]),
            int(row["products"]),
            int(row["transactions"]),
            rank,
        )
        for rank, row in enumerate(_expected("dashboard_by_branch.csv"), start=1)
    ]


def test_dashboard_totals(lake: DuckLake) -> None:
    found = lake.rows(
        "SELECT SUM(total_value), COUNT(DISTINCT customer_id), COUNT(DISTINCT product_id), COUNT(*) FROM gold.datamart"
    )
    (row,) = _expected("dashboard_totals.csv")
    counts = [int(row[name]) for name in ("customers", "products", "transactions")]
    assert found == [(Decimal(row["total_revenue"]), *counts)]


def test_quicksights_page_is_the_published_report(lake: DuckLake) -> None:
    page = read_pages(LAKE / "pages", without_personal_data(MODELS))["revenue"]
    drawn = definition(page, MODELS[page.table], "dataset")
    (sheet,), table = drawn["Sheets"], f"gold.{page.table}"

    def ask(sql: str) -> list[list[Any]]:
        return [list(row) for row in lake.rows(sql)]

    (totals,) = _expected("dashboard_totals.csv")
    assert list(quicksight_lab.numbers(sheet, table, ask).values()) == [Decimal(each) for each in totals.values()]
    bars = quicksight_lab.bars(sheet, table, ask)
    published = _expected("dashboard_by_branch.csv")
    for total, name in zip(page.totals, ("total_revenue", "customers", "products", "transactions"), strict=True):
        wanted = [(row["branch_name"], Decimal(row[name])) for row in published]
        assert bars[total.name] == sorted(wanted, key=lambda bar: (-bar[1], bar[0]))
    values = [value for _, value in bars[page.totals[0].name]]
    said = {
        each["Name"]: quicksight_lab.calculated(each["Expression"], page.totals[0].column, values)
        for each in drawn["CalculatedFields"]
    }
    # As the published report's words have them.
    assert {name: f"{value:.2%}" for name, value in said.items()} == {
        "share of all": "20.99%",
        "above the lowest": "11.77%",
    }


def test_first_subscription_revenue_by_day(lake: DuckLake) -> None:
    expected = [
        (date.fromisoformat(row["Subscription_Date"]), Decimal(row["revenueByday"]))
        for row in _expected("first_subscription_revenue_by_day.csv")
    ]
    found = lake.rows(
        "SELECT subscription_day, first_subscription_revenue FROM gold.subscription_revenue_by_day "
        f"WHERE first_subscriptions > 0 ORDER BY subscription_day LIMIT {len(expected)}"
    )
    assert found == expected


def test_store_activity_by_day(lake: DuckLake) -> None:
    expected = [
        (date.fromisoformat(day), *(int(count) for count in counts))
        for day, *counts in (row.values() for row in _expected("store_activity_by_day.csv"))
    ]
    found = lake.rows(
        "SELECT activity_day, active_stores, new_stores, uninstalled_stores FROM gold.store_activity_by_day "
        f"ORDER BY activity_day LIMIT {len(expected)}"
    )
    assert found == expected


def test_store_lifespan(lake: DuckLake) -> None:
    found = {
        row[0]: row for row in lake.rows("SELECT store_id, start_day, end_day, lifespan_days FROM gold.store_lifespan")
    }
    for row in _expected("store_lifespan_asof_2025-01-01.csv"):
        days = (date.fromisoformat(row["startDate"]), date.fromisoformat(row["endDate"]))
        assert found[row["store_id"]] == (row["store_id"], *days, int(row["lifespan_in_active"]))


def test_every_transaction_and_every_subscription_is_in_the_totals(lake: DuckLake) -> None:
    transactions = [
        Decimal(row["totalamount"]) * Decimal(row["price"])
        for row in _records(Path(FOLDER) / "files" / FILES["transactions"])
    ]
    exact = sum((value.quantize(Decimal("0.01"), "ROUND_HALF_UP") for value in transactions), Decimal(0))
    for model in ("sales", "daily_revenue", "product_sales", "customer_distribution"):
        column = "total_value" if model == "sales" else "revenue"
        assert lake.rows(f"SELECT SUM({column}) FROM gold.{model}") == [(exact,)], model
    assert lake.rows("SELECT SUM(revenue) FROM gold.branch_performance WHERE scope = 'all'") == [(exact,)]
    prices = [
        Decimal(str(element["price"]))
        for row in _records(Path(FOLDER) / "files" / FILES["stores"])
        for element in json.loads(row["subscriptionhistory"])
    ]
    assert lake.rows("SELECT SUM(subscription_revenue) FROM gold.subscription_revenue_by_day") == [(sum(prices),)]


ANSWERS = {  # the questions of the founding text, answered by the dashboard's figures
    "01_highest_revenue": ["Uptown: 33,967,651.18, 20.99 % of all, from customers who have written to us."],
    "03_branch_comparison": [
        "Uptown: 117 customers, 128 products, 133 transactions.",
        "Downtown: 119 customers, 127 products, 135 transactions.",
        "East Side: 112 customers, 114 products, 123 transactions.",
        "Central: 108 customers, 118 products, 124 transactions.",
        "West End: 109 customers, 115 products, 120 transactions.",
    ],
    "04_most_customers": ["Downtown: 119 customers."],
    "06_most_products": ["Uptown: 128 different products."],
    "08_most_transactions": ["Downtown: 135 transactions."],
    # Only Uptown and Downtown have the average branch's 113 customers, and both have more than its 127 transactions.
    "09_low_activity": ["No branch has at least the average branch's customers and fewer transactions than it."],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_in_plain_words(lake: DuckLake, name: str) -> None:
    question = read_questions(LAKE / "questions", MODELS)[name]
    found = lake.connection.execute(to_duckdb(question.sql))
    assert question.answers([column[0] for column in found.description], found.fetchall()) == ANSWERS[name]
