"""What the reports' own SQL answers of branches that earned little, nothing, or less than they gave back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from watershed import catalog

from local.dashboard.queries import read_queries
from local.paths import LAKE
from tests.trino.athena import Athena, alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.questions import Question

    from tests.trino.answer import Answer

CATALOG = catalog.build(LAKE)
HIGHEST = CATALOG.questions["01_highest_revenue"]
LOWEST = CATALOG.questions["02_lowest_revenue"]
TREND = CATALOG.questions["05_customer_distribution"]
SUBSCRIPTIONS = CATALOG.questions["11_subscription_revenue"]
ACTIVITY = CATALOG.questions["12_store_activity"]
AHEAD, LIFESPANS = (read_queries(CATALOG.models)[name] for name in ("best_and_worst", "lifespans"))


@pytest.fixture(scope="module")
def athena() -> Iterator[Athena]:
    with alone() as local:
        yield local


def _asked(athena: Athena, sql: str, branches: dict[str, str]) -> list[dict[str, str | None]]:
    """The answer, were these gold.branch_performance's branches with their revenue."""
    rows = ", ".join(
        f"('engaged', '{branch}', CAST({revenue} AS decimal(38, 2)), CAST(NULL AS decimal(38, 6)))"
        for branch, revenue in branches.items()
    )
    table = f"(VALUES {rows}) AS branch_performance (scope, branch_name, revenue, revenue_share)"
    answer = athena.run(sql.replace("gold.branch_performance", table))
    return [dict(zip((name for name, _ in answer.columns), row, strict=True)) for row in answer.rows]


def _said(question: Question, answer: Answer) -> list[str]:
    """The sentences, from Athena's texts."""
    values = [
        [int(value) if kind in {"integer", "bigint"} and value else value for (_, kind), value in pairs]
        for pairs in (zip(answer.columns, row, strict=True) for row in answer.rows)
    ]
    return question.answers([name for name, _ in answer.columns], values)


@pytest.mark.parametrize(
    ("branches", "said"),
    [
        ({"A": "150.00", "B": "100.00"}, ["B: 100.00. A earned 50.00 % more."]),
        ({"A": "100.00", "B": "-50.00"}, ["B: -50.00. A earned 150.00 more."]),
        ({"A": "100.00", "B": "0"}, ["B: 0.00. A earned 100.00 more."]),
        ({"A": "5.00", "B": "1.00", "C": "1.00"}, [f"{name}: 1.00. A earned 400.00 % more." for name in "BC"]),
        ({"A": "5.00"}, ["A: 5.00. No branch earned more."]),
        ({"A": "2000000000000.00", "B": "0.01"}, ["B: 0.01. A earned 19999999999999900.00 % more."]),
    ],
)
def test_the_lowest_revenue_is_compared_in_percent_of_what_was_earned(
    athena: Athena, branches: dict[str, str], said: list[str]
) -> None:
    rows = [{**row, "revenue": Decimal(row["revenue"] or 0)} for row in _asked(athena, LOWEST.sql, branches)]
    assert LOWEST.answers(list(rows[0]), [list(row.values()) for row in rows]) == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("('A', 75.00, 0.75, 1), ('B', 25.00, 0.25, 2)", "A: 75.00, 75.00 % of all, "),
        ("('A', 0.00, NULL, 1), ('B', 0.00, NULL, 1)", "A: 0.00, "),
        ("('A', 150.00, 1.5, 1), ('B', -50.00, -0.5, 2)", "A: 150.00, "),
        ("('A', -10.00, 0.1, 1), ('B', -90.00, 0.9, 2)", "A: -10.00, "),
    ],
)
def test_the_highest_revenue_is_a_part_of_all_where_all_have_earned(athena: Athena, rows: str, said: str) -> None:
    table = f"(VALUES {rows}) AS given (branch_name, revenue, revenue_share, revenue_rank)"
    branches = f"""(
        SELECT
            'engaged' AS scope,
            branch_name,
            CAST(revenue AS decimal(38, 2)) AS revenue,
            CAST(revenue_share AS decimal(38, 6)) AS revenue_share,
            revenue_rank
        FROM {table}
    )"""
    answer = athena.run(HIGHEST.sql.replace("gold.branch_performance", branches))
    first = _said(HIGHEST, answer)[0]
    assert first == f"{said}from customers who have written to us."


