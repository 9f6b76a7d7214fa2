"""Merging into real Iceberg tables: what is touched, what survives conflicts and crashes, what a repeat does."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.exceptions import CommitFailedException
from watershed.contracts.model import Column, Kind, Partition
from watershed.errors import CommitConflict, ConfigurationError
from watershed.names import Layer
from watershed.silver import children, data_files, merge, merging, replacing
from watershed.silver.commit import until_committed
from watershed.silver.tally import BATCHES

from tests.unit.silver_lab import NOON, ORDERS, STORES, File, Region, region
from tests.unit.test_silver_merge import ORDER, STORE, deliveries, order, parts, store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lake() -> Iterator[Region]:
    with region() as made:
        yield made


def orders(*rows: dict[str, Any], version: str = "v1", days: int = 0) -> File:
    return File("orders", rows, key="orders/a.csv", version=version, arrived=NOON + timedelta(days=days))


def files(lake: Region, table: str) -> dict[str, int]:
    """Data files and their rows."""
    return {task.file.file_path: task.file.record_count for task in lake.scan(table).plan_files()}


def snapshots(lake: Region, table: str) -> int:
    return len(lake.iceberg(table).snapshots())


def verdicts(lake: Region, table: str) -> dict[str, Counter[str]]:
    """The ledger's numbers by object version (or key, where there is only one version), without zeros."""
    names = ("inserted", "updated", "duplicate", "stale", "quarantined")
    rows = [row for row in lake.records(Layer.LEDGER) if row["table_name"] == table]
    for row in rows:
        assert row["rows_in"] == sum(row[name] for name in names)
    return {
        f"{row['source_key']} {row['source_version']}".removeprefix("orders/a.csv "): +Counter(
            {n: row[n] for n in names}
        )
        for row in rows
    }


def business(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


# --- tables


def test_a_table_is_made_as_the_contract_says(lake: Region) -> None:
    table = lake.iceberg("orders")
    assert table.location() == "s3://watershed-silver-123456789012-eu-central-1/orders"
    assert table.format_version == 2
    assert [(field.name, str(field.field_type)) for field in table.schema().fields] == [
        ("order_id", "long"),
        ("ordered_at", "timestamp"),
        ("amount", "decimal(18, 2)"),
        ("status", "string"),
        ("country", "string"),
        ("updated_at", "timestamp"),
        ("_source_key", "string"),
        ("_source_version", "string"),
        ("_row_number", "long"),
        ("_ingested_at", "timestamp"),
        ("_batch_id", "string"),
    ]
    assert [str(field.transform) for field in table.spec().fields] == ["month"]
    assert table.properties["commit.retry.num-retries"] == "0"


def test_all_tables_are_there_from_the_first_day(lake: Region) -> None:
    lake.silver.lakehouse.ensure([ORDERS, STORES])
    found = {table["Name"]: table for table in lake.glue.get_tables(DatabaseName="silver")["TableList"]}
    assert found.keys() == {"orders", "stores", "store_plans"}
    assert found["orders"]["Parameters"]["table_type"] == "ICEBERG"
    assert "s3" not in str(found["orders"]["Parameters"].keys()), "the catalog's own properties stay out of Glue"
    lake.silver.lakehouse.ensure([ORDERS, STORES])
    assert lake.glue.get_tables(DatabaseName="silver")["TableList"] == list(found.values())


@pytest.mark.parametrize(
    ("partition", "paths"),
    [
        (Partition("ordered_at", "day"), ["ordered_at_day=2024-01-05", "ordered_at_day=2024-02-05"]),
        (Partition("ordered_at", "year"), ["ordered_at_year=2024"]),
        (Partition("status", "identity"), ["status_identity=open", "status_identity=paid"]),
        (Partition("order_id", "bucket", 2), ["order_id_bucket=0", "order_id_bucket=1"]),
        (None, []),
    ],
)
def test_every_layout_is_written_and_merged(partition: Partition | None, paths: list[str]) -> None:
    table = dataclasses.replace(ORDERS.table, partition=partition)
    with region(dataclasses.replace(ORDERS, tables=(table,))) as lake:
        lake.take(orders(order(1), order(2, ordered_at="2024-02-05 10:00:00", status="paid"), order(3)))
        lake.take(orders(order(1, amount="9.00"), version="v2", days=1))
        assert sorted({path.split("/")[-2] for path in files(lake, "orders")} - {"data"}) == paths
        assert business(lake.rows("orders"), "order_id", "amount") == [(1, 9), (2, 1), (3, 1)]


def grown(*columns: Column) -> Any:
    table = dataclasses.replace(ORDERS.table, columns=(*ORDERS.table.columns, *columns))
    return dataclasses.replace(ORDERS, tables=(table,))


def test_a_new_column_is_added_before_lineage(lake: Region) -> None:
    lake.take(orders(order(1), order(2)))
    lake.silver.contracts["orders"] = grown(Column("note", Kind.STRING))  # type: ignore[index]  # a plain dict here
    lake.take(orders(order(2, note="hello"), version="v2", days=1))
    assert lake.iceberg("orders").schema().column_names[5:8] == ["updated_at", "note", "_source_key"]
    assert business(lake.rows("orders"), "order_id", "note") == [(1, None), (2, "hello")]


def test_a_column_the_contract_dropped_stays_and_is_empty_in_new_rows(lake: Region) -> None:
    lake.silver.contracts["orders"] = grown(Column("note", Kind.STRING))  # type: ignore[index]  # a plain dict here
    lake.take(orders(order(1, note="old"), order(2, note="old")))
    lake.silver.contracts["orders"] = ORDERS  # type: ignore[index]  # a plain dict here
    lake.take(orders(order(2, amount="2.00"), version="v2", days=1))
    assert business(lake.rows("orders"), "order_id", "note") == [(1, "old"), (2, None)]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (grown().table, None),
        (dataclasses.replace(ORDERS.table, partition=None), "it is partitioned otherwise"),
        (
            dataclasses.replace(ORDERS.table, columns=(*ORDERS.table.columns[:-1], Column("updated_at", Kind.INTEGER))),
            "column updated_at is timestamp, not bigint",
        ),
    ],
)
def test_a_change_that_rows_cannot_follow_is_refused(lake: Region, table: Any, message: str | None) -> None:
    lake.take(orders(order(1)))
    if message is None:
        lake.silver.lakehouse.load(table)
    else:
        with pytest.raises(ConfigurationError, match=message):
            lake.silver.lakehouse.load(table)


