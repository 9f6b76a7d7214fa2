"""What becomes of the regions' answers."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from rich.console import Console
from watershed import catalog
from watershed.across import statement
from watershed.across.combine import Answer, Row, ask, combine
from watershed.across.understand import understand
from watershed.errors import QueryFailed

from local import all_regions, cli
from local.paths import LAKE

MODELS = catalog.build(LAKE).models
SQL = (
    "SELECT branch_name, SUM(revenue), SUM(customers) AS people FROM gold.daily_revenue "
    "WHERE order_day = DATE '2025-01-01' GROUP BY branch_name"
)
NORTH = Answer({("Harbour",): (Decimal("10.10"), 12), (None,): (Decimal("0.05"), 10)}, held_back=0)
SOUTH = Answer({("Harbour",): (Decimal("0.90"), 30), ("[b]",): (None, 11)}, held_back=2)


def test_sums_are_side_by_side_and_added_up() -> None:
    answers = {"north": NORTH, "south": SOUTH}
    assert combine(answers, 0) == [
        Row(("Harbour",), (Decimal("10.10"), Decimal("0.90")), Decimal("11.00")),
        Row(("[b]",), (None, None), None),
        Row((None,), (Decimal("0.05"), None), Decimal("0.05")),
    ]
    assert [row.total for row in combine(answers, 1)] == [42, 11, 10]
    assert combine({"north": Answer({}, 0)}, 0) == []
    days = Answer({(date(2025, 1, 2),): (1,), (date(2025, 1, 1),): (2,)}, 0)
    assert [row.total for row in combine({"north": days}, 0)] == [2, 1]


def test_sums_of_many_digits_are_added_exactly() -> None:
    large, cent = Decimal("123456789012345678901234567890.12"), Decimal("0.01")
    found = combine({"north": Answer({(): (large,)}, 0), "south": Answer({(): (cent,)}, 0)}, 0)
    assert [row.total for row in found] == [Decimal("123456789012345678901234567890.13")]


def test_a_region_that_fails_leaves_no_answer_and_none_of_its_values() -> None:
    class Fails:
        def typed_rows(self, sql: str) -> None:
            raise QueryFailed("Cannot cast DECIMAL '815.07'", remedy="", query="17", code="TABLE_NOT_FOUND")

    why = r"south gives no answer.*query 17 \(TABLE_NOT_FOUND\)\. If south has no such table"
    with pytest.raises(QueryFailed, match=why) as failed:
        ask(understand(SQL, MODELS), {"south": Fails()})  # type: ignore[dict-item]
    assert "815.07" not in str(failed.value)
    assert (failed.value.query, failed.value.code) == ("17", "TABLE_NOT_FOUND")


def test_the_regions_are_sent_only_what_the_request_says() -> None:
    sent = 'FROM "gold"."daily_revenue" WHERE "order_day" = CAST(\'2025-01-01\' AS DATE) GROUP BY "branch_name" HAVING '
    adding = 'MAX(CASE WHEN "{}" <> 0 THEN COALESCE("customers", 0) END)'
    most = [f'COALESCE({adding.format(name)}, MAX("customers"), 0) >= 10' for name in ("revenue", "customers")]
    large = " AND ".join(most)
    request = understand(SQL, MODELS)
    assert statement.groups(request) == (
        f'SELECT "branch_name", SUM("revenue") AS "sum_0", SUM("customers") AS "sum_1" {sent}{large}'
    )
    assert statement.held_back(request) == f'SELECT COUNT(*) FROM (SELECT 1 AS "one" {sent}NOT ({large})) AS small'


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        ([(50, "9.00"), (1, "7.00")], [Decimal("16.00")]),
        ([(9, "9.00"), (9, "7.00")], []),
        # Fifty who paid nothing hide nobody: the sum would be what the one paid.
        ([(50, "0.00"), (1, "7.00")], []),
        ([(50, None), (1, "7.00")], []),
        ([(50, "0.00"), (12, "0.00")], [Decimal("0.00")]),
        ([(50, None)], [None]),
        ([(50, "9.00"), (None, "7.00")], [Decimal("16.00")]),
        ([(50, "0.00"), (None, "7.00")], []),
    ],
)
def test_people_are_behind_a_sum_only_if_their_row_adds_to_it(
    rows: list[tuple[int | None, str | None]], given: list[Decimal | None]
) -> None:
    request = understand("SELECT SUM(revenue) FROM gold.daily_revenue", MODELS)
    with duckdb.connect() as engine:
        engine.execute("CREATE SCHEMA gold")
        engine.execute("CREATE TABLE gold.daily_revenue (customers BIGINT, revenue DECIMAL(38, 2))")
        engine.executemany("INSERT INTO gold.daily_revenue VALUES (?, ?)", rows)
        assert engine.execute(statement.groups(request)).fetchall() == [(each,) for each in given]
        assert engine.execute(statement.held_back(request)).fetchall() == [(1 - len(given),)]


def test_what_is_printed_says_what_is_missing_and_what_counts_twice() -> None:
    out = io.StringIO()
    console = Console(width=100, file=out)
    all_regions.print_answers(console, understand(SQL, MODELS), {"north": NORTH, "south": SOUTH})
    text = out.getvalue()
    assert "revenue: Sum of total_value, whatever the status, currency" in text
    assert "people: sum of each region's distinct count" in text
    assert "south holds back 2 groups of fewer than 10 customers." in text
    assert "north holds" not in text
    (line,) = [line for line in text.splitlines() if line.startswith("[b]") and "11" in line]
    assert line.split() == ["[b]", "-", "11", "11"]


def test_the_command_takes_a_region_or_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["query", "--all-regions", "SELECT 1", "eu-central-1"]) == 1
    assert "Both a region and --all-regions" in capsys.readouterr().err
    assert cli.main(["query", "--aws", "--all-regions", "SELECT full_name FROM silver.customers"]) == 1
    assert "silver.customers is no gold model" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["query", "eu-central-1"])
