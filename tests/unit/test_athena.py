"""The Athena adapter against a client that answers as Athena does."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from watershed.athena import LONGEST_WAIT, Athena
from watershed.errors import QueryFailed


class FakeAthena:
    """Holds one statement: it is looked at `looks` times before it ends, and its rows come in pages."""

    def __init__(self, *, looks: int = 0, state: str = "SUCCEEDED", reason: str | None = None) -> None:
        self.looks, self.state, self.reason = looks, state, reason
        self.started: list[dict[str, Any]] = []
        self.columns: list[tuple[str, str]] = []
        self.pages: list[list[list[str | None]]] = [[]]

    def start_query_execution(self, **request: Any) -> dict[str, Any]:
        self.started.append(request)
        return {"QueryExecutionId": f"query-{len(self.started)}"}

    def get_query_execution(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert QueryExecutionId == f"query-{len(self.started)}"
        self.looks -= 1
        if self.looks >= 0:
            return {"QueryExecution": {"Status": {"State": "QUEUED" if self.looks else "RUNNING"}}}
        status = {"State": self.state} | ({"StateChangeReason": self.reason} if self.reason else {})
        return {"QueryExecution": {"Status": status}}

    def get_query_results(self, *, QueryExecutionId: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        page = int(NextToken)
        cells = [[{} if text is None else {"VarCharValue": text} for text in row] for row in self.pages[page]]
        columns = [{"Name": name, "Type": kind} for name, kind in self.columns]
        answer: dict[str, Any] = {
            "ResultSet": {
                "ResultSetMetadata": {"ColumnInfo": columns},
                "Rows": [{"Data": row} if row else {} for row in cells],
            }
        }
        return answer | ({"NextToken": str(page + 1)} if page + 1 < len(self.pages) else {})


def test_run_waits_longer_and_longer_until_the_statement_ends() -> None:
    fake, waits = FakeAthena(looks=20), list[float]()
    assert Athena(fake, "watershed", waits.append).run("SELECT 1") == "query-1"
    assert len(waits) == 20
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    assert fake.started == [{"QueryString": "SELECT 1", "WorkGroup": "watershed"}]


def test_waiting_ends_with_patience_and_can_go_on_later() -> None:
    fake, patience = FakeAthena(looks=3), iter([True, False])
    athena = Athena(fake, "watershed", lambda _: None)
    query = athena.start("SELECT 1")
    assert not athena.ended(query, lambda: next(patience))
    assert athena.ended(query)
    assert len(fake.started) == 1


def test_a_statement_that_ended_is_done_whatever_patience_says() -> None:
    athena = Athena(FakeAthena(), "watershed")
    assert athena.ended(athena.start("SELECT 1"), lambda: False)


def test_run_passes_the_database() -> None:
    fake = FakeAthena()
    Athena(fake, "watershed").run("SELECT 1", database="gold")
    assert fake.started[0]["QueryExecutionContext"] == {"Database": "gold"}


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        ("FAILED", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.silver.x' does not exist", "TABLE_NOT_FOUND"),
        ("FAILED", "line 1:8: SYNTAX_ERROR: mismatched input", "SYNTAX_ERROR"),
        ("FAILED", "Query exhausted resources", "FAILED"),
        ("CANCELLED", None, "CANCELLED"),
    ],
)
def test_a_failure_carries_athenas_reason(state: str, reason: str | None, code: str) -> None:
    with pytest.raises(QueryFailed) as error:
        Athena(FakeAthena(state=state, reason=reason), "watershed").run("SELECT 1")
    assert f"query-1 ended {state}: {reason or 'Athena gave no reason.'}" in str(error.value)
    assert (error.value.query, error.value.code) == ("query-1", code)


def test_a_table_that_is_not_there_yet_is_no_fault_of_the_statement() -> None:
    """It is what a new lake answers to the first query that its README names."""
    reason = "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.gold.branch_performance' does not exist"
    with pytest.raises(QueryFailed) as error:
        Athena(FakeAthena(state="FAILED", reason=reason), "watershed").run("SELECT * FROM gold.branch_performance")
    assert "send files" in str(error.value.remedy)


def test_rows_come_from_all_pages_without_the_row_of_names() -> None:
    fake = FakeAthena()
    fake.columns = [("id", "bigint"), ("name", "varchar")]
    fake.pages = [[["id", "name"], ["1", ""]], [["2", None]], [], [["id", "name"]]]
    assert Athena(fake, "watershed").rows("SELECT 1") == (["id", "name"], [["1", ""], ["2", None], ["id", "name"]])


def test_statements_whose_result_has_no_row_of_names_lose_nothing() -> None:
    fake = FakeAthena()
    fake.columns, fake.pages = [("tab_name", "string")], [[["sales"], ["datamart"]]]
    assert Athena(fake, "watershed").rows("SHOW TABLES IN gold")[1] == [["sales"], ["datamart"]]
    fake.columns, fake.pages = [], [[]]
    assert Athena(fake, "watershed").rows("CREATE SCHEMA x") == ([], [])


def test_typed_rows_are_pythons_types() -> None:
    fake = FakeAthena()
    fake.columns = [
        ("a", "bigint"), ("b", "integer"), ("c", "decimal(38,2)"), ("d", "decimal"), ("e", "double"), ("f", "boolean"),
        ("g", "date"), ("h", "timestamp"), ("i", "varchar"), ("j", "array"), ("k", "bigint"),
    ]  # fmt: skip
    values = [
        "9007199254740993",
        "-1",
        "0.10",
        "7",
        "1.0E10",
        "false",
        "2024-02-29",
        "2024-02-29 01:02:03.456",
        "x",
        "[1]",
        None,
    ]
    fake.pages = [[[name for name, _ in fake.columns], values]]
    _, (row,) = Athena(fake, "watershed").typed_rows("SELECT 1")
    instant = datetime(2024, 2, 29, 1, 2, 3, 456000)  # noqa: DTZ001 - Athena's timestamp has no zone
    expected = [9007199254740993, -1, Decimal("0.10"), Decimal(7), 1e10, False, date(2024, 2, 29), instant, "x", "[1]"]
    assert row == [*expected, None]
    assert [type(value) for value in row] == [type(value) for value in [*expected, None]]
    assert str(row[2]) == "0.10"
