"""Landing a whole object: what is written where, in which order, and that it can be repeated."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from watershed import names, remainder
from watershed.bronze import delimited, parts
from watershed.bronze.event import Arrival
from watershed.bronze.land import land
from watershed.contracts.model import SchemaChange
from watershed.errors import Terminal, Transient
from watershed.messages import BronzePart
from watershed.names import Layer, Stage
from watershed.records import LINEAGE_COLUMNS, LedgerEntry, QuarantinedRow, to_arrow

from tests.unit.bronze_lake import LANDED_AT, SETTINGS, BronzeLake, contract

HEAD = b"id,name,note\n"
KEY = "orders/2024/may.csv"
BATCH = names.batch_id(SETTINGS.bucket(Layer.RAW), KEY, "v1")


def test_a_file_becomes_a_part_with_lineage_a_ledger_entry_and_a_message() -> None:
    lake = BronzeLake()
    lake.drop(KEY, HEAD + b"1,a,\n2,b\n3,,x\n")

    (part,) = lake.tables(Layer.BRONZE).items()
    assert part[0] == names.bronze_key("orders", LANDED_AT, BATCH, 0)
    lineage = [
        (name, {"bigint": pa.int64(), "timestamp": pa.timestamp("us")}.get(kind, pa.string()))
        for name, kind in LINEAGE_COLUMNS
    ]
    assert part[1].schema == pa.schema([("id", pa.string()), ("name", pa.string()), ("note", pa.string()), *lineage])
    same = {
        "_source_key": KEY,
        "_source_version": "v1",
        "_ingested_at": LANDED_AT.replace(tzinfo=None),
        "_batch_id": BATCH,
    }
    assert part[1].to_pylist() == [
        {"id": "1", "name": "a", "note": "", "_row_number": 1, **same},
        {"id": "3", "name": "", "note": "x", "_row_number": 3, **same},
    ]

    (entry,) = lake.rows(Layer.LEDGER)
    assert lake.keys(Layer.LEDGER) == [names.account_key("ledger", "orders", LANDED_AT, f"{BATCH}-00000", Stage.BRONZE)]
    assert entry == to_arrow(LedgerEntry, [LedgerEntry(
        batch_id=BATCH, part=0, stage="bronze", table_name="orders", source_key=KEY, source_version="v1",
        source_name="default", contract_version="1.2.3", recorded_at=LANDED_AT, rows_read=3, rows_out=2, malformed=1,
    )]).to_pylist()[0]  # fmt: skip

    (held,) = lake.rows(Layer.QUARANTINE)
    assert lake.keys(Layer.QUARANTINE) == [
        names.account_key("quarantine", "orders", LANDED_AT, f"{BATCH}-00000", Stage.BRONZE)
    ]
    assert lake.tables(Layer.QUARANTINE).popitem()[1].schema == to_arrow(QuarantinedRow, []).schema
    assert (held["raw"], held["row_number"], held["line_number"], held["column_name"]) == ("2,b", 2, 3, None)
    assert held["rule"] == "a row has 3 fields; this one has 2"
    assert held["quarantined_at"] == LANDED_AT.replace(tzinfo=None)

    (message,) = lake.sqs.sent
    assert (message["MessageGroupId"], message["MessageDeduplicationId"]) == ("orders", f"{BATCH}-00000")
    assert BronzePart.from_json(message["MessageBody"]) == BronzePart(
        dataset="orders", source="default", batch_id=BATCH, part=0, bronze_key=part[0], rows=2, source_key=KEY,
        source_version="v1", ingested_at="2024-05-17T23:59:59.123456+00:00",
    )  # fmt: skip


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts and chunks so small that a test file has many."""
    monkeypatch.setattr(delimited, "CHUNK", 50)
    monkeypatch.setattr(parts, "PART_ROWS", 7)
    monkeypatch.setattr(parts, "PART_BAD_ROWS", 5)
    monkeypatch.setattr(parts, "_PIECE_ROWS", 3)


