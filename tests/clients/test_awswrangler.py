"""awswrangler, unchanged, in each of its three ways to read."""

from __future__ import annotations

from typing import Any

import awswrangler as wr
import boto3
import pytest

from tests.clients.conftest import BUCKET, REGION, ROWS, WORKGROUP, expected_row

SQL = "SELECT id, amount, sold_at, branch, open FROM shop.sales ORDER BY id"

# awswrangler 3.17 on pandas 3
pytestmark = pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")


@pytest.mark.parametrize(
    "way",
    [
        {"ctas_approach": False},
        {"ctas_approach": True},
        {"ctas_approach": False, "unload_approach": True, "s3_output": f"s3://{BUCKET}/unloaded/"},
    ],
    ids=["result file", "ctas", "unload"],
)
def test_read_sql_query(way: dict[str, Any]) -> None:
    frame = wr.athena.read_sql_query(
        SQL, database="shop", workgroup=WORKGROUP, boto3_session=boto3.Session(region_name=REGION), **way
    )
    frame = frame.sort_values("id", ignore_index=True)  # CTAS and UNLOAD keep no order
    assert len(frame) == ROWS
    for number in (0, 1, 7, ROWS - 1):
        id_, amount, sold_at, branch, is_open = expected_row(number)
        row = frame.iloc[number]
        assert (row["id"], row["amount"], row["sold_at"], row["open"]) == (id_, amount, sold_at, is_open)
        assert row["branch"] == branch if branch else row.isna()["branch"]


def test_parameters_are_passed_to_athena() -> None:
    frame = wr.athena.read_sql_query(
        "SELECT count(*) AS n FROM shop.sales WHERE branch = ?",
        database="shop",
        workgroup=WORKGROUP,
        ctas_approach=False,
        params=["'Straße 1'"],
        paramstyle="qmark",
        boto3_session=boto3.Session(region_name=REGION),
    )
    assert frame["n"].tolist() == [sum(expected_row(number)[3] == "Straße 1" for number in range(ROWS))]


def test_a_failed_query_is_an_error_with_athenas_reason() -> None:
    with pytest.raises(wr.exceptions.QueryFailed, match="COLUMN_NOT_FOUND"):
        wr.athena.read_sql_query(
            "SELECT nothing FROM shop.sales",
            database="shop",
            workgroup=WORKGROUP,
            ctas_approach=False,
            boto3_session=boto3.Session(region_name=REGION),
        )
