"""Views in the catalog: with a refresh, after its table, and never an older one over a newer one."""

from __future__ import annotations

import base64
import dataclasses
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from watershed.athena import Athena
from watershed.errors import CommitConflict, RefreshFailed, Terminal
from watershed.gold.masking_key import MaskingKey
from watershed.gold.refresh import Refresher
from watershed.gold.runs import GoldFiles
from watershed.gold.tables import GoldTables
from watershed.messages import Refreshed
from watershed.s3 import S3
from watershed.zones.publish import ATTEMPTS, Views
from watershed.zones.view import ViewColumn, ZonedView

from tests.unit.test_gold_refresh import BUCKET, MODELS, SESSION, START, Clock, LockingGlue, UnloadingAthena, model

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = ("Asia/Singapore", "Asia/Ho_Chi_Minh")
AS_OF = date(2026, 3, 1)
COLUMNS = (ViewColumn("a", "varchar", "Of UTC."), ViewColumn("at", "timestamp(6)", "When, UTC."))
VIEWS = {
    "silver.orders": ZonedView("silver", "orders", "Orders.", "", COLUMNS, "SELECT '{time_zone}'"),
    "gold.lives": ZonedView("gold", "lives", "By UTC day.", "stores", COLUMNS, "SELECT '{time_zone}', DATE '{as_of}'"),
}


@pytest.fixture
def glue() -> Iterator[LockingGlue]:
    with mock_aws():
        client = SESSION.client("glue")
        for database in ("silver", "gold"):
            client.create_database(DatabaseInput={"Name": database})
        for table in ("orders", "talks", "stores"):
            client.create_table(DatabaseName="silver", TableInput=silver(table, a={}, at={}))
        yield LockingGlue(client)


def silver(name: str, **columns: dict[str, str]) -> dict[str, Any]:
    listed = [{"Name": column, "Type": "string", "Parameters": more} for column, more in columns.items()]
    return {"Name": name, "StorageDescriptor": {"Columns": listed}}


def put(glue: LockingGlue, table: str, seconds: int = 0, as_of: date = AS_OF) -> None:
    Views(glue, VIEWS, ZONES).put(table, as_of, START + timedelta(seconds=seconds))