@pytest.mark.usefixtures("small_parts")
def test_a_large_file_becomes_numbered_parts_that_account_for_every_row() -> None:
    lake = BronzeLake()
    lines = [b"%d,name,x\n" % row if row % 3 else b"short\n" for row in range(1, 201)]
    landed = lake.drop(KEY, HEAD + b"".join(lines))
    assert (landed.rows_read, landed.rows_out, landed.malformed) == (200, 134, 66)

    tables = lake.tables(Layer.BRONZE)
    assert all(0 < table.num_rows <= 7 for table in tables.values())
    messages = [BronzePart.from_json(message["MessageBody"]) for message in lake.sqs.sent]
    assert [(message.bronze_key, message.rows) for message in messages] == [(k, t.num_rows) for k, t in tables.items()]
    assert landed.parts == len(messages) > 20

    entries = lake.rows(Layer.LEDGER)
    assert [entry["part"] for entry in entries] == list(range(len(entries)))
    assert all(entry["rows_read"] == entry["rows_out"] + entry["malformed"] > 0 for entry in entries)
    assert all(entry["malformed"] <= 5 for entry in entries)
    assert sum(entry["rows_read"] for entry in entries) == 200
    numbers = [row["_row_number"] for row in lake.rows(Layer.BRONZE)] + [number for number, _ in lake.fates()]
    assert sorted(number for number in numbers if number) == list(range(1, 201))


@pytest.mark.usefixtures("small_parts")
def test_a_part_of_bad_rows_alone_is_entered_but_not_announced() -> None:
    lake = BronzeLake()
    lake.drop(KEY, HEAD + b"x\n" * 12)
    assert lake.keys(Layer.BRONZE) == [] == lake.sqs.sent
    assert [entry["malformed"] for entry in lake.rows(Layer.LEDGER)] == [3, 3, 3, 3]


def test_records_of_different_members_share_a_part() -> None:
    lake = BronzeLake()
    lake.drop("orders/f.jsonl", b'{"id":1}\n{"name":"b","id":2}\n{}\n')
    assert lake.source_rows() == [{"id": "1", "name": None}, {"id": "2", "name": "b"}, {"id": None, "name": None}]


def test_records_without_any_members_are_still_counted() -> None:
    lake = BronzeLake()
    assert lake.drop("orders/f.jsonl", b"{}\n{}\n").rows_out == 2
    assert [row["_row_number"] for row in lake.rows(Layer.BRONZE)] == [1, 2]


def test_wide_and_empty_rows_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_MEMORY", 8_000_000)
    lake = BronzeLake()
    wide = b"id,name," + b",".join(b"c%d" % column for column in range(1000)) + b"\n"
    lake.drop(KEY, wide + (b"1,a," + b"," * 999 + b"\n") * 4000)
    tables = lake.tables(Layer.BRONZE).values()
    assert sum(table.num_rows for table in tables) == 4000
    assert all(table.num_rows * table.num_columns * 4 <= 8_000_000 for table in tables)


@pytest.mark.parametrize("break_at", [1, 400_000])
def test_a_file_that_breaks_off_leaves_only_its_refusal(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 5000)
    monkeypatch.setattr(parts, "_PIECE_ROWS", 1000)
    lake = BronzeLake()
    put, taken_back = lake.s3.put_object, []

    def spy(**request: Any) -> dict[str, Any]:
        taken_back.append(request["Bucket"])
        return put(**request)

    monkeypatch.setattr(lake.s3, "put_object", spy)
    rows = b"".join(hashlib.sha256(b"%d" % row).hexdigest().encode() + b",name,x\nshort\n" for row in range(40_000))
    whole = gzip.compress(HEAD + rows)
    landed = lake.drop(f"{KEY}.gz", whole[:-break_at])
    assert landed.rejected is not None
    assert {SETTINGS.bucket(Layer.BRONZE), SETTINGS.bucket(Layer.QUARANTINE)} <= set(taken_back)
    assert lake.keys(Layer.BRONZE) == [] == lake.sqs.sent
    assert lake.fates() == [(None, "unreadable_file")]
    (entry,) = lake.rows(Layer.LEDGER)
    assert (entry["rejected_file"], entry["rows_read"], entry["part"]) == (True, 0, 0)
    # sent again, whole, it lands
    assert lake.drop(f"{KEY}.gz", whole).rows_read == 80_000


