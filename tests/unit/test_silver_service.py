"""Messages in, silver out: what is written down, what fails, what is held up, and what gold hears."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from pyarrow import parquet
from watershed import catalog
from watershed.catalog import Catalog
from watershed.contracts.model import BadRows, Column, Kind, Residency
from watershed.errors import ConfigurationError, Terminal, Transient
from watershed.messages import BronzePart, Refresh
from watershed.names import Layer, Stage
from watershed.next_stage import NextStage
from watershed.silver import merging, service
from watershed.silver.consume import consume

from functions.silver import handler as silver
from tests.unit import dead_letter_queue
from tests.unit.dead_letter_queue import FakeQueue
from tests.unit.silver_lab import NOON, ORDERS, SETTINGS, STORES, File, Region, region
from tests.unit.test_silver_merge import order, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@pytest.fixture
def lake() -> Iterator[Region]:
    with region() as made:
        yield made


def orders(*rows: dict[str, Any], version: str = "v1", days: int = 0) -> File:
    return File("orders", rows, key="orders/a.csv", version=version, arrived=NOON + timedelta(days=days))


def objects(lake: Region, layer: Layer) -> dict[str, bytes]:
    bucket = SETTINGS.bucket(layer)
    keys = [found["Key"] for found in lake.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: lake.s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_what_became_of_a_part_is_written_down(lake: Region) -> None:
    stores = File("stores", [store("s", '[{"price":1.10},{"price":"x"}]'), store("", "[]")], key="stores/a.csv")
    lake.take(stores)
    ledger, held = objects(lake, Layer.LEDGER), objects(lake, Layer.QUARANTINE)
    batch = stores.message.batch_id
    assert list(ledger) == [f"ledger/dataset=stores/ingest_date=2024-03-01/{batch}-00000-silver.parquet"]
    assert sorted(held) == [
        f"quarantine/dataset=stores/ingest_date=2024-03-01/{batch}-00000{of}-silver.parquet"
        for of in ("-of-store_plans", "")
    ]
    counted = ("table_name", "rows_in", "inserted", "quarantined", "control_sums")
    assert [tuple(row[name] for name in counted) for row in lake.records(Layer.LEDGER)] == [
        ("stores", 2, 1, 1, "{}"),
        ("store_plans", 2, 1, 1, '{"price": "1.10"}'),
    ]
    assert [(row["reason"], row["column_name"]) for row in lake.records(Layer.QUARANTINE)] == [
        ("invalid_type", "price"),
        ("missing_value", "store_id"),
    ]
    assert lake.refreshes == [Refresh(("silver.stores", "silver.store_plans"), "silver-commit")]


def test_money_of_as_many_digits_as_there_can_be_balances() -> None:
    amount = Column("amount", Kind.DECIMAL, precision=38, scale=2, money=True)
    table = dataclasses.replace(ORDERS.table, columns=(*ORDERS.table.columns[:2], amount, *ORDERS.table.columns[3:]))
    large = "123456789012345678901234567890.12"
    with region(dataclasses.replace(ORDERS, tables=(table,))) as lake:
        assert len(lake.take(orders(order(1, amount=large), order(2, amount="0.01")))) == 1
        (entry,) = lake.records(Layer.LEDGER)
    assert json.loads(entry["control_sums"]) == {"amount": large[:-1] + "3"}


def test_without_bad_rows_there_is_no_quarantine_object(lake: Region) -> None:
    lake.take(orders(order(1)))
    assert objects(lake, Layer.QUARANTINE) == {}


def test_a_part_without_a_good_row_is_accounted_for_and_commits_nothing(lake: Region) -> None:
    lake.take(orders(order(1, status="x"), order(2, country="US")))
    assert lake.iceberg("orders").snapshots() == []
    assert [(row["rows_in"], row["quarantined"]) for row in lake.records(Layer.LEDGER)] == [(2, 2)]
    assert len(lake.records(Layer.QUARANTINE)) == 2


def test_rows_of_another_jurisdiction_are_held_apart_with_a_tag_and_an_alarm(
    lake: Region, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        lake.take(orders(order(1), order(2, status="x"), order(3, country="US"), order(4, country="FR")))
    held = {
        key: parquet.read_table(io.BytesIO(body)).to_pylist() for key, body in objects(lake, Layer.QUARANTINE).items()
    }
    here, elsewhere = sorted(held, key=lambda key: "elsewhere" in key)
    assert [row["reason"] for row in held[here]] == ["invalid_value"]
    assert [row["reason"] for row in held[elsewhere]] == ["residency_violation"] * 2
    tags = {
        key: lake.s3.get_object_tagging(Bucket=SETTINGS.bucket(Layer.QUARANTINE), Key=key)["TagSet"] for key in held
    }
    assert tags == {here: [], elsewhere: [{"Key": "residency", "Value": "elsewhere"}]}
    alarms = [vars(record) for record in caplog.records if "alarm" in vars(record)]
    assert [(line["alarm"], line["rows"]) for line in alarms] == [("residency_violation", 2)]


@pytest.mark.parametrize(("share", "with_good_rows"), [("1", "invalid_type"), ("0.1", "batch_stopped")])
def test_what_a_row_of_another_jurisdiction_says_is_nowhere_else(
    share: str, with_good_rows: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a child table, the ledger, a statistic of a data file or a log; nor where its whole part is held back."""
    own, plans = STORES.tables
    contract = dataclasses.replace(
        STORES,
        tables=(dataclasses.replace(own, columns=(*own.columns, Column("country", Kind.STRING))), plans),
        residency=Residency("country"),
        bad_rows=BadRows(share, 1),
    )
    abroad = store("zzSecret", '[{"planName":"zzSecret"},{"price":"zzSecret"}]', country="us")
    hidden = store("zzSecret", "no array", country="u\u017f", updated_at="zzSecret")
    file = File("stores", [store("s", '[{"planName":"a"},{"price":"x"}]', country="de"), abroad, hidden])
    with region(contract) as lake, caplog.at_level(logging.DEBUG):
        lake.take(file)
        lake.take(file)
        found = {
            key: body for layer in Layer if layer is not Layer.BRONZE for key, body in objects(lake, layer).items()
        }
        reasons = [row["reason"] for row in lake.records(Layer.QUARANTINE)]
    says = {key for key, body in found.items() if "zzSecret" in _said(key, body)}
    assert sorted(reasons) == sorted(["residency_violation"] * 2 + [with_good_rows])
    assert len(says) == 1
    assert "-elsewhere" in says.pop()
    assert not [record for record in caplog.records if "zzSecret" in str(vars(record))]


