"""The shared core: names, messages, records, settings and the compiled catalog."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed import names
from watershed.catalog import Catalog
from watershed.contracts.model import Column, Contract, Kind, Partition, Residency, Source, Table
from watershed.errors import ConfigurationError, Terminal
from watershed.gold.model import GoldColumn, GoldModel
from watershed.messages import BronzePart, Refresh, Refreshed
from watershed.poll.message import Poll
from watershed.reasons import Reason
from watershed.records import LedgerEntry, QuarantinedRow, from_arrow, glue_columns, to_arrow
from watershed.settings import Settings

WHEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@given(st.text(), st.text(), st.text())
def test_batch_id_is_a_function_of_the_object_version(bucket: str, key: str, version: str) -> None:
    batch = names.batch_id(bucket, key, version)
    assert batch == names.batch_id(bucket, key, version)
    assert len(batch) == 32
    assert set(batch) <= set("0123456789abcdef")
    assert batch != names.batch_id(bucket, key, version + "x")


def test_batch_id_keeps_its_parts_apart() -> None:
    assert names.batch_id("a", "bc", "d") != names.batch_id("ab", "c", "d")


@pytest.mark.parametrize("name", ["orders", "a", "a1_b", "x" * 63])
def test_identifiers_accepted(name: str) -> None:
    assert names.is_identifier(name)


@pytest.mark.parametrize("name", ["", "Orders", "1a", "_a", "a-b", "a b", 'a"', "a;drop", "ä", "x" * 64, "../a", "a\n"])
def test_identifiers_refused(name: str) -> None:
    assert not names.is_identifier(name)


def test_keys_depend_on_the_object_version_part_and_stage_alone() -> None:
    assert names.bronze_key("orders", WHEN, "b" * 32, 3) == f"orders/ingest_date=2026-03-01/{'b' * 32}-00003.parquet"
    tables = (names.LEDGER_TABLE, names.QUARANTINE_TABLE, names.REPLAYS_TABLE)
    parts = (names.part_id("b", 0), names.part_id("b", 1), names.part_id("b", 0, "again"))
    keys = {
        names.account_key(table, "orders", WHEN, part, stage)
        for table in tables
        for part in parts
        for stage in (names.Stage.BRONZE, names.Stage.SILVER)
    }
    assert len(keys) == 18
    assert "ledger/dataset=orders/ingest_date=2026-03-01/b-00000-again-silver.parquet" in keys


def test_a_later_replay_is_greater_and_fits_into_a_tables_name() -> None:
    first, second = (names.new_replay(WHEN.replace(microsecond=each)) for each in (1, 2))
    assert "" < first < second < names.new_replay(WHEN.astimezone(timezone(timedelta(hours=-9))).replace(microsecond=3))
    table = names.rebuilt("orders", first)
    assert names.is_identifier(table)
    assert names.is_rebuilt("orders", table)
    assert not any(names.is_rebuilt("orders", each) for each in ("orders", "orders__old", f"x{table}", f"{table}_"))


def test_only_silver_and_the_poll_are_fifo() -> None:
    for name in (names.queue, names.dead_letter_queue):
        fifo = [stage for stage in names.Stage if name(stage).endswith(".fifo")]
        assert fifo == [names.Stage.SILVER, names.Stage.POLL]


def test_messages_survive_the_queue() -> None:
    part = BronzePart("orders", "standard", "b", 0, "k", 5, "orders/ä.csv", "v", "2026-03-01T00:00:00+00:00")
    assert BronzePart.from_json(part.to_json()) == part
    again = replace(part, replay="20260302T000000Z", only=(2, 5), into="r1")
    assert BronzePart.from_json(again.to_json()) == again
    assert len({part.id, again.id, replace(again, only=()).id, replace(again, only=(3,)).id}) == 4
    refresh = Refresh(("silver.orders",), "manual", "2025-01-01")
    assert Refresh.from_json(refresh.to_json()) == refresh


@pytest.mark.parametrize(
    "body",
    [
        *("", "{}", "[]", "null", '{"tables": 1}', '{"dataset": "x"}', "not json", "[" * 100_000),
        *('{"tables": "silver.orders", "reason": "manual"}', '{"tables": [1], "reason": "manual"}'),
    ],
)
def test_foreign_messages_are_refused(body: str) -> None:
    for message in (BronzePart, Refresh, Refreshed, Poll):
        with pytest.raises(Terminal):
            message.from_json(body)


def test_records_write_exactly_their_glue_columns() -> None:
    entry = LedgerEntry("b", 0, "bronze", "orders", "k", "v", "standard", "1.0.0", WHEN, rows_read=2, rows_out=2)
    table = to_arrow(LedgerEntry, [entry])
    assert table.column_names == [name for name, _ in glue_columns(LedgerEntry)]
    assert table.to_pylist()[0]["recorded_at"] == WHEN.replace(tzinfo=None)
    assert from_arrow(LedgerEntry, table) == [entry]
    row = QuarantinedRow(
        "b", 0, "bronze", Reason.MALFORMED_ROW, None, "r", "m", "a;b", 4, None, "k", "v", "s", "1", WHEN
    )
    assert to_arrow(QuarantinedRow, [row]).to_pylist()[0]["reason"] == "malformed_row"
    assert to_arrow(QuarantinedRow, []).num_rows == 0


def test_every_reason_explains_itself() -> None:
    assert all(reason.description.endswith(".") for reason in Reason)


def test_settings_name_the_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERSHED_ACCOUNT", "123456789012")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.delenv("WATERSHED_JURISDICTION", raising=False)
    with pytest.raises(ConfigurationError, match="WATERSHED_JURISDICTION"):
        Settings.from_environment()
    monkeypatch.setenv("WATERSHED_JURISDICTION", "DE,FR")
    settings = Settings.from_environment()
    assert settings.jurisdiction == ("DE", "FR")
    assert settings.bucket(names.Layer.RAW) == "watershed-raw-123456789012-eu-central-1"


def test_catalog_survives_its_layer() -> None:
    table = Table(
        "orders",
        (Column("id", Kind.INTEGER, required=True), Column("amount", Kind.DECIMAL, 18, 2, minimum="0", money=True)),
        ("id",),
        version_column="id",
        partition=Partition("id", "bucket", 8),
    )
    source = Source("de", ("eu-central-1",), ("*.csv",), columns={"amount": ("betrag", "summe")})
    contract = Contract("orders", "1.0.0", "Orders.", (table,), (source,), Residency(None, reason="no person"))
    model = GoldModel("m", "d", "id", ("id",), (GoldColumn("id", "bigint"),), ("silver.orders",), "SELECT 1 AS id")
    lake = Catalog({"orders": contract}, {"m": model}, {})
    assert Catalog.from_json(lake.to_json()) == lake


@given(st.sampled_from(["eu-central-1", "us-east-1"]), st.sampled_from(["x.csv", "X.CSV", "x.json", "y.csv"]))
def test_the_first_source_that_takes_a_file_wins(region: str, file_name: str) -> None:
    sources = (Source("pattern", files=("x*.csv",)), Source("european", regions=("eu-central-1",)))
    contract = Contract("d", "1", "", (Table("d", (Column("id", Kind.STRING),), ("id",)),), sources, Residency(None))
    found = contract.source_for(region, file_name)
    if file_name.lower() == "x.csv":
        assert found is sources[0]
    elif region == "eu-central-1":
        assert found is sources[1]
    else:
        assert found is None