ROWS = st.lists(st.text(alphabet='1a,"\n\r\xff', max_size=12).map(lambda row: row.encode("latin-1")), max_size=30)


@settings(max_examples=50)
@given(ROWS)
def test_landing_again_writes_the_same_bytes_and_words(rows: list[bytes]) -> None:
    data = HEAD + b"\n".join(rows)
    lake = BronzeLake()
    raw = SETTINGS.bucket(Layer.RAW)
    lake.drop(KEY, data)
    first, said = dict(lake.written()), list(lake.sqs.sent)
    lake.sqs.sent.clear()
    again = land(Arrival(raw, KEY, "v1", len(data)), lake.around)
    assert dict(lake.written()) == first
    assert lake.sqs.sent == said
    assert again.rows_read == again.rows_out + again.malformed


@pytest.mark.usefixtures("small_parts")
def test_a_file_that_is_in_the_ledger_is_only_told_again_whatever_the_contract_says_now() -> None:
    """Silver may have some of its parts by then: S3 tells twice, or a message is redriven after a deployment."""
    lake = BronzeLake()
    then = dataclasses.replace(contract(delimiter=";"), version="2.0.0")
    data = HEAD + b"1,a,x\nshort\n" * 12
    landed = lake.drop(KEY, data)
    first, said = dict(lake.written()), list(lake.sqs.sent)
    lake.sqs.sent.clear()
    around = dataclasses.replace(lake.around, contracts={then.name: then})
    arrival = Arrival(SETTINGS.bucket(Layer.RAW), KEY, "v1", len(data))
    assert land(arrival, around) == landed
    assert dict(lake.written()) == first
    assert lake.sqs.sent == said
    land(dataclasses.replace(arrival, replay="r1"), around)  # asked for, it is read again
    assert dict(lake.written()) != first


@pytest.mark.usefixtures("small_parts")
def test_what_bronze_lost_comes_back_once_the_first_parts_entry_is_taken_out_of_the_ledger() -> None:
    """That is what a reconciliation tells whoever runs it to do."""
    lake, data = BronzeLake(), HEAD + b"1,a,x\nshort\n" * 12
    lake.drop(KEY, data)
    first, said = dict(lake.written()), list(lake.sqs.sent)
    kept = lake.around.settings.bucket(Layer.LEDGER)
    (entry,) = (key for key in lake.keys(Layer.LEDGER) if key.endswith("-00000-bronze.parquet"))
    for bucket, key in first:
        if bucket != kept or key == entry:
            lake.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert lake.keys(Layer.BRONZE) == lake.keys(Layer.QUARANTINE) == []
    lake.sqs.sent.clear()
    land(Arrival(SETTINGS.bucket(Layer.RAW), KEY, "v1", len(data)), lake.around)
    assert (dict(lake.written()), lake.sqs.sent) == (first, said)


@pytest.mark.usefixtures("small_parts")
def test_a_file_that_is_in_the_ledger_in_part_is_landed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lake = BronzeLake()
    put = lake.s3.put_object

    def fail_at_first(**request: Any) -> dict[str, Any]:
        if request["Bucket"] == SETTINGS.bucket(Layer.LEDGER) and "-00000-" in request["Key"]:
            raise Transient("no answer", remedy="again")
        return put(**request)

    data = HEAD + b"1,a,x\nshort\n" * 12
    with monkeypatch.context() as broken:
        broken.setattr(lake.s3, "put_object", fail_at_first)
        with pytest.raises(Transient):
            lake.drop(KEY, data)
    assert lake.rows(Layer.LEDGER)
    mended = dataclasses.replace(contract(), version="2.0.0")
    around = dataclasses.replace(lake.around, contracts={mended.name: mended})
    assert land(Arrival(SETTINGS.bucket(Layer.RAW), KEY, "v1", len(data)), around).rows_read == 24
    assert {entry["contract_version"] for entry in lake.rows(Layer.LEDGER)} == {mended.version}