def _said(key: str, body: bytes) -> str:
    """All that an object tells: its bytes, and what is packed in them."""
    packed = parquet.read_table(io.BytesIO(body)).to_pylist() if key.endswith(".parquet") else []
    return f"{body.decode('latin-1')}{packed}"


def test_a_repeat_writes_the_same_bytes(lake: Region) -> None:
    file = orders(order(1), order(2, status="x"))
    lake.take(file)
    before = objects(lake, Layer.LEDGER), objects(lake, Layer.QUARANTINE)
    lake.take(file)
    assert (objects(lake, Layer.LEDGER), objects(lake, Layer.QUARANTINE)) == before


def test_the_same_part_twice_in_one_batch_counts_once(lake: Region) -> None:
    file = orders(order(1), order(2))
    assert len(lake.take(file, file)) == 2
    assert [row["inserted"] for row in lake.records(Layer.LEDGER)] == [2]
    assert len(lake.iceberg("orders").snapshots()) == 1


@pytest.mark.parametrize(("limit", "at_most"), [("_ROWS_AT_ONCE", 4), ("_BYTES_AT_ONCE", 1)])
def test_a_commit_takes_what_fits(lake: Region, monkeypatch: pytest.MonkeyPatch, limit: str, at_most: int) -> None:
    monkeypatch.setattr(service, limit, at_most)
    files = [orders(order(2 * n), order(2 * n + 1), version=f"v{n}") for n in range(5)]
    assert [message.id for message in lake.take(*files)] == [file.message.id for file in files]
    assert len(lake.iceberg("orders").snapshots()) == (3 if limit == "_ROWS_AT_ONCE" else 5)
    assert len(lake.rows("orders")) == 10


# --- failures


def test_parts_before_a_bad_one_are_done_and_those_behind_it_wait(lake: Region) -> None:
    files = [orders(order(n), version=f"v{n}") for n in range(3)]
    messages = [lake.put(file) for file in files]
    lake.s3.delete_object(Bucket=SETTINGS.bucket(Layer.BRONZE), Key=messages[1].bronze_key)
    taken: list[str] = []
    with pytest.raises(Terminal, match="no longer exists"):
        taken.extend(message.source_version for message in lake.silver.take("orders", messages))
    assert taken == ["v0"]
    assert [row["order_id"] for row in lake.rows("orders")] == [0]


