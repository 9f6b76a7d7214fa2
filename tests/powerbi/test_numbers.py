"""What measures say over rows: totals, sentences and the calendar, at their edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.powerbi import dax
from local.powerbi.m import Source
from local.powerbi.model import End
from tests.powerbi.dax_answers import Data
from tests.powerbi.dax_reader import WrongDax, parse
from tests.powerbi.lab import shipped

MEASURES = {name: str(each.value) for name, each in shipped("eu-central-1", Source.ATHENA).measures.items()}


def _said(*sold: tuple[str | None, str | None]) -> Any:
    rows = [{"branch_name": branch, "total_value": value and Decimal(value)} for branch, value in sold]
    return Data({"datamart": rows}, MEASURES).answer("Total revenue in words")


def test_the_sentences_are_those_of_the_report_that_the_lake_grew_from() -> None:
    assert _said(
        ("Uptown", "33967651.17"),
        ("Downtown", "33450000.00"),
        ("East Side", "33400000.00"),
        ("Central", "30631468.20"),
        ("West End", "30389464.00"),
        ("West End", "0.35"),
    ) == (
        "At 33,967,651.17, Uptown had the highest Total revenue and was 11.77% higher than West End, which had the "
        "lowest Total revenue at 30,389,464.35.\n\n"
        "Uptown accounted for 20.99% of Total revenue.\n\n"
        "Across all 5 values of branch_name, Total revenue ranged from 30,389,464.35 to 33,967,651.17."
    )


def test_of_equals_the_first_by_name_is_told() -> None:
    said = _said(("C", "5.00"), ("B", "5.00"), ("Z", "1.00"), ("Y", "1.00"))
    assert said.startswith("At 5.00, B had the highest Total revenue and was 400.00% higher than Y, which")


def test_nothing_one_and_all_the_same_are_told_as_such() -> None:
    assert _said() == _said(("A", None)) == "There is no Total revenue yet."
    assert _said(("A", "2.50"), ("B", None)) == "All of Total revenue, 2.50, is of A."
    assert _said(("A", "2"), ("B", "2.00")) == "Each of the 2 values of branch_name has Total revenue 2.00."


def test_a_ratio_that_means_nothing_is_left_out() -> None:
    assert _said(("A", "3"), ("B", "0")) == (
        "At 3.00, A had the highest Total revenue and B the lowest, 0.00.\n\n"
        "A accounted for 100.00% of Total revenue.\n\n"
        "Across all 2 values of branch_name, Total revenue ranged from 0.00 to 3.00."
    )
    assert "accounted" not in _said(("A", "3"), ("B", "-4"))
    assert "higher than" not in _said(("A", "3"), ("B", "-4"))


def test_rows_without_a_branch_are_told_too() -> None:
    assert "(Blank) had the highest" in _said((None, "9"), ("A", "1"))


def test_a_distinct_count_counts_no_null() -> None:
    rows = [{"customer_id": value} for value in (1, 1, None, 2)]
    assert Data({"datamart": rows}, MEASURES).answer("Total customers") == 2


def test_sums_are_exact_and_empty_of_nothing() -> None:
    rows = [{"total_value": Decimal(text)} for text in ("161838583.71", "0.01")]
    assert Data({"datamart": rows}, MEASURES).answer("Total revenue") == Decimal("161838583.72")
    assert Data({"datamart": []}, MEASURES).answer("Total revenue") is None


def test_what_counts_the_same_rows_is_not_added_up() -> None:
    rows = [{"scope": "all", "revenue": Decimal(5)}, {"scope": "engaged", "revenue": Decimal(3)}]
    name = "Sum of revenue (branch_performance)"
    assert Data({"branch_performance": rows}, MEASURES).answer(name) is None
    assert Data({"branch_performance": rows[1:]}, MEASURES).answer(name) == Decimal(3)


@pytest.mark.parametrize(
    ("found", "first", "last"),
    [
        ([date(2024, 3, 5), None, date(2025, 1, 2)], date(2024, 1, 1), date(2025, 12, 31)),
        ([date(1900, 4, 1)], date(1900, 3, 1), date(1900, 12, 31)),
        ([None], date(2026, 1, 1), date(2026, 12, 31)),  # the reader's today is in 2026
    ],
)
def test_the_calendar_has_every_day_once(found: list[date | None], first: date, last: date) -> None:
    tables = {"a": [{"day": found[0]}], "b": [{"day": day} for day in found[1:]]}
    rows = Data(tables, {}).work_out(parse(dax.calendar([End("a", "day"), End("b", "day")])))
    assert [row["[Date]"] for row in rows] == [first + timedelta(days) for days in range((last - first).days + 1)]
    newest = rows[-1]
    assert (newest["[Year]"], newest["[Quarter]"], newest["[Month]"]) == (
        last.year,
        f"{last.year} Q4",
        last.replace(day=1),
    )
    assert newest["[Weekday number]"] == last.isoweekday()
    assert newest["[Weekday]"] == f"{last:%A}"


@pytest.mark.parametrize(
    "wrong",
    [
        "SUM('t'[c]",
        "SUM('t[c])",
        "SUM(t[c])",
        "[a",
        "VAR x = 1",
        "UNKNOWN(1)",
        '"a',
        "1 +",
        "IF(1)",
        "{1",
        "__No",
        "1 2",
    ],
)
def test_the_reader_refuses_what_is_no_dax(wrong: str) -> None:
    with pytest.raises(WrongDax):
        parse(wrong)