def test_the_announced_version_is_read_though_a_newer_one_stands() -> None:
    lake = BronzeLake()
    raw = SETTINGS.bucket(Layer.RAW)
    lake.drop(KEY, HEAD + b"1,old,\n")
    lake.drop(KEY, HEAD + b"1,new,\n")
    land(Arrival(raw, KEY, "v1", 1), lake.around)
    assert {row["_source_version"]: row["name"] for row in lake.rows(Layer.BRONZE)} == {"v1": "old", "v2": "new"}
    assert len(lake.keys(Layer.BRONZE)) == 2


@pytest.mark.parametrize(
    ("arrival", "says"),
    [
        (Arrival(SETTINGS.bucket(Layer.RAW), KEY, "v9", 1), "no longer exists"),
        (Arrival(SETTINGS.bucket(Layer.RAW), "orders/gone.csv", None, 1), "no longer exists"),
        (Arrival(SETTINGS.bucket(Layer.RAW), f"{remainder.PREFIX}a/may.csv", "v9", 1, "replay"), "no longer exists"),
        (Arrival("watershed-raw-123456789012-us-east-1", KEY, "v1", 1), "raw bucket"),
    ],
)
def test_what_is_gone_or_foreign_is_an_error_with_a_remedy(arrival: Arrival, says: str) -> None:
    lake = BronzeLake()
    lake.drop(KEY, HEAD)
    with pytest.raises(Terminal, match=says) as error:
        land(arrival, lake.around)
    assert error.value.remedy


def test_a_remainder_that_another_erasure_replaced_is_no_failure() -> None:
    """Its message may come after; the newer remainder has one of its own."""
    lake = BronzeLake()
    gone = Arrival(SETTINGS.bucket(Layer.RAW), f"{remainder.PREFIX}0123/f.csv", "v1", 1)
    assert land(gone, lake.around).rows_read == 0
    assert lake.written() == {}


def test_silver_hears_nothing_when_the_ledger_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    lake = BronzeLake()
    put = lake.s3.put_object

    def fail(**request: Any) -> dict[str, Any]:
        if request["Bucket"] == SETTINGS.bucket(Layer.LEDGER):
            raise Transient("no answer", remedy="again")
        return put(**request)

    monkeypatch.setattr(lake.s3, "put_object", fail)
    with pytest.raises(Transient):
        lake.drop(KEY, HEAD + b"1,a,x\n")
    assert lake.sqs.sent == []


def test_many_parts_are_announced_in_order_ten_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 1)
    monkeypatch.setattr(parts, "_PIECE_ROWS", 1)
    lake = BronzeLake()
    sizes = []
    send = lake.sqs.send_message_batch

    def spy(**request: Any) -> dict[str, Any]:
        sizes.append(len(request["Entries"]))
        return send(**request)

    monkeypatch.setattr(lake.sqs, "send_message_batch", spy)
    lake.drop(KEY, HEAD + b"1,a,x\n" * 23)
    assert sizes == [10, 10, 3]
    assert [json.loads(message["MessageBody"])["part"] for message in lake.sqs.sent] == list(range(23))


def test_a_dataset_may_differ_by_source_and_region() -> None:
    lake = BronzeLake(contract(delimiter=";", encoding="cp1252"))
    lake.drop("ordersdb.csv", "ID; Name \n1;5 €\n".encode("cp1252"))
    assert lake.source_rows() == [{"id": "1", "name": "5 €"}]
    assert json.loads(lake.sqs.sent[0]["MessageBody"])["source"] == "default"


