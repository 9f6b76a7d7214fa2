"""Faulty SQL, and SQL that only looks faulty: the reason that a real Trino 476 gave, or its rows.

A reason is compared from its start: code, position, words. Where the local Athena says a thing in other words or at
another place, the table has only what is the same. Trino has no statement that ends in a semicolon; Athena has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.local.athena_shop import Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['title']}")
    for path in sorted((Path(__file__).parent / "bad_sql").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
USER = 2  # ErrorCategory
TOO_LARGE = {
    "parentheses": "SELECT " + "(" * 1000 + "1" + ")" * 1000,
    "more parentheses": "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "open parentheses": "SELECT " + "(" * 1000,
    "NOT": "SELECT " + "NOT " * 1000 + "true",
    "minus": "SELECT " + "- " * 1000 + "1",
    "plus": "SELECT 1" + " + 1" * 1000,
    "subqueries": "SELECT * FROM " + "(SELECT * FROM " * 300 + "orders" + ")" * 300,
    "arrays": "SELECT " + "ARRAY[" * 500 + "1" + "]" * 500,
    "unions": "SELECT 1" + " UNION ALL SELECT 1" * 600,
    "types": "SELECT CAST(NULL AS " + "array(" * 1000 + "bigint" + ")" * 1000 + ")",
}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        yield shop


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 150


@pytest.mark.parametrize("case", CASES)
def test_trinos_reason_or_rows(shop: Shop, case: dict[str, Any]) -> None:
    ended = shop.run(case["sql"])
    status = ended["Status"]
    if "rows" in case:
        assert status["State"] == "SUCCEEDED", status
        assert shop.results(ended["QueryExecutionId"])[1:][: len(case["rows"])] == case["rows"]
        return
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith(case["reason"])
    _has_athenas_shape(status)


@pytest.mark.parametrize("construct", TOO_LARGE)
def test_deep_nesting_fails_and_nothing_else_happens(shop: Shop, construct: str) -> None:
    status = shop.run(TOO_LARGE[construct])["Status"]
    assert "statement is too large (stack overflow" in status["StateChangeReason"]
    _has_athenas_shape(status)
    assert shop.rows("SELECT 1") == [["1"]]


def test_a_missing_query_is_refused_before_it_is_one(shop: Shop) -> None:
    with pytest.raises(shop.athena.exceptions.InvalidRequestException):
        shop.start(" \n\t")


def _has_athenas_shape(status: dict[str, Any]) -> None:
    error = status["AthenaError"]
    assert (error["ErrorCategory"], error["Retryable"]) == (USER, False)
    assert error["ErrorMessage"] == status["StateChangeReason"]
    assert isinstance(error["ErrorType"], int)
    assert error["ErrorType"] > 0
