"""Prepared statements through the API and in SQL, and the parameters of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local.athena_shop import DATABASE, RESULTS, WORKGROUP, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_NOTE = "SELECT id FROM orders WHERE note = ? AND id < ?"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        yield shop


def create(shop: Shop, name: str, sql: str = BY_NOTE, workgroup: str = WORKGROUP) -> None:
    shop.athena.create_prepared_statement(StatementName=name, WorkGroup=workgroup, QueryStatement=sql, Description="d")


def test_a_statements_life(shop: Shop) -> None:
    create(shop, "living")
    found = shop.athena.get_prepared_statement(StatementName="living", WorkGroup=WORKGROUP)["PreparedStatement"]
    assert {key: found[key] for key in ("StatementName", "QueryStatement", "WorkGroupName", "Description")} == {
        "StatementName": "living",
        "QueryStatement": BY_NOTE,
        "WorkGroupName": WORKGROUP,
        "Description": "d",
    }
    shop.athena.update_prepared_statement(StatementName="living", WorkGroup=WORKGROUP, QueryStatement="SELECT ? + 1")
    changed = shop.athena.get_prepared_statement(StatementName="living", WorkGroup=WORKGROUP)["PreparedStatement"]
    assert (changed["QueryStatement"], changed["Description"]) == ("SELECT ? + 1", "d")
    assert changed["LastModifiedTime"] >= found["LastModifiedTime"]
    assert shop.rows("EXECUTE living USING 41") == [["42"]]
    shop.athena.delete_prepared_statement(StatementName="living", WorkGroup=WORKGROUP)
    for action in (shop.athena.get_prepared_statement, shop.athena.delete_prepared_statement):
        with pytest.raises(shop.athena.exceptions.ResourceNotFoundException, match="living"):
            action(StatementName="living", WorkGroup=WORKGROUP)
    assert shop.reason("EXECUTE living USING 1").startswith("PREPARED_STATEMENT_NOT_FOUND")


def test_a_name_is_taken_once_in_each_workgroup(shop: Shop) -> None:
    output = {"ResultConfiguration": {"OutputLocation": RESULTS}}
    shop.athena.create_work_group(Name="other", Configuration=output)
    create(shop, "same", "SELECT 1")
    create(shop, "same", "SELECT 2", workgroup="other")
    assert shop.rows("EXECUTE same") == [["1"]]
    assert shop.rows("EXECUTE same", WorkGroup="other") == [["2"]]
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="already exists"):
        create(shop, "same")
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="not found"):
        create(shop, "same", workgroup="none")
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="pattern"):
        create(shop, "a-b")


def test_lists_have_pages(shop: Shop) -> None:
    shop.athena.create_work_group(Name="many", Configuration={"ResultConfiguration": {"OutputLocation": RESULTS}})
    for number in range(3):
        create(shop, f"many_{number}", workgroup="many")
    first = shop.athena.list_prepared_statements(WorkGroup="many", MaxResults=2)
    rest = shop.athena.list_prepared_statements(WorkGroup="many", NextToken=first["NextToken"])
    names = [item["StatementName"] for page in (first, rest) for item in page["PreparedStatements"]]
    assert names == ["many_0", "many_1", "many_2"]
    found = shop.athena.batch_get_prepared_statement(WorkGroup="many", PreparedStatementNames=["many_1", "none"])
    assert [item["StatementName"] for item in found["PreparedStatements"]] == ["many_1"]
    assert [item["StatementName"] for item in found["UnprocessedPreparedStatementNames"]] == ["none"]


def test_statements_made_by_sql_are_the_same_ones(shop: Shop) -> None:
    shop.succeeded(f"PREPARE spoken FROM {BY_NOTE}")
    found = shop.athena.get_prepared_statement(StatementName="spoken", WorkGroup=WORKGROUP)["PreparedStatement"]
    assert found["QueryStatement"] == BY_NOTE
    assert shop.rows("EXECUTE spoken USING 'paid', 5") == [["1"]]
    assert shop.rows("EXECUTE spoken", ExecutionParameters=["'new'", "5"]) == [["2"]]
    assert shop.reason(f"PREPARE spoken FROM {BY_NOTE}").startswith("ALREADY_EXISTS")
    shop.succeeded("DEALLOCATE PREPARE spoken")
    assert shop.reason("DEALLOCATE PREPARE spoken").startswith("PREPARED_STATEMENT_NOT_FOUND")


@pytest.mark.parametrize(
    ("parameters", "rows"),
    [
        (["'paid'", "5"], [["1"]]),
        (["'new'", "BIGINT '5'"], [["2"]]),
        (["'it''s'", "5"], []),
        (["CAST('paid' AS varchar)", "1 + 1"], [["1"]]),
        (["NULL", "5"], []),
    ],
)
def test_parameters_are_expressions(shop: Shop, parameters: list[str], rows: list[list[str]]) -> None:
    assert shop.rows(BY_NOTE, ExecutionParameters=parameters) == rows
    query = shop.start(BY_NOTE, ExecutionParameters=parameters)
    assert shop.execution(query)["ExecutionParameters"] == parameters


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        (["'paid'"], "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1"),
        (
            ["'a'", "1", "2"],
            "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 3",
        ),
        (["paid", "5"], "INVALID_PARAMETER_USAGE: "),  # a column, not a text
        (["'x' OR true --", "5"], "TYPE_MISMATCH: "),
        (["'x'; SELECT 1", "5"], "INVALID_PARAMETER_USAGE: "),
        (["(SELECT 'paid')", "5"], "INVALID_PARAMETER_USAGE: "),
        (["1", "5"], "TYPE_MISMATCH: line 1:29: Cannot apply operator: varchar = integer"),
    ],
)
def test_what_is_no_parameter_is_refused(shop: Shop, parameters: list[str], reason: str) -> None:
    assert shop.reason(BY_NOTE, ExecutionParameters=parameters).startswith(reason)


def test_a_prepared_statement_may_write(shop: Shop) -> None:
    shop.succeeded("PREPARE copy FROM CREATE TABLE prepared_copy AS SELECT id FROM orders WHERE id = ?")
    shop.succeeded("EXECUTE copy USING 2")
    assert shop.rows(f"SELECT * FROM {DATABASE}.prepared_copy") == [["2"]]