def test_a_part_that_cannot_be_merged_holds_up_only_those_behind_it(
    lake: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = merging.Merger.merge

    def refuse(merger: Any, batch: Any) -> Any:
        if any(each.message.source_version == "v1" for each in batch):
            raise Terminal("Poison.", remedy="")
        return merge(merger, batch)

    monkeypatch.setattr(merging.Merger, "merge", refuse)
    messages = [lake.put(orders(order(n), version=f"v{n}")) for n in range(3)]
    taken: list[str] = []
    with pytest.raises(Terminal, match="Poison"):
        taken.extend(message.source_version for message in lake.silver.take("orders", messages))
    assert taken == ["v0"]
    assert [row["order_id"] for row in lake.rows("orders")] == [0]


def test_a_message_without_contract_or_source_is_refused(lake: Region) -> None:
    message = lake.put(orders(order(1)))
    with pytest.raises(ConfigurationError, match="no contract for the dataset parcels"):
        list(lake.silver.take("parcels", [message]))
    with pytest.raises(ConfigurationError, match="has no source fax any more"):
        list(lake.silver.take("orders", [dataclasses.replace(message, source="fax")]))


def test_gold_is_told_before_a_message_counts_as_done(lake: Region) -> None:
    def deaf(_: Refresh) -> None:
        raise Transient("Gold's queue did not answer.", remedy="")

    made = dataclasses.replace(lake.silver, refresh=deaf)
    file = orders(order(1))
    with pytest.raises(Transient):
        list(made.take("orders", [lake.put(file)]))
    lake.take(file)
    assert len(lake.refreshes) == 1


def test_logs_hold_counts_and_no_values(lake: Region, caplog: pytest.LogCaptureFixture) -> None:
    secret = "271828.18"
    with caplog.at_level(logging.INFO):
        lake.take(orders(order(1, amount=secret), order(2, status="secretive")))
    text = " ".join(str(record.__dict__) for record in caplog.records)
    assert "'inserted': 1" in text
    assert secret not in text
    assert "secretive" not in text


# --- the queue's batches


def record(group: str, number: int, body: str | None = None, *, attempt: int = 1) -> dict[str, Any]:
    part = dataclasses.replace(orders().message, dataset=group, part=number)
    body = part.to_json() if body is None else body
    return dead_letter_queue.record(f"{group}{number}", body, attempt=attempt, group=group)


NOT_NOW, NEVER = Transient("Not now.", remedy=""), Terminal("Never.", remedy="")


def taking(fails: Callable[[BronzePart], bool], error: Exception = NOT_NOW) -> Any:
    """Stands in for `Silver.take`; remembers what came, in order."""

    def take(dataset: str, messages: Iterable[BronzePart]) -> Iterator[BronzePart]:
        for message in messages:
            assert message.dataset == dataset
            if fails(message):
                raise error
            seen.append(f"{dataset}{message.part}")
            yield message

    seen: list[str] = []
    take.seen = seen  # type: ignore[attr-defined]  # for the tests to look at
    return take


MIXED = [record("a", 0), record("b", 0), record("a", 1), record("b", 1), record("a", 2)]


def test_groups_keep_their_order() -> None:
    take = taking(lambda _: False)
    assert consume(MIXED, take, FakeQueue().letters().settle) == []
    assert take.seen == ["a0", "a1", "a2", "b0", "b1"]


def test_a_failure_brings_back_all_behind_it_in_its_group_alone() -> None:
    take = taking(lambda message: (message.dataset, message.part) == ("a", 1))
    queue = FakeQueue()
    assert consume(MIXED, take, queue.letters().settle) == ["a1", "a2"]
    assert take.seen == ["a0", "b0", "b1"]
    assert queue.sent == []


def is_a1(message: BronzePart) -> bool:
    return (message.dataset, message.part) == ("a", 1)


def test_behind_a_terminal_failure_its_group_goes_on_in_order() -> None:
    take, queue = taking(is_a1, NEVER), FakeQueue()
    assert consume(MIXED, take, queue.letters().settle) == []
    assert take.seen == ["a0", "a2", "b0", "b1"]
    assert queue.causes == {"a1": "Terminal"}
    assert queue.sent[0]["MessageGroupId"] == "a"


def test_behind_a_failure_at_its_last_attempt_its_group_goes_on_too() -> None:
    take, queue = taking(is_a1), FakeQueue()
    records = [record("a", 0), record("a", 1, attempt=3), record("a", 2, attempt=3)]
    assert consume(records, take, queue.letters().settle) == []
    assert take.seen == ["a0", "a2"]
    assert queue.causes == {"a1": "Transient"}


def test_if_it_cannot_be_given_up_its_group_waits_for_it() -> None:
    queue = FakeQueue(ConnectionClosedError(endpoint_url="https://sqs"))
    take = taking(is_a1, NEVER)
    assert consume(MIXED, take, queue.letters().settle) == ["a1", "a2"]
    assert take.seen == ["a0", "b0", "b1"]


def test_a_whole_group_may_be_given_up() -> None:
    queue = FakeQueue()
    assert consume(MIXED, taking(lambda each: each.dataset == "a", NEVER), queue.letters().settle) == []
    assert list(queue.causes) == ["a0", "a1", "a2"]


def test_what_was_not_taken_comes_again() -> None:
    def idle(_: str, messages: Iterable[BronzePart]) -> Iterator[BronzePart]:
        return iter([*messages][:1])

    assert consume(MIXED, idle, FakeQueue().letters().settle) == ["a1", "a2", "b1"]


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"dataset": "a"}'])
def test_a_message_that_is_none_of_ours_is_given_up_at_its_place(body: str) -> None:
    records = [record("a", 0), record("a", 1, body), record("a", 2), record("b", 0)]
    take, queue = taking(lambda _: False), FakeQueue()
    assert consume(records, take, queue.letters().settle) == []
    assert take.seen == ["a0", "a2", "b0"]
    assert queue.causes == {"a1": "Terminal"}


