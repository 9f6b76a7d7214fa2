"""dbt, unchanged: a seed, and every kind of model, run twice. `make dbt-check` makes its environment."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.paths import BUILD
from tests.clients.conftest import REGION

if TYPE_CHECKING:
    from local.aws import LocalAWS

LAKE, GROUP = "dbt-lake", "dbt"
PROJECT = Path(__file__).parent / "dbt_shop"
DBT = BUILD / "dbt" / "bin" / "dbt"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Shop:
    """The project, run against one local AWS.

    Args:
        aws: with a port.
        target: where dbt leaves its files.
    """

    def __init__(self, aws: LocalAWS, target: Path) -> None:
        self._athena, self._target = aws.client("athena", REGION), target
        self._environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": aws.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "SHOP_BUCKET": LAKE,
            "SHOP_WORKGROUP": GROUP,
        }

    def dbt(self, *command: str, run: str = "none") -> None:
        """A command of dbt's, with a variable that the models write down; it must succeed."""
        places = {
            "project-dir": PROJECT,
            "profiles-dir": PROJECT,
            "target-path": self._target,
            "log-path": self._target,
        }
        options = [f"--{name}={place}" for name, place in places.items()]
        done = subprocess.run(  # noqa: S603 - our own arguments
            [DBT, *command, *options, "--vars", json.dumps({"run": run})],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, sql: str) -> list[list[str | None]]:
        """A query's rows."""
        query = self._athena.start_query_execution(QueryString=sql, WorkGroup=GROUP)["QueryExecutionId"]
        while True:
            status = self._athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                break
            time.sleep(0.01)
        assert status["State"] == "SUCCEEDED", status
        result = self._athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in result[1:]]


@pytest.fixture(scope="module")
def shop(aws: LocalAWS, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project after a seed and two runs."""
    if not DBT.exists():
        pytest.skip(f"There is no {DBT}: run `make dbt-check`.")
    aws.client("s3", REGION).create_bucket(Bucket=LAKE, CreateBucketConfiguration={"LocationConstraint": REGION})
    configuration = {
        "EnforceWorkGroupConfiguration": False,
        "ResultConfiguration": {"OutputLocation": f"s3://{LAKE}/results/"},
    }
    aws.client("athena", REGION).create_work_group(Name=GROUP, Configuration=configuration)
    shop = Shop(aws, tmp_path_factory.mktemp("dbt"))
    shop.dbt("seed")
    shop.dbt("run", run="first")
    shop.dbt("run", run="second")
    return shop


def test_the_seed(shop: Shop) -> None:
    assert shop.rows("SELECT * FROM dbt_shop.branches ORDER BY branch_id") == [
        ["1", "Straße, north", "2020-01-31", "0.5", "true"],
        ["2", 'The "old" one', "2021-02-28", "0.25", "false"],
        ["3", None, "2022-03-01", "0.25", "true"],
    ]


def test_a_partitioned_table(shop: Shop) -> None:
    sql = "SELECT sold_on, count(*), sum(amount) FROM dbt_shop.sales GROUP BY sold_on ORDER BY sold_on"
    assert shop.rows(sql) == [["2026-01-01", "6", "10.50"], ["2026-01-02", "6", "9.00"]]


def test_a_view_over_both(shop: Shop) -> None:
    assert shop.rows("SELECT * FROM dbt_shop.revenue ORDER BY opened_on") == [
        ["Straße, north", "2020-01-31", "7.50", "4"],
        ['The "old" one', "2021-02-28", "5.50", "4"],
        [None, "2022-03-01", "6.50", "4"],
    ]


def test_an_incremental_model_that_appends(shop: Shop) -> None:
    rows = shop.rows("SELECT run, sale_id FROM dbt_shop.log_appended ORDER BY run, sale_id")
    assert rows == [["first", "1"], ["first", "2"], ["second", "1"], ["second", "2"]]


def test_an_incremental_model_that_overwrites_partitions(shop: Shop) -> None:
    sql = "SELECT run, sold_on, count(*) FROM dbt_shop.days_overwritten GROUP BY run, sold_on ORDER BY sold_on"
    assert shop.rows(sql) == [["first", "2026-01-01", "6"], ["second", "2026-01-02", "6"]]


def test_an_incremental_model_that_merges(shop: Shop) -> None:
    rows = shop.rows("SELECT sale_id, run FROM dbt_shop.sales_merged ORDER BY sale_id")
    assert rows == [[str(number), "first" if number < 10 else "second"] for number in range(1, 13)]


def test_an_iceberg_table_replaced_by_renaming(shop: Shop) -> None:
    assert shop.rows("SELECT count(*), sum(amount), max(checked_at) FROM dbt_shop.prices") == [
        ["12", "19.50", "2026-01-01 00:00:00.000000"]
    ]
    assert shop.rows("SELECT count(*) FROM dbt_shop.sales") == [["12"]]


def test_nothing_temporary_is_left(shop: Shop) -> None:
    asked = {"CatalogName": "AwsDataCatalog", "DatabaseName": "dbt_shop"}
    names = [item["Name"] for item in shop._athena.list_table_metadata(**asked)["TableMetadataList"]]
    models = {path.stem for path in (PROJECT / "models").glob("*.sql")}
    assert set(names) == models | {"branches"}


def test_dbts_own_tests(shop: Shop) -> None:
    shop.dbt("test")
