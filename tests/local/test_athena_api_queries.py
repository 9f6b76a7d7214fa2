"""A query's life through the API: its states, its pages, its statistics, and how it is stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from local.athena.service import WORKERS
from tests.local.athena_shop import DATABASE, DAYS, EVENTS_A_DAY, WORKGROUP, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

# Minutes of work for any machine, and a statement that can be interrupted at any moment.
ENDLESS = "SELECT sum(a.id * b.id + c.id * d.id) FROM events a, events b, events c, events d"
NUMBERS = "SELECT id FROM events ORDER BY id, day"
FIRST_DAY = f"SELECT id FROM events WHERE day = '{DAYS[0]}' ORDER BY id"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        yield shop


def wait_for(shop: Shop, query: str, state: str) -> None:
    for _ in range(2000):
        if shop.execution(query)["Status"]["State"] == state:
            return
        time.sleep(0.005)
    raise AssertionError(f"{query} is not {state}: {shop.execution(query)['Status']}")


def test_a_query_waits_runs_and_is_stopped(shop: Shop) -> None:
    running = [shop.start(ENDLESS) for _ in range(WORKERS)]
    for query in running:
        wait_for(shop, query, "RUNNING")
    waiting = shop.start("SELECT 1")
    assert shop.execution(waiting)["Status"]["State"] == "QUEUED"
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="Current state: QUEUED"):
        shop.athena.get_query_results(QueryExecutionId=waiting)
    assert "CompletionDateTime" not in shop.execution(waiting)["Status"]
    for query in [waiting, *running]:
        shop.athena.stop_query_execution(QueryExecutionId=query)
    for query in [waiting, *running]:
        status = shop.ended(query)["Status"]
        assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
        assert "AthenaError" not in status
    assert shop.rows("SELECT 1") == [["1"]]  # the workers are free again


def test_a_statement_that_writes_is_stopped_and_leaves_no_table(shop: Shop) -> None:
    query = shop.start("CREATE TABLE endless AS SELECT a.id * b.id AS x FROM events a, events b, events c, events d")
    wait_for(shop, query, "RUNNING")
    shop.athena.stop_query_execution(QueryExecutionId=query)
    assert shop.ended(query)["Status"]["State"] == "CANCELLED"
    assert shop.rows("SELECT 1") == [["1"]]
    assert ["endless"] not in shop.results(shop.succeeded("SHOW TABLES"))


def test_stopping_what_has_ended_changes_nothing(shop: Shop) -> None:
    query = shop.succeeded("SELECT 1")
    shop.athena.stop_query_execution(QueryExecutionId=query)
    assert shop.execution(query)["Status"]["State"] == "SUCCEEDED"


def test_what_a_successful_query_tells(shop: Shop) -> None:
    found = shop.run("SELECT note FROM orders", ResultReuseConfiguration={})
    status = found["Status"]
    assert status["State"] == "SUCCEEDED"
    assert status["SubmissionDateTime"] <= status["CompletionDateTime"]
    assert "StateChangeReason" not in status
    assert (found["StatementType"], found["SubstatementType"], found["Query"]) == (
        "DML",
        "SELECT",
        "SELECT note FROM orders",
    )
    assert (found["WorkGroup"], found["QueryExecutionContext"]) == (WORKGROUP, {"Database": DATABASE})
    assert found["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    statistics = found["Statistics"]
    assert statistics["TotalExecutionTimeInMillis"] >= statistics["EngineExecutionTimeInMillis"] >= 0


def test_what_a_failed_query_tells(shop: Shop) -> None:
    found = shop.run("SELECT nothing\nFROM orders")
    status = found["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved")
    error = status["AthenaError"]
    assert (error["ErrorCategory"], error["Retryable"]) == (2, False)
    assert error["ErrorMessage"] == status["StateChangeReason"]
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="Final query state: FAILED"):
        shop.athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])


@pytest.mark.parametrize("action", ["get_query_execution", "get_query_results", "stop_query_execution"])
def test_an_unknown_query(shop: Shop, action: str) -> None:
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="QueryExecution none was not found"):
        getattr(shop.athena, action)(QueryExecutionId="none")


def test_pages_hold_what_was_asked_for_and_the_first_begins_with_the_names(shop: Shop) -> None:
    query = shop.succeeded(FIRST_DAY)
    sizes: list[int] = []
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = shop.athena.get_query_results(QueryExecutionId=query, MaxResults=200, **token)
        rows = [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]]
        sizes.append(len(rows))
        seen += rows
        assert page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]["Name"] == "id"  # on every page
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sizes == [200, 200, EVENTS_A_DAY + 1 - 400]
    assert seen == ["id", *map(str, range(EVENTS_A_DAY))]


def test_a_page_holds_1000_rows_at_most(shop: Shop) -> None:
    query = shop.succeeded(NUMBERS)
    assert len(shop.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]) == 1000
    assert len(shop.results(query)) == 1 + len(DAYS) * EVENTS_A_DAY
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="1000"):
        shop.athena.get_query_results(QueryExecutionId=query, MaxResults=1001)
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="NextToken"):
        shop.athena.get_query_results(QueryExecutionId=query, NextToken="x")


@pytest.mark.parametrize(
    ("expression", "kind", "digits", "case_sensitive"),
    [
        ("true", "boolean", (0, 0), False),
        ("TINYINT '1'", "tinyint", (3, 0), False),
        ("SMALLINT '1'", "smallint", (5, 0), False),
        ("1", "integer", (10, 0), False),
        ("BIGINT '1'", "bigint", (19, 0), False),
        ("1e0", "double", (17, 0), False),
        ("DECIMAL '1.50'", "decimal", (3, 2), False),
        ("'abc'", "varchar", (3, 0), True),
        ("note", "varchar", (2_147_483_647, 0), True),
        ("day", "date", (0, 0), False),
        ("at", "timestamp", (3, 0), False),
        ("current_timestamp", "timestamp with time zone", (3, 0), False),
        ("X'41'", "varbinary", (1_073_741_824, 0), False),
        ("ARRAY[1]", "array", (0, 0), False),
        ("MAP(ARRAY['a'], ARRAY[1])", "map", (0, 0), False),
        ("ROW(1, 'a')", "row", (0, 0), False),
    ],
)
def test_column_metadata(shop: Shop, expression: str, kind: str, digits: tuple[int, int], case_sensitive: bool) -> None:
    query = shop.succeeded(f"SELECT {expression} AS x, {expression} FROM orders")
    named, unnamed = shop.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["ResultSetMetadata"][
        "ColumnInfo"
    ]
    assert named == {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": "x",
        "Label": "x",
        "Type": kind,
        "Precision": digits[0],
        "Scale": digits[1],
        "Nullable": "UNKNOWN",
        "CaseSensitive": case_sensitive,
    }
    assert unnamed["Name"] == (expression if expression in {"note", "day", "at"} else "_col1")


def test_several_queries_at_once(shop: Shop) -> None:
    known = [shop.succeeded("SELECT 1"), str(shop.run("SELECT")["QueryExecutionId"])]
    found = shop.athena.batch_get_query_execution(QueryExecutionIds=[*known, "none"])
    assert [(item["QueryExecutionId"], item["Status"]["State"]) for item in found["QueryExecutions"]] == [
        (known[0], "SUCCEEDED"),
        (known[1], "FAILED"),
    ]
    assert [item["QueryExecutionId"] for item in found["UnprocessedQueryExecutionIds"]] == ["none"]


def test_the_list_of_queries_begins_with_the_latest_and_has_pages(shop: Shop) -> None:
    shop.athena.create_work_group(
        Name="listed", Configuration={"ResultConfiguration": {"OutputLocation": "s3://shop-lake/listed/"}}
    )
    made = [shop.succeeded("SELECT 1", WorkGroup="listed") for _ in range(3)]
    first = shop.athena.list_query_executions(WorkGroup="listed", MaxResults=2)
    rest = shop.athena.list_query_executions(WorkGroup="listed", NextToken=first["NextToken"])
    assert first["QueryExecutionIds"] + rest["QueryExecutionIds"] == made[::-1]
    assert "NextToken" not in rest
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="not found"):
        shop.athena.list_query_executions(WorkGroup="none")


def test_one_client_token_starts_one_query(shop: Shop) -> None:
    named: dict[str, Any] = {"ClientRequestToken": "t" * 32}
    query = shop.start("SELECT 1", **named)
    assert shop.start("SELECT 1", **named) == query
    assert shop.start("SELECT 1", ClientRequestToken="u" * 32) != query
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="Idempotent"):
        shop.start("SELECT 2", **named)


def test_runtime_statistics(shop: Shop) -> None:
    query = shop.succeeded(FIRST_DAY)
    found = shop.athena.get_query_runtime_statistics(QueryExecutionId=query)["QueryRuntimeStatistics"]
    assert found["Rows"]["OutputRows"] == EVENTS_A_DAY
    assert found["Rows"]["InputBytes"] == shop.execution(query)["Statistics"]["DataScannedInBytes"] > 0
    assert set(found["Timeline"]) >= {"QueryQueueTimeInMillis", "TotalExecutionTimeInMillis"}


def test_scanned_bytes_are_those_of_the_columns_and_partitions_that_are_read(shop: Shop) -> None:
    def scanned(sql: str) -> int:
        return int(shop.run(sql)["Statistics"]["DataScannedInBytes"])

    everything = scanned("SELECT * FROM events")
    one_column = scanned("SELECT sum(id) FROM events")
    one_day = scanned(f"SELECT * FROM events WHERE day = '{DAYS[0]}'")
    assert 0 < one_column < everything / 5
    assert one_day == everything // len(DAYS)  # the days are alike
    assert scanned(f"SELECT sum(id) FROM events WHERE day IN ('{DAYS[0]}', '{DAYS[1]}')") == one_column // 3 * 2
    assert scanned("SELECT count(*) FROM events") == 0  # the footers know
    assert scanned("SELECT 1") == 0


def test_text_may_have_262144_bytes(shop: Shop) -> None:
    most = 262_144
    sql = "SELECT 1 -- ü"
    longest = sql + "x" * (most - len(sql.encode()))
    assert shop.rows(longest) == [["1"]]
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="less than or equal to 262144"):
        shop.start(longest + "x")


def test_another_catalog_is_not_taken_for_glues(shop: Shop) -> None:
    context = {"Catalog": "other", "Database": DATABASE}
    assert shop.reason("SELECT 1", QueryExecutionContext=context) == "CATALOG_NOT_FOUND: Catalog 'other' does not exist"
    context["Catalog"] = "AwsDataCatalog"
    assert shop.rows("SELECT count(*) FROM orders", QueryExecutionContext=context) == [["2"]]