FROZEN = dataclasses.replace(contract(columns={"note": ("note", "extra.note")}), schema_change=SchemaChange.FREEZE)
KNOWN = {"id": "1", "name": "a", "extra": "{}"}


def in_every_format(*rows: dict[str, str]) -> dict[str, bytes]:
    """The rows, which for CSV and Parquet have the columns of the last."""
    names = list(rows[-1])
    lines = [",".join(f'"{row.get(name, "")}"' for name in names) for row in rows]
    sink = io.BytesIO()
    parquet.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), sink)
    return {
        "csv": "\n".join([",".join(names), *lines]).encode(),
        "jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "json": json.dumps(rows).encode(),
        "parquet": sink.getvalue(),
    }


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json", "parquet"])
def test_a_frozen_contract_refuses_a_file_with_a_column_that_it_does_not_name(ending: str) -> None:
    lake = BronzeLake(FROZEN)
    assert lake.drop(f"orders/known.{ending}", in_every_format(KNOWN)[ending]).rejected is None
    landed = lake.drop(f"orders/more.{ending}", in_every_format(KNOWN, {**KNOWN, "Coupon ": "x"})[ending])
    assert landed.rejected is not None
    (held,) = lake.rows(Layer.QUARANTINE)
    assert (held["reason"], held["column_name"]) == ("unexpected_column", "coupon")
    assert "does not name the columns: coupon" in held["rule"]
    assert "name them in the contract's source default" in held["remedy"]
    assert {row["_source_key"] for row in lake.rows(Layer.BRONZE)} == {f"orders/known.{ending}"}


def test_what_is_refused_when_read_again_keeps_the_parts_that_silver_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 2)
    monkeypatch.setattr("watershed.bronze.collect._BATCH_ROWS", 2)
    lake, key = BronzeLake(dataclasses.replace(FROZEN, schema_change=SchemaChange.EVOLVE)), "orders/f.jsonl"
    body = in_every_format(*[KNOWN] * 4, {**KNOWN, "coupon": "x"})["jsonl"]
    assert lake.drop(key, body).parts == 3
    before = lake.tables(Layer.BRONZE)
    frozen = dataclasses.replace(lake.around, contracts={"orders": FROZEN})
    replay = names.new_replay(LANDED_AT)
    landed = land(Arrival(SETTINGS.bucket(Layer.RAW), key, "v1", len(body), replay), frozen)
    assert landed.rejected is not None
    assert lake.tables(Layer.BRONZE) == before
    assert [row["replay"] for row in lake.rows(Layer.LEDGER) if row.get("rejected_file")] == [replay]


def test_a_missing_column_is_told_before_an_unexpected_one() -> None:
    landed = BronzeLake(FROZEN).drop("orders/f.csv", b"id;name\n1;a\n")
    assert landed.rejected is not None
    assert landed.rejected.reason == "missing_column"


@pytest.mark.parametrize("mode", [SchemaChange.EVOLVE, SchemaChange.QUARANTINE])
def test_bronze_keeps_what_a_contract_that_is_not_frozen_does_not_name(mode: SchemaChange) -> None:
    lake = BronzeLake(dataclasses.replace(FROZEN, schema_change=mode))
    lake.drop("orders/f.jsonl", in_every_format({**KNOWN, "coupon": "x"})["jsonl"])
    assert lake.source_rows() == [{**KNOWN, "coupon": "x"}]


@pytest.mark.parametrize(("header", "said"), [(b"order.name", "order.name"), (b"Art.Nr.", "art.Nr.")])
def test_a_required_column_may_have_a_dot_in_its_name(header: bytes, said: str) -> None:
    by_dot = contract(columns={"name": (said,)})  # as a contract's reader spells it
    lake = BronzeLake(dataclasses.replace(by_dot, schema_change=SchemaChange.FREEZE))
    assert lake.drop("orders/a.csv", b"id," + header + b"\n1,a\n").rejected is None
