"""Workgroups: where results go, who decides it, how much a query may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from tests.local.athena_shop import BUCKET, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS_OWN, CLIENTS_OWN = f"s3://{BUCKET}/group/", f"s3://{BUCKET}/client/"
CUTOFF = 10_000_000  # the least that Athena lets a workgroup say


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        noise = np.random.default_rng(1).integers(0, 2**62, 800_000)
        shop.table("wide", {"a": "bigint", "b": "bigint"})
        shop.put("wide/1.parquet", pa.table({"a": noise, "b": noise}))
        yield shop


def group(shop: Shop, name: str, **configuration: Any) -> str:
    shop.athena.create_work_group(Name=name, Configuration=configuration)
    return name


def output_of(shop: Shop, workgroup: str) -> str:
    found = shop.run("SELECT 1", WorkGroup=workgroup, ResultConfiguration={"OutputLocation": CLIENTS_OWN})
    assert found["Status"]["State"] == "SUCCEEDED"
    return str(found["ResultConfiguration"]["OutputLocation"]).rpartition("/")[0] + "/"


def test_an_enforced_workgroup_decides_where_results_go(shop: Shop) -> None:
    own = {"OutputLocation": GROUPS_OWN}
    enforced = group(shop, "enforced", ResultConfiguration=own, EnforceWorkGroupConfiguration=True)
    assert output_of(shop, enforced) == GROUPS_OWN
    sql = f"CREATE TABLE elsewhere WITH (external_location = '{CLIENTS_OWN}t/') AS SELECT 1 AS x"
    assert "enforces a centralized output location" in shop.reason(sql, WorkGroup=enforced)
    shop.athena.update_work_group(WorkGroup=enforced, ConfigurationUpdates={"EnforceWorkGroupConfiguration": False})
    assert output_of(shop, enforced) == CLIENTS_OWN
    assert shop.run(sql, WorkGroup=enforced)["Status"]["State"] == "SUCCEEDED"


def test_a_client_may_leave_the_place_to_the_workgroup(shop: Shop) -> None:
    own = {"OutputLocation": GROUPS_OWN.rstrip("/")}
    name = group(shop, "lenient", ResultConfiguration=own, EnforceWorkGroupConfiguration=False)
    assert output_of(shop, name) == CLIENTS_OWN
    location = shop.run("SELECT 1", WorkGroup=name)["ResultConfiguration"]["OutputLocation"]
    assert location.startswith(GROUPS_OWN)


@pytest.mark.parametrize("enforced", [True, False])
def test_a_query_without_a_place_for_its_result_is_refused(shop: Shop, enforced: bool) -> None:
    name = group(shop, f"placeless-{enforced}", EnforceWorkGroupConfiguration=enforced)
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="No output location provided"):
        shop.start("SELECT 1", WorkGroup=name)


def test_a_query_needs_an_enabled_workgroup(shop: Shop) -> None:
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="WorkGroup none is not found"):
        shop.start("SELECT 1", WorkGroup="none")
    name = group(shop, "disabled", ResultConfiguration={"OutputLocation": GROUPS_OWN})
    shop.athena.update_work_group(WorkGroup=name, State="DISABLED")
    with pytest.raises(shop.athena.exceptions.InvalidRequestException, match="disabled"):
        shop.start("SELECT 1", WorkGroup=name)


def test_results_go_to_buckets_that_exist_in_the_querys_region(shop: Shop) -> None:
    name = group(shop, "astray", EnforceWorkGroupConfiguration=False)
    gone = shop.reason("SELECT 1", WorkGroup=name, ResultConfiguration={"OutputLocation": "s3://nobodys-bucket/"})
    assert "'nobodys-bucket' does not exist" in gone


def test_a_query_that_would_read_too_much_is_cancelled_before_it_reads(shop: Shop) -> None:
    name = group(shop, "frugal", ResultConfiguration={"OutputLocation": GROUPS_OWN}, BytesScannedCutoffPerQuery=CUTOFF)
    for sql in (
        "SELECT sum(a + b) FROM wide",
        "CREATE TABLE too_wide AS SELECT a, b FROM wide",
        f"UNLOAD (SELECT a, b FROM wide) TO 's3://{BUCKET}/too-wide/' WITH (format = 'PARQUET')",
    ):
        found = shop.run(sql, WorkGroup=name)
        assert found["Status"]["State"] == "CANCELLED"
        assert found["Status"]["StateChangeReason"] == "Query cancelled! : Bytes scanned limit was exceeded"
        assert found["Statistics"]["DataScannedInBytes"] > CUTOFF
    assert ["too_wide"] not in shop.results(shop.succeeded("SHOW TABLES"))
    assert "Contents" not in shop.s3.list_objects_v2(Bucket=BUCKET, Prefix="too-wide/")
    one_column = shop.run("SELECT sum(a % 7) FROM wide", WorkGroup=name)
    assert one_column["Status"]["State"] == "SUCCEEDED"
    assert one_column["Statistics"]["DataScannedInBytes"] < CUTOFF
    shop.athena.update_work_group(WorkGroup=name, ConfigurationUpdates={"RemoveBytesScannedCutoffPerQuery": True})
    assert shop.run("SELECT sum((a + b) % 7) FROM wide", WorkGroup=name)["Status"]["State"] == "SUCCEEDED"
