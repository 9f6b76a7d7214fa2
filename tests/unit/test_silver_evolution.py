"""A contract changes while its files come: the table follows where metadata alone can, and old files are still read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from watershed.contracts.model import BadRows, Column, Kind, SchemaChange, Source
from watershed.contracts.sources import with_old_names
from watershed.errors import ConfigurationError
from watershed.names import Layer
from watershed.silver.evolution import evolve

from tests.unit.silver_lab import NOON, ORDERS, STORES, File, Region, at, region

if TYPE_CHECKING:
    from watershed.contracts.model import Contract, Table


def changed(contract: Contract, without: str = "", /, **columns: dict[str, Any]) -> Contract:
    """The contract with changes to columns, given by their old names, in every table that has them."""

    def renamed(name: str | None) -> str | None:
        return columns.get(str(name), {}).get("name", name)

    def table(old: Table) -> Table:
        kept = [column for column in old.columns if column.name != without]
        partition = old.partition and dataclasses.replace(old.partition, column=str(renamed(old.partition.column)))
        return dataclasses.replace(
            old,
            columns=tuple(dataclasses.replace(each, **columns.get(each.name, {})) for each in kept),
            primary_key=tuple(str(renamed(name)) for name in old.primary_key),
            version_column=renamed(old.version_column),
            partition=partition,
        )

    tables = tuple(table(each) for each in contract.tables)
    return dataclasses.replace(contract, tables=tables, sources=with_old_names(contract.sources, tables[0]))


def rename(old: str, new: str, **more: Any) -> dict[str, dict[str, Any]]:
    return {old: {"name": new, "renamed_from": old, **more}}


def grown(contract: Contract, column: Column) -> Contract:
    own, *children = contract.tables
    return dataclasses.replace(contract, tables=(dataclasses.replace(own, columns=(*own.columns, column)), *children))


AFTER = grown(
    changed(
        ORDERS,
        "status",
        **rename("order_id", "order_no"),
        **rename("ordered_at", "placed_at"),
        **rename("amount", "total", precision=20),
        **rename("updated_at", "changed_at"),
    ),
    Column("note", Kind.STRING),
)


def old_file(day: int, *rows: tuple[int, str]) -> File:
    named = [
        {
            "order_id": str(number), "ordered_at": "2024-01-05 10:00:00", "amount": amount, "status": "paid",
            "country": "DE", "updated_at": f"2024-02-0{day} 10:00:00",
        }
        for number, amount in rows
    ]  # fmt: skip
    return File("orders", named, key=f"orders/old{day}.csv")


def new_file(day: int, *rows: tuple[int, str]) -> File:
    named = [
        {
            "order_no": str(number), "placed_at": "2024-01-05 10:00:00", "total": amount, "note": "new",
            "country": "DE", "changed_at": f"2024-02-0{day} 10:00:00",
        }
        for number, amount in rows
    ]  # fmt: skip
    return File("orders", named, key=f"orders/new{day}.csv")


FIRST = old_file(1, (1, "1.00"), (2, "2.00"))
SECOND = old_file(3, (2, "2.02"), (3, "3.00"))
NEW = new_file(2, (1, "123456789012345678.90"), (3, "3.03"), (4, "4.00"))
CHANGE = "the contract changes"


@pytest.mark.parametrize(
    "order",
    [
        (FIRST, SECOND, CHANGE, NEW),
        (FIRST, CHANGE, NEW, SECOND),
        (CHANGE, FIRST, NEW, SECOND),
        (CHANGE, NEW, SECOND, FIRST),
        (SECOND, CHANGE, FIRST, NEW, SECOND),
    ],
)
def test_old_and_new_files_in_any_order_end_in_the_same_table(order: tuple[File | str, ...]) -> None:
    with region(ORDERS) as lake:
        for step in order:
            if isinstance(step, File):
                lake.take(step)
            else:
                lake.silver.contracts["orders"] = AFTER  # type: ignore[index]  # a plain dict here
        rows = [(row["order_no"], row["total"], row["note"], row["changed_at"].day) for row in lake.rows("orders")]
        assert sorted(rows) == [
            (1, Decimal("123456789012345678.90"), "new", 2),
            (2, Decimal("2.02"), None, 3),
            (3, Decimal("3.00"), None, 3),
            (4, Decimal("4.00"), "new", 2),
        ]
        assert {row["placed_at"] for row in lake.rows("orders")} == {at("2024-01-05 10:00:00")}
        assert not lake.records(Layer.QUARANTINE)


def test_records_from_before_and_after_a_rename_may_be_in_one_file() -> None:
    mixed = File("orders", [*old_file(1, (1, "1.00"), (2, "")).rows, *new_file(2, (3, "3.00")).rows])
    with region(AFTER) as lake:
        lake.take(mixed)
        assert [(row["order_no"], row["total"]) for row in lake.rows("orders")] == [(1, 1), (2, None), (3, 3)]


@pytest.fixture
def lake() -> Iterator[Region]:
    with region() as made:
        yield made


def fields(lake: Region, table: Table) -> dict[str, tuple[int, str]]:
    return {
        each.name: (each.field_id, str(each.field_type)) for each in lake.silver.lakehouse.load(table).schema().fields
    }


def test_a_renamed_column_keeps_its_id_and_a_second_look_changes_nothing(lake: Region) -> None:
    before = fields(lake, ORDERS.table)
    after = fields(lake, AFTER.table)
    assert after["order_no"] == before["order_id"]
    assert after["total"] == (before["amount"][0], "decimal(20, 2)")
    assert after["status"] == before["status"]  # dropped from the contract, not from the table
    assert {"order_id", "amount"}.isdisjoint(after)
    metadata = lake.silver.lakehouse.load(AFTER.table).metadata_location
    assert lake.silver.lakehouse.load(AFTER.table).metadata_location == metadata


def test_a_renamed_key_is_still_the_key_and_has_its_statistics(lake: Region) -> None:
    lake.silver.lakehouse.load(ORDERS.table)
    table = lake.silver.lakehouse.load(AFTER.table)
    assert table.schema().identifier_field_names() == {"order_no"}
    metrics = {name for name in table.properties if name.startswith("write.metadata.metrics.column.")}
    assert metrics == {"write.metadata.metrics.column.order_no"}


def test_a_child_s_key_is_renamed_with_its_parent_s(lake: Region) -> None:
    def store(key: str, number: str, day: int) -> File:
        row = {key: number, "plans": '[{"price": 1, "planName": "a"}]', "updated_at": f"2024-02-0{day} 10:00:00"}
        return File("stores", [row], key=f"stores/{day}.csv")

    lake.take(store("store_id", "s1", 1))
    after = changed(STORES, **rename("store_id", "shop_id"))
    lake.silver.contracts["stores"] = after  # type: ignore[index]  # a plain dict here
    lake.take(store("shop_id", "s1", 3))
    lake.take(store("store_id", "s2", 2))
    assert [(row["shop_id"], row["plan_name"]) for row in lake.rows("store_plans")] == [("s1", "a"), ("s2", "a")]


def test_an_array_and_a_key_are_read_under_the_name_that_each_row_has(lake: Region) -> None:
    source = Source("any", columns={"store_id": ("shop", "store_id"), "plans": ("tariffs", "plans")})
    lake.silver.contracts["stores"] = dataclasses.replace(STORES, sources=(source,))  # type: ignore[index]
    good, bad = '[{"price": 1}]', '[{"price": "x"}]'
    lake.take(File("stores", [{"shop": "a", "tariffs": good}, {"store_id": "b", "plans": good},
                              {"store_id": "c", "plans": bad}], key="stores/a.jsonl"))  # fmt: skip
    assert [row["store_id"] for row in lake.rows("store_plans")] == ["a", "b"]
    (held,) = lake.records(Layer.QUARANTINE)
    assert held["raw"].startswith('{"store_id": "c", ')


def test_a_demand_that_the_contract_no_longer_makes_is_dropped(lake: Region) -> None:
    table = lake.silver.lakehouse.load(ORDERS.table)
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.update_column("status", required=True)
    lake.take(File("orders", [{**FIRST.rows[0], "status": None}]))
    assert [row["status"] for row in lake.rows("orders")] == [None]


Change = Callable[["Contract"], "Contract"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: changed(it, amount={"precision": 17}), r"column amount is decimal\(18, 2\), not decimal\(17,2\)"),
        (lambda it: changed(it, amount={"precision": 20, "scale": 3}), "column amount is"),
        (lambda it: changed(it, amount={"kind": Kind.DOUBLE}), "column amount is"),
        (lambda it: changed(it, **rename("amount", "total", kind=Kind.STRING)), "column total is"),
        (lambda it: changed(it, "status", country={"renamed_from": "status"}), "both country and status"),
        (
            lambda it: dataclasses.replace(
                it, tables=(dataclasses.replace(it.table, primary_key=("order_id", "country")),)
            ),
            "its key is order_id",
        ),
    ],
)
def test_what_needs_rows_rewritten_is_refused_with_the_command_that_does_it(
    lake: Region, change: Change, message: str
) -> None:
    lake.take(FIRST)
    before = lake.iceberg("orders").metadata_location
    with pytest.raises(ConfigurationError, match=message) as refused:
        lake.silver.lakehouse.load(change(ORDERS).table)
    assert "watershed rebuild REGION orders" in refused.value.remedy
    assert lake.iceberg("orders").metadata_location == before


def test_a_child_s_refusal_names_the_dataset(lake: Region) -> None:
    plans = lake.silver.lakehouse.load(STORES.children[0])
    with pytest.raises(ConfigurationError, match="watershed rebuild REGION stores"):
        evolve(plans, changed(STORES, price={"kind": Kind.STRING}).children[0])


# --- columns that the contract does not name


UNEXPECTED = [
    {"order_id": "1", "ordered_at": "2024-01-05 10:00:00", "country": "DE"},
    {"order_id": "2", "ordered_at": "2024-01-05 10:00:00", "country": "DE", "coupon": " ", "*": "x"},
    {"order_id": "3", "ordered_at": "2024-01-05 10:00:00", "country": "DE", "coupon": " X1 "},
    {"order_id": "x", "ordered_at": "2024-01-05 10:00:00", "country": "DE", "coupon": "X2"},
    {"order_id": "5", "ordered_at": "2024-01-05 10:00:00", "country": "US", "coupon": "X3"},
]


@pytest.mark.parametrize(
    ("mode", "good", "held"),
    [
        (SchemaChange.EVOLVE, {1, 2, 3}, {("invalid_type", "order_id"): 1, ("residency_violation", "country"): 1}),
        (
            SchemaChange.QUARANTINE,
            {1},
            {("unexpected_column", "*"): 1, ("unexpected_column", "coupon"): 2, ("residency_violation", "country"): 1},
        ),
    ],
)
def test_a_row_with_a_value_in_an_unknown_column_is_held_back_if_the_contract_says_so(
    mode: SchemaChange, good: set[int], held: dict[tuple[str, str], int]
) -> None:
    contract = dataclasses.replace(ORDERS, schema_change=mode, bad_rows=BadRows("1"))
    with region(contract) as lake:
        lake.take(File("orders", UNEXPECTED))
        assert {row["order_id"] for row in lake.rows("orders")} == good
        rows = [(row["reason"], row["column_name"]) for row in lake.records(Layer.QUARANTINE)]
        assert {each: rows.count(each) for each in rows} == held


def test_columns_that_are_read_under_any_name_or_into_are_known() -> None:
    source = Source("any", columns={"country": ("land", "address.country.code"), "amount": ("amount",)})
    contract = dataclasses.replace(STORES, sources=(source,), tables=(ORDERS.table, *STORES.children))
    known = ["order_id", "land", "address", "address.country", "plans", "amount"]
    assert contract.unexpected(source, [*known, "country", "addres", "address.city", "store_id"]) == [
        "country", "addres", "address.city", "store_id",
    ]  # fmt: skip


def test_a_new_name_in_the_contract_lets_the_held_back_column_in() -> None:
    strict = dataclasses.replace(ORDERS, schema_change=SchemaChange.QUARANTINE)
    file = File("orders", [UNEXPECTED[2]], arrived=NOON)
    with region(strict) as lake:
        lake.take(file)
        lake.silver.contracts["orders"] = grown(strict, Column("coupon", Kind.STRING))  # type: ignore[index]
        lake.take(dataclasses.replace(file, version="v2"))
        assert [row["coupon"] for row in lake.rows("orders")] == ["X1"]