@pytest.mark.parametrize(
    ("worst", "ahead"),
    [("100.00", "0.500000"), ("-50.00", None), ("0", None), ("0.01", "14999.000000")],
)
def test_the_page_says_how_far_ahead_a_branch_is_of_one_that_earned(
    athena: Athena, worst: str, ahead: str | None
) -> None:
    ((row),) = _asked(athena, AHEAD.sql, {"A": "150.00", "B": worst})
    assert (row["worst_branch"], row["ahead"]) == ("B", ahead)


def test_the_page_compares_a_fortune_with_a_cent(athena: Athena) -> None:
    ((row),) = _asked(athena, AHEAD.sql, {"A": "20000000000.00", "B": "0.01"})
    assert row["ahead"] == "1999999999999.000000"


@pytest.mark.parametrize(
    ("new_customers", "said"),
    [
        ([10, 10], "A: 10 new customers in the first half of its months, 10 in the second: steady."),
        ([10, 10, 10], "A: 10 new customers in the first half of its months, 10 in the second: steady."),
        ([10, 90, 11], "A: 10 new customers in the first half of its months, 11 in the second: growing."),
        ([9, 0, 5, 4, 4], "A: 9 new customers in the first half of its months, 8 in the second: slowing."),
        ([50], "No branch has sold in more than one month yet."),
    ],
)
def test_a_trend_compares_as_many_months_with_as_many(athena: Athena, new_customers: list[int], said: str) -> None:
    rows = ", ".join(f"('A', DATE '2024-{month:02}-01', {new})" for month, new in enumerate(new_customers, 1))
    table = f"(VALUES {rows}) AS customer_distribution (branch_name, order_month, new_customers)"
    answer = athena.run(TREND.sql.replace("gold.customer_distribution", table))
    assert _said(TREND, answer) == [said]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (
            "(DATE '2024-05-01', 2, 2, 0, 0), (DATE '2024-05-02', 1, 1, 1, 1)",  # one store, which came back at once
            "2024-05-01: 2 stores; 2 still have that install, 0 have ended it, 0 cancelled.",
        ),
        (
            "(DATE '2024-05-02', 1, 0, 1, 1), (DATE '2024-05-01', 1, 1, 0, 0)",
            "2024-05-01: 1 store, as on one other day; 1 still has that install, 0 have ended it, 0 cancelled.",
        ),
        (
            "(DATE '2024-05-02', 1, 0, 1, 1), (DATE '2024-05-01', 1, 0, 1, 0), (DATE '2024-05-03', 1, 1, 0, 0)",
            "2024-05-01: 1 store, as on 2 other days; 0 still have that install, 1 has ended it, 0 cancelled.",
        ),
    ],
)
def test_the_day_of_most_installs_counts_a_store_once(athena: Athena, days: str, said: str) -> None:
    columns = "activity_day, stores, active_stores, new_stores, uninstalled_stores"
    table = f"(VALUES {days}) AS store_activity_by_day ({columns})"
    answer = athena.run(ACTIVITY.sql.replace("gold.store_activity_by_day", table))
    assert _said(ACTIVITY, answer) == [said]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("(DATE '2024-05-01', 9.50, 1), (DATE '2024-05-02', 8, 2)", "2024-05-01: 9.50 from 1 first subscription."),
        (
            "(DATE '2024-05-02', 8.00, 2), (DATE '2024-05-01', 8.00, 2)",
            "2024-05-01: 8.00 from 2 first subscriptions, as much as on one other day.",
        ),
        ("(DATE '2024-05-02', 0.00, 0)", "No store's first subscription has a day and a price yet."),
    ],
)
def test_the_day_of_new_subscriptions_is_one_that_had_some(athena: Athena, days: str, said: str) -> None:
    columns = "subscription_day, first_subscription_revenue, first_subscriptions"
    table = f"(VALUES {days}) AS subscription_revenue_by_day ({columns})"
    answer = athena.run(SUBSCRIPTIONS.sql.replace("gold.subscription_revenue_by_day", table))
    assert _said(SUBSCRIPTIONS, answer) == [said]


def test_a_lifespan_below_nought_is_in_a_bar_of_its_own(athena: Athena) -> None:
    days = ", ".join(f"({days}, false)" for days in (-45, -30, -1, 0, 29, 30))
    answer = athena.run(LIFESPANS.sql.replace("gold.store_lifespan", f"(VALUES {days}) AS t (lifespan_days, active)"))
    assert [(row[0], row[2]) for row in answer.rows] == [("-60", "1"), ("-30", "2"), ("0", "2"), ("30", "1")]
