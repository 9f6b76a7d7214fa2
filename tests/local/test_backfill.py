"""`watershed backfill` on the local Athena: what it counts, what it changes, and that it may be repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed.names import Stage

from local import cli, sample
from local.aws import LocalAWS
from local.config import regions
from local.region import Region
from tests.local.stages import switch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow  # `make drills`

PLACE = regions()[0].region
HELD = "SELECT count(*) FROM ops.quarantine WHERE dataset = '{}' AND stage = 'silver'"


@pytest.fixture(scope="module")
def lake(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with LocalAWS() as aws:
        aws.deploy(shipped, [PLACE])
        region = Region.on(aws, PLACE)
        switch(region, Stage.GOLD, on=False)
        for file in sample.write(tmp_path_factory.mktemp("data"), 100):
            if file.region == PLACE:
                region.drop(f"{file.dataset}/{file.path.name}", file.path)
        aws.pump()
        yield region


@pytest.fixture
def backfill(lake: Region, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command's first words; it finds the lake of this test."""
    monkeypatch.setattr("local.commands.backfill.reached", lambda *_, **__: lake)
    return ["backfill", PLACE]


def rows(lake: Region, sql: str) -> list[list[str | None]]:
    return sorted(lake.athena.rows(sql)[1], key=str)


def test_silver_emptied_is_made_again_as_it_was(
    lake: Region, backfill: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    silver, held = "SELECT * FROM silver.transactions", HELD.format("transactions")
    before, held_before = rows(lake, silver), rows(lake, held)
    lake.athena.run("DELETE FROM silver.transactions")
    assert cli.main([*backfill, "transactions", "--engine", "athena", "--dry-run"]) == 0
    assert f"{len(before)} inserted" in capsys.readouterr().out
    assert rows(lake, silver) == []
    assert cli.main([*backfill, "transactions", "--engine", "athena"]) == 0
    assert f"{len(before)} inserted" in capsys.readouterr().out
    assert rows(lake, silver) == before
    assert rows(lake, held) == held_before
    assert cli.main([*backfill, "transactions", "--engine", "athena", "--dry-run"]) == 0
    assert f"{len(before)} duplicate" in capsys.readouterr().out


def test_rows_that_are_not_in_quarantine_are_put_there_once(lake: Region, backfill: list[str]) -> None:
    s3, bucket = lake.client("s3"), f"watershed-quarantine-{lake.account}-{PLACE}"
    columns = "batch_id, reason, column_name, rule, remedy, row_number, source_key, source_name, quarantined_at"
    query = f"SELECT {columns} FROM ops.quarantine WHERE dataset = 'products' AND stage = 'silver'"
    before = rows(lake, query)
    for found in s3.list_objects_v2(Bucket=bucket, Prefix="quarantine/dataset=products/")["Contents"]:
        if found["Key"].endswith("-silver.parquet"):
            s3.delete_object(Bucket=bucket, Key=found["Key"])
    assert before != rows(lake, query)
    for _ in range(2):
        assert cli.main([*backfill, "products", "--engine", "athena"]) == 0
        assert rows(lake, query) == before


def test_child_tables_emptied_are_made_again_as_they_were(lake: Region, backfill: list[str]) -> None:
    tables = [f"silver.{name}" for name in ("stores", "store_installs", "store_subscriptions")]
    before, held = [rows(lake, f"SELECT * FROM {table}") for table in tables], rows(lake, HELD.format("stores"))
    for table in tables:
        lake.athena.run(f"DELETE FROM {table}")
    assert cli.main([*backfill, "stores", "--engine", "athena"]) == 0
    assert [rows(lake, f"SELECT * FROM {table}") for table in tables] == before
    assert rows(lake, HELD.format("stores")) == held


def test_elements_of_an_older_row_go_with_it(lake: Region, backfill: list[str]) -> None:
    """As if another version of each store, with one more subscription, had stood before. And so when repeated."""
    tables = [f"silver.{name}" for name in ("stores", "store_subscriptions")]
    before = [rows(lake, f"SELECT * FROM {table}") for table in tables]
    for table in tables:
        lake.athena.run(f"UPDATE {table} SET _source_version = 'older', _ingested_at = TIMESTAMP '2020-01-01 00:00:00'")
    lake.athena.run("UPDATE silver.stores SET updated_at = TIMESTAMP '2000-01-01 00:00:00'")
    lake.athena.run(
        "INSERT INTO silver.store_subscriptions (store_id, position, _source_key, _source_version, _row_number)"
        " SELECT store_id, 99, _source_key, _source_version, _row_number FROM silver.stores"
    )
    assert cli.main([*backfill, "stores", "--engine", "athena"]) == 0
    assert [rows(lake, f"SELECT * FROM {table}") for table in tables] == before


def test_wrong_words_are_explained(backfill: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*backfill, "order", "--engine", "athena"]) == 1
    assert "There is no dataset order" in capsys.readouterr().err
    assert (
        cli.main([*backfill, "products", "--engine", "athena", "--since", "2026-02-01", "--until", "2026-01-01"]) == 1
    )
    assert "--until is before --since" in capsys.readouterr().err