# --- what a merge touches


def test_new_keys_only_append(lake: Region) -> None:
    lake.take(orders(order(1), order(2)))
    before = files(lake, "orders")
    lake.take(orders(order(3), version="v2"))
    assert before.items() < files(lake, "orders").items()


def test_only_files_that_lose_a_row_are_written_again(lake: Region) -> None:
    lake.take(orders(*(order(n) for n in range(10))))
    lake.take(orders(*(order(n, ordered_at="2024-05-05 00:00:00") for n in range(10, 20)), version="v2"))
    before = files(lake, "orders")
    lake.take(orders(order(12, ordered_at="2024-05-05 00:00:00", amount="7.00"), version="v3", days=1))
    after = files(lake, "orders")
    assert [path for path in after if "2024-01" in path] == [path for path in before if "2024-01" in path]
    assert [after[path] for path in after if "2024-05" in path] == [10]
    assert len(lake.rows("orders")) == 20


def test_files_that_cannot_hold_a_key_are_not_even_opened(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.take(orders(*(order(n) for n in range(10))))
    lake.take(orders(*(order(n, ordered_at="2024-05-05 00:00:00") for n in range(100, 110)), version="v2"))
    opened: list[str] = []
    read = data_files.read

    def spy(table: Any, tasks: Any, columns: Any = None) -> Any:
        opened.extend(task.file.file_path for task in tasks)
        return read(table, tasks, columns)

    monkeypatch.setattr(data_files, "read", spy)
    monkeypatch.setattr(replacing, "read", spy)
    lake.take(orders(order(105, ordered_at="2024-05-05 00:00:00", amount="7.00"), version="v3", days=1))
    assert opened
    assert all("2024-05" in path for path in opened)


def test_a_row_that_moves_to_another_partition_is_still_one_row(lake: Region) -> None:
    lake.take(orders(order(1), order(2)))
    lake.take(orders(order(1, ordered_at="2024-07-01 00:00:00"), version="v2", days=1))
    assert [str(row["ordered_at"])[:7] for row in lake.rows("orders")] == ["2024-07", "2024-01"]
    assert sorted(path.split("/")[-2] for path in files(lake, "orders")) == [
        "ordered_at_month=2024-01",
        "ordered_at_month=2024-07",
    ]


def test_stale_rows_and_repeats_write_nothing(lake: Region) -> None:
    lake.take(orders(order(1, amount="5.00"), version="v2", days=1))
    lake.take(orders(order(1, amount="4.00"), version="v1"))
    lake.take(orders(order(1, amount="5.00"), version="v2", days=1))
    assert snapshots(lake, "orders") == 1
    assert verdicts(lake, "orders") == {"v1": Counter(stale=1), "v2": Counter(inserted=1)}


def test_small_files_of_a_partition_become_one(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing, "_FEW_SMALL_FILES", 3)
    for n in range(9):
        lake.take(orders(order(n), version=f"v{n}"))
    assert len(files(lake, "orders")) <= 4
    assert business(lake.rows("orders"), "order_id") == [(n,) for n in range(9)]


def test_the_list_of_manifests_stays_short(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watershed.silver.snapshot._MANY_MANIFESTS", 4)
    lengths = []
    for n in range(12):  # updates alone: each commit would add a manifest of new files and one of deleted files
        lake.take(orders(order(1, amount=f"{n}.00"), order(n + 100), version=f"v{n:02d}", days=n))
        table = lake.iceberg("orders")
        lengths.append(len(table.current_snapshot().manifests(table.io)))
    assert max(lengths) <= 5
    assert business(lake.rows("orders"), "order_id", "amount")[0] == (1, 11)
    assert len(lake.rows("orders")) == 13


def test_a_large_partition_is_rewritten_in_pieces(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.take(orders(*(order(n) for n in range(10))))
    lake.take(orders(*(order(n) for n in range(10, 20)), version="v2"))
    monkeypatch.setattr(data_files, "ROWS_AT_ONCE", 4)
    monkeypatch.setattr(data_files, "_KEYS_AT_ONCE", 10)
    lake.take(orders(*(order(n, amount="2.00") for n in range(5, 25)), version="v3", days=1))
    assert len(files(lake, "orders")) > 2
    assert business(lake.rows("orders"), "order_id", "amount") == [
        (n, 1 if n < 5 else 2) for n in sorted(range(25), key=str)
    ]


# --- repeats and crashes


def test_a_repeat_enters_what_the_first_time_did(lake: Region) -> None:
    file = orders(order(1), order(1, amount="2.00"), order(2, status="unheard of"))
    lake.take(file)
    first, rows = lake.records(Layer.LEDGER), lake.rows("orders")
    held = lake.records(Layer.QUARANTINE)
    bucket = "watershed-ledger-123456789012-eu-central-1"
    (key,) = [found["Key"] for found in lake.s3.list_objects_v2(Bucket=bucket)["Contents"]]
    lake.s3.delete_object(Bucket=bucket, Key=key)  # as if the first attempt had died before the ledger
    lake.take(orders(order(7), version="v9", days=3))
    lake.take(file)
    assert [row for row in lake.records(Layer.LEDGER) if row["source_version"] == "v1"] == first
    assert [row for row in lake.rows("orders") if row["order_id"] != 7] == rows
    assert lake.records(Layer.QUARANTINE) == held
    assert len(lake.refreshes) == 3, "gold is told each time: the first attempt may have died before it did"


def test_what_was_entered_first_stays(lake: Region) -> None:
    stale = orders(order(1, amount="4.00"))
    lake.take(stale)
    lake.take(orders(order(1, amount="5.00"), version="v2", days=1))
    before = lake.records(Layer.LEDGER)
    lake.take(stale)
    assert lake.records(Layer.LEDGER) == before


def test_a_crash_between_parent_and_child_is_made_good(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    first = File("stores", [store("s", '[{"planName":"a"}]'), store("t", "[]")], key="stores/a.csv")
    second = File("stores", [store("s", '[{"planName":"b"},{"planName":"c"}]')], key="stores/b.csv",
                  arrived=NOON + timedelta(days=1))  # fmt: skip
    lake.take(first)

    def crash(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as crashing:
        crashing.setattr(merging.Merger, "_merge_child", crash)
        with pytest.raises(MemoryError):
            lake.take(second)
    assert business(lake.rows("stores"), "store_id", "_source_key") == [("s", "stores/b.csv"), ("t", "stores/a.csv")]
    assert business(lake.rows("store_plans"), "plan_name") == [("a",)]
    lake.take(second)
    assert business(lake.rows("store_plans"), "plan_name", "_source_key") == [
        ("b", "stores/b.csv"),
        ("c", "stores/b.csv"),
    ]
    assert verdicts(lake, "store_plans")["stores/b.csv v1"] == Counter(updated=1, inserted=1)


def test_a_lost_answer_to_a_commit_that_succeeded(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 repeats the request, which then conflicts with itself: the commit must stand, once."""
    lake.take(orders(order(1)))
    update = lake.glue.update_table
    calls: list[int] = []

    def answer_lost(**request: Any) -> Any:
        calls.append(1)
        update(**request)
        return update(**request)

    monkeypatch.setattr(lake.glue, "update_table", answer_lost)
    lake.take(orders(order(1, amount="2.00"), order(2), version="v2", days=1))
    monkeypatch.undo()
    assert calls == [1]
    assert business(lake.rows("orders"), "order_id", "amount") == [(1, 2), (2, 1)]
    assert snapshots(lake, "orders") == 2
    assert verdicts(lake, "orders")["v2"] == Counter(updated=1, inserted=1)


def test_a_rolled_back_part_stays_so_until_it_is_replayed(lake: Region) -> None:
    lake.take(orders(order(1)))
    second = orders(order(2), version="v2")
    lake.take(second)
    table = lake.iceberg("orders")
    table.manage_snapshots().rollback_to_snapshot(table.snapshots()[0].snapshot_id).commit()
    lake.take(second)
    assert business(lake.rows("orders"), "order_id") == [(1,)]
    list(lake.silver.take("orders", [dataclasses.replace(second.message, replay="r1")]))
    assert business(lake.rows("orders"), "order_id") == [(1,), (2,)]


# --- conflicts


def test_writers_at_the_same_time_lose_nothing(lake: Region) -> None:
    batches = [
        [orders(order(n, amount=f"{n}.00"), order(99, amount=f"{n}.00"), version=f"v{n}", days=n)] for n in range(4)
    ]
    lake.silver.lakehouse.ensure([ORDERS])
    errors: list[BaseException] = []

    def write(batch: list[File]) -> None:
        try:
            lake.take(*batch)
        except BaseException as error:  # noqa: BLE001  # reported below, in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=write, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert business(lake.rows("orders"), "order_id", "amount") == [(0, 0), (1, 1), (2, 2), (3, 3), (99, 3)]
    assert sum(verdicts(lake, "orders").values(), Counter())["inserted"] == 5


def test_a_conflict_is_decided_anew(lake: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.take(orders(order(1)))
    decide = merge.decide
    other = [orders(order(1, amount="8.00"), order(2), version="v2", days=2)]

    def somebody_else_commits_meanwhile(*arguments: Any) -> Any:
        decision = decide(*arguments)
        if other:
            lake.take(other.pop())
        return decision

    monkeypatch.setattr(merge, "decide", somebody_else_commits_meanwhile)
    lake.take(orders(order(1, amount="5.00"), order(2, amount="5.00"), version="v1b", days=1))
    assert business(lake.rows("orders"), "order_id", "amount") == [(1, 8), (2, 1)]
    assert verdicts(lake, "orders")["v1b"] == Counter(stale=2)


def test_a_slow_writer_does_not_undo_the_children_of_a_newer_parent(
    lake: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.take(File("stores", [store("s", '[{"planName":"first"}]')], key="stores/a.csv"))
    slow = File("stores", [store("s", '[{"planName":"slow"}]')], key="stores/b.csv", arrived=NOON + timedelta(days=1))
    fast = [File("stores", [store("s", '[{"planName":"fast"}]')], key="stores/c.csv", arrived=NOON + timedelta(days=2))]
    decide = children.decide

    def overtaken(*arguments: Any, **named: Any) -> Any:
        decision = decide(*arguments, **named)
        if fast:
            lake.take(fast.pop())
        return decision

    monkeypatch.setattr(children, "decide", overtaken)
    lake.take(slow)
    assert business(lake.rows("store_plans"), "plan_name") == [("fast",)]
    assert verdicts(lake, "store_plans")["stores/b.csv v1"] == Counter(stale=1)


def test_after_too_many_conflicts_the_queue_repeats() -> None:
    waits: list[float] = []
    attempts: list[int] = []

    def attempt() -> None:
        attempts.append(1)
        raise CommitFailedException

    with pytest.raises(CommitConflict, match="Other writers committed first, 10 times"):
        until_committed(attempt, waits.append)
    assert len(attempts) == 10
    assert all(0 <= wait <= 5 for wait in waits)


def test_each_commit_says_which_parts_it_holds(lake: Region) -> None:
    one, two = orders(order(1)), orders(order(2), version="v2")
    lake.take(one, two)
    assert snapshots(lake, "orders") == 1
    held = lake.iceberg("orders").current_snapshot().summary.additional_properties[BATCHES]
    assert one.message.id in held
    assert two.message.id in held


# --- the whole


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_and_any_repetition_end_the_same(data: st.DataObject) -> None:
    dataset, row = data.draw(st.sampled_from([("orders", ORDER), ("stores", STORE)]))
    tables = [table.name for table in (ORDERS if dataset == "orders" else STORES).tables]
    made = data.draw(parts(dataset, row))
    with region() as clean:
        clean.take(*made)
        expected = [clean.rows(table) for table in tables]
    with region() as lake:
        for batch in data.draw(deliveries(made)):
            lake.take(*batch)
        assert [lake.rows(table) for table in tables] == expected
        for table in tables:
            assert len(verdicts(lake, table)) == len({(file.key, file.version) for file in made})