def view(glue: LockingGlue, database: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = glue.get_table(DatabaseName=database, Name=name)["Table"]
    return found


def sql(glue: LockingGlue, database: str, name: str) -> str:
    text = view(glue, database, name)["ViewOriginalText"]
    return str(json.loads(base64.b64decode(text.removeprefix("/* Presto View: ").removesuffix(" */")))["originalSql"])


def names(glue: LockingGlue, database: str) -> set[str]:
    return {table["Name"] for table in glue.client.get_tables(DatabaseName=database)["TableList"]}


def test_a_view_is_what_athena_makes_of_create_view(glue: LockingGlue) -> None:
    put(glue, "gold.lives")
    found = view(glue, "gold", "lives_asia_singapore")
    assert (found["TableType"], found["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
    assert found["Parameters"]["presto_view"] == "true"
    text = found["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    assert json.loads(base64.b64decode(text)) == {
        "originalSql": "SELECT 'Asia/Singapore', DATE '2026-03-01'",
        "catalog": "awsdatacatalog",
        "schema": "gold",
        "columns": [{"name": "a", "type": "varchar"}, {"name": "at", "type": "timestamp(6)"}],
    }
    assert [(c["Name"], c["Type"], c["Comment"]) for c in found["StorageDescriptor"]["Columns"]] == [
        ("a", "string", "Of Asia/Singapore."),
        ("at", "timestamp", "When, Asia/Singapore."),
    ]
    assert "Description" not in found  # with one, Trino takes it for a table
    assert (
        found["Parameters"]["watershed_description"]
        == "By Asia/Singapore day. Days and times are those of Asia/Singapore."
    )
    assert found["Owner"] == "stores"
    put(glue, "silver.orders")
    assert view(glue, "silver", "orders_asia_singapore")["Owner"]  # Trino runs no view of nobody's


def test_a_refresh_shows_what_it_reaches_in_every_zone(glue: LockingGlue) -> None:
    s3 = SESSION.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    views, athena, key = Views(glue, VIEWS, ZONES), UnloadingAthena(s3), MaskingKey(S3(s3), BUCKET)
    refresher = Refresher(MODELS, Athena(athena, "w"), GoldTables(glue), GoldFiles(s3, BUCKET), key, Clock(), views)
    refresher.refresh(["silver.stores"], AS_OF)
    assert names(glue, "gold") == {"lives", "lives_asia_singapore", "lives_asia_ho_chi_minh"}
    assert names(glue, "silver") == {"orders", "talks", "stores"}
    refresher.refresh(["silver.orders"], AS_OF)
    assert names(glue, "silver") >= {"orders_asia_singapore", "orders_asia_ho_chi_minh"}
    athena.refuse = {"lives"}
    with pytest.raises(RefreshFailed):
        refresher.refresh((), date(2026, 3, 2))
    assert "2026-03-01" in sql(glue, "gold", "lives_asia_singapore")  # as its table, which stays
    glue.client.create_table(DatabaseName="gold", TableInput={"Name": "lives_asia_tokyo"})
    athena.refuse = set()
    in_the_way = dataclasses.replace(refresher, views=Views(glue, VIEWS, ("Asia/Tokyo",)))
    with pytest.raises(RefreshFailed, match=r"lives \(gold.lives_asia_tokyo is a table, and the view of gold.lives"):
        in_the_way.refresh((), AS_OF)


def test_a_view_that_cannot_be_put_holds_up_no_table(glue: LockingGlue) -> None:
    """Neither those that read its own, nor the news of the new runs, which are shown already."""
    s3 = SESSION.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    views, athena, key = Views(glue, VIEWS, ZONES), UnloadingAthena(s3), MaskingKey(S3(s3), BUCKET)
    models, told = MODELS | {"reader": model("reader", "gold.lives")}, list[Refreshed]()
    refresher = Refresher(models, Athena(athena, "w"), GoldTables(glue), GoldFiles(s3, BUCKET), key, Clock(), views)
    refresher = dataclasses.replace(refresher, announce=told.append)
    glue.client.create_table(DatabaseName="gold", TableInput={"Name": "lives_asia_singapore"})
    with pytest.raises(RefreshFailed, match=r"views of gold\.lives .*is a table"):
        refresher.refresh(["silver.stores"], AS_OF)
    assert {"lives", "reader"} <= names(glue, "gold")
    assert {run.model for run in told[0].runs} == {"lives", "reader"}


def test_what_started_earlier_never_replaces_what_started_later(glue: LockingGlue) -> None:
    put(glue, "gold.lives", 5)
    put(glue, "gold.lives", 4, date(2020, 1, 1))
    assert "2026-03-01" in sql(glue, "gold", "lives_asia_singapore")
    put(glue, "gold.lives", 6, date(2020, 1, 1))
    assert "2020-01-01" in sql(glue, "gold", "lives_asia_singapore")


def test_a_race_that_is_lost_is_run_again_but_not_for_ever(glue: LockingGlue) -> None:
    put(glue, "gold.lives")
    looks = [0]

    def meddle() -> None:
        looks[0] += 1
        for name in ("lives_asia_singapore", "lives_asia_ho_chi_minh"):
            current = glue.client.get_table(DatabaseName="gold", Name=name)["Table"]
            table = {key: current[key] for key in ("Name", "TableType", "Parameters")}
            glue.client.update_table(DatabaseName="gold", TableInput=table)

    glue.meddle = meddle
    with pytest.raises(CommitConflict, match=r"The view gold\.lives_asia_singapore was changed by others"):
        put(glue, "gold.lives", 9)
    assert looks == [ATTEMPTS]


def test_a_silver_view_waits_for_columns_that_the_next_file_brings(glue: LockingGlue) -> None:
    dropped = {"iceberg.field.current": "false"}
    for there in (silver("orders", a={}), silver("orders", a={}, at=dropped)):
        glue.client.update_table(DatabaseName="silver", TableInput=there)
        put(glue, "silver.orders")
        assert names(glue, "silver") == {"orders", "talks", "stores"}
    glue.client.delete_table(DatabaseName="silver", Name="orders")
    put(glue, "silver.orders")
    assert names(glue, "silver") == {"talks", "stores"}


def test_a_table_of_that_name_is_left_alone(glue: LockingGlue) -> None:
    glue.client.create_table(DatabaseName="silver", TableInput={"Name": "orders_asia_singapore"})
    with pytest.raises(Terminal, match=r"silver\.orders_asia_singapore is a table"):
        put(glue, "silver.orders")