def test_an_unforeseen_error_is_a_failure_too_and_its_text_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    def take(_: str, messages: Iterable[BronzePart]) -> Iterator[BronzePart]:
        for message in messages:
            raise ValueError(f"could not convert 'a customer's name' in {message}")
        yield from messages

    with caplog.at_level(logging.INFO):
        assert consume([record("a", 0)], take, FakeQueue().letters().settle) == ["a0"]
    assert "ValueError" in str(caplog.records[0].__dict__)
    assert "customer" not in str([record.__dict__ for record in caplog.records])


# --- the function itself


def test_the_handler_does_all_of_it(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = boto3.Session("test", "test", region_name=SETTINGS.region).client("sqs")
    url = sqs.create_queue(QueueName="gold")["QueueUrl"]
    dead = sqs.create_queue(QueueName="silver-dlq.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": SETTINGS.region,
        "AWS_REGION": SETTINGS.region,
        "WATERSHED_ACCOUNT": SETTINGS.account,
        "WATERSHED_JURISDICTION": "DE,AT",
        "WATERSHED_GOLD_QUEUE_URL": url,
        "WATERSHED_SILVER_DEAD_LETTER_URL": dead,
        "WATERSHED_ATTEMPTS": "3",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(catalog, "load", lambda: Catalog({"orders": ORDERS, "stores": STORES}, {}, {}))
    silver._silver.cache_clear()
    silver._dead_letters.cache_clear()
    good, bad = lake.put(orders(order(1))), dataclasses.replace(lake.put(orders(order(2), version="v2")), source="fax")
    event = {
        "Records": [
            dead_letter_queue.record(str(n), message.to_json(), group="orders")
            for n, message in enumerate([good, bad, good])
        ]
    }
    answer = silver.handler(event, None)
    assert answer == {"batchItemFailures": []}
    (letter,) = sqs.receive_message(QueueUrl=dead, MessageAttributeNames=["All"])["Messages"]
    assert letter["MessageAttributes"]["cause"]["StringValue"] == "ConfigurationError"
    assert BronzePart.from_json(letter["Body"]) == bad
    assert [row["order_id"] for row in lake.rows("orders")] == [1]
    assert {table["Name"] for table in lake.glue.get_tables(DatabaseName="silver")["TableList"]} >= {"stores"}
    told = [Refresh.from_json(message["Body"]) for message in sqs.receive_message(QueueUrl=url)["Messages"]]
    assert told == [Refresh(("silver.orders",), "silver-commit")]
    silver._silver.cache_clear()
    silver._dead_letters.cache_clear()


def test_a_deaf_gold_queue_is_a_reason_to_try_again(lake: Region) -> None:
    sqs = boto3.Session("test", "test", region_name=SETTINGS.region).client("sqs")
    queue = NextStage(sqs, "https://sqs.eu-central-1.amazonaws.com/123456789012/none", Stage.GOLD)
    with pytest.raises(Transient, match="The queue of gold did not answer"):
        queue.tell(Refresh(("silver.orders",), "silver-commit"))


def test_ledger_objects_are_what_athena_reads(lake: Region) -> None:
    lake.take(orders(order(1)))
    (body,) = objects(lake, Layer.LEDGER).values()
    schema = parquet.read_schema(io.BytesIO(body))
    assert str(schema.field("recorded_at").type) == "timestamp[us]"
    assert json.loads(parquet.read_table(io.BytesIO(body))["control_sums"][0].as_py()) == {"amount": "1.00"}
