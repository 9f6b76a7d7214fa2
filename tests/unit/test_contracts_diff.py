"""What a change of a contract means: nothing is overlooked, and what is compatible one way is not always so back."""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from watershed.contracts.changes import RULES, Change, ChangeKind
from watershed.contracts.diff import diff
from watershed.contracts.model import (
    BadRows,
    Column,
    Contract,
    Kind,
    MissingResidency,
    Partition,
    Residency,
    SchemaChange,
    Source,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

K = ChangeKind


def between(old: Contract, new: Contract) -> list[Change]:
    return diff({old.name: old}, {new.name: new})


def kinds(old: Contract, new: Contract) -> set[ChangeKind]:
    return {change.kind for change in between(old, new)}


# --- any contract, and everything one step away from it

LIMITS = st.none() | st.sampled_from(["1", "2", "3"])
COLUMNS = st.builds(
    Column,
    name=st.just(""),
    kind=st.sampled_from([Kind.INTEGER, Kind.STRING, Kind.DECIMAL, Kind.DOUBLE]),
    precision=st.integers(6, 9),
    scale=st.integers(0, 2),
    required=st.booleans(),
    pii=st.booleans(),
    money=st.booleans(),
    valid_values=st.sampled_from([(), ("1",), ("1", "2")]),
    minimum=LIMITS,
    maximum=LIMITS,
    pattern=st.none() | st.just("[a-z]+"),
    max_length=st.none() | st.integers(1, 9),
    renamed_from=st.none() | st.just("z"),
)
PAIRS = st.tuples(COLUMNS, COLUMNS)
SOURCES = st.builds(
    Source,
    name=st.sampled_from(["north", "south", "west"]),
    regions=st.sampled_from([(), ("eu-central-1",), ("eu-central-1", "us-east-1")]),
    files=st.sampled_from([(), ("*.old.csv",), ("a*.csv", "b*.csv")]),
    thousands_mark=st.sampled_from(["", ","]),
    columns=st.sampled_from([{}, {"a": ("f",)}, {"a": ("f", "g"), "b": ("h", "b")}]),
)
CHILD = Table(
    "plans",
    (Column("a", Kind.INTEGER), Column("position", Kind.INTEGER), Column("fee", Kind.STRING, json_path="fee")),
    ("a", "position"),
    parent="orders",
    explode="list",
)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    columns = tuple(dataclasses.replace(c, name=name) for c, name in zip(draw(PAIRS), "ab", strict=True))
    names = [column.name for column in columns]
    own = Table(
        "orders",
        columns,
        (draw(st.sampled_from(names)),),
        version_column=draw(st.none() | st.sampled_from(names)),
        partition=draw(st.none() | st.builds(Partition, st.sampled_from(names), st.just("bucket"), st.just(8))),
    )
    return Contract(
        name="orders",
        version="1.0.0",
        description="",
        tables=(own, CHILD) if draw(st.booleans()) else (own,),
        sources=draw(st.lists(SOURCES, min_size=1, max_size=2, unique_by=lambda each: each.name).map(tuple)),
        residency=Residency(draw(st.none() | st.sampled_from(names))),
        freshness_hours=draw(st.none() | st.just(24)),
        files=draw(st.sampled_from([(), ("orders*.*",)])),
        schema_change=draw(st.sampled_from(SchemaChange)),
        bad_rows=draw(st.none() | st.builds(BadRows, st.sampled_from(["0.5", "1"]), st.integers(1, 200))),
    )


OTHERS: dict[tuple[type, str], Any] = {  # where a value of the same type would be no value of the field
    (Partition, "column"): "other",
    (BadRows, "share"): "0.25",
    (Contract, "bad_rows"): BadRows("0.75"),
    (Table, "partition"): Partition("a", "identity"),
}


def mutants(value: Any) -> Iterator[Any]:
    """Every value that differs from a dataclass in one field, however deep."""
    hints = typing.get_type_hints(type(value))
    for field in dataclasses.fields(value):
        for other in _others(type(value), field.name, hints[field.name], getattr(value, field.name), value):
            yield dataclasses.replace(value, **{field.name: other})


def _others(owner: type, name: str, hint: Any, now: Any, whole: Any) -> Iterator[Any]:
    if (owner, name) == (Contract, "name") or (name in {"precision", "scale"} and whole.kind is not Kind.DECIMAL):
        return  # another dataset, or of no meaning
    if (owner, name) in OTHERS and now != OTHERS[owner, name]:
        yield OTHERS[owner, name]
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        if now is not None:
            yield None
        hint = next(each for each in typing.get_args(hint) if each is not type(None))
    if dataclasses.is_dataclass(hint):
        yield from mutants(now) if now is not None else ()
    elif typing.get_origin(hint) is tuple:
        yield from _other_tuples(typing.get_args(hint)[0], now)
    elif typing.get_origin(hint) is dict:
        yield {**now, "a": ("elsewhere",)}
    elif (owner, name) not in OTHERS:
        yield from _other_scalars(hint, now)


def _other_scalars(hint: Any, now: Any) -> Iterator[Any]:
    if issubclass(hint, Enum):
        yield from (each for each in hint if each is not now)
    elif hint is bool:
        yield not now
    elif hint is int:
        yield (now or 0) + 1
    else:
        assert hint is str, f"say how a {hint.__name__} may differ"
        yield "9" if now is None else f"{now}7"


def _other_tuples(item: Any, now: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if item is str:
        yield (*now, "other")
    if len(now) > 1:
        yield now[:-1]
        yield now[::-1]
    for place, each in enumerate(now):
        others = mutants(each) if dataclasses.is_dataclass(each) else iter([f"{each}x"])
        yield from ((*now[:place], other, *now[place + 1 :]) for other in others)


slowly = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])


@slowly
@given(contracts())
def test_a_contract_does_not_differ_from_itself(contract: Contract) -> None:
    assert between(contract, dataclasses.replace(contract)) == []


@slowly
@given(contracts())
def test_no_change_of_one_field_is_overlooked(contract: Contract) -> None:
    for mutant in mutants(contract):
        assert between(contract, mutant), mutant
        assert between(mutant, contract), mutant


BACK = {  # a compatible change, and what its way back is
    K.DATASET_ADDED: K.DATASET_REMOVED,
    K.TABLE_ADDED: K.TABLE_REMOVED,
    K.COLUMN_ADDED: K.COLUMN_REMOVED,
    K.RENAME_NOTED: K.RENAME_FORGOTTEN,
    K.TYPE_WIDENED: K.TYPE_NARROWED,
    K.REQUIRED_DROPPED: K.REQUIRED_ADDED,
    K.CHECK_LOOSENED: K.CHECK_TIGHTENED,
    K.PERSONAL_ADDED: K.PERSONAL_DROPPED,
    K.SOURCE_ADDED: K.SOURCE_REMOVED,
    K.SOURCE_READS_MORE: K.SOURCE_READS_OTHERWISE,
    K.FILES_WIDENED: K.FILES_NARROWED,
    K.MORE_TOLERANT: K.LESS_TOLERANT,
}
SAME = {
    K.COLUMNS_REORDERED, K.MONEY_CHANGED, K.SUBJECT_CHANGED, K.FRESHNESS_CHANGED, K.REWORDED, K.VERSION_CHANGED,
    K.TYPE_CHANGED, K.FIELD_CHANGED, K.KEY_CHANGED, K.VERSION_COLUMN_CHANGED, K.PARTITION_CHANGED, K.PARENT_CHANGED,
    K.EXPLODE_CHANGED, K.RESIDENCY_CHANGED,
}  # fmt: skip


def test_every_compatible_change_has_a_breaking_way_back_or_is_its_own() -> None:
    compatible = {kind for kind, rule in RULES.items() if not rule.is_breaking}
    assert compatible == BACK.keys() | (compatible & SAME)
    assert all(RULES[back].is_breaking for back in BACK.values())


@slowly
@given(contracts())
def test_the_way_back_is_classified_as_it_must_be(contract: Contract) -> None:
    for mutant in mutants(contract):
        forth, back = kinds(contract, mutant), kinds(mutant, contract)
        assert forth & SAME == back & SAME, (forth, back, mutant)
        assert {BACK[kind] for kind in forth & BACK.keys()} <= back, (forth, back, mutant)


# --- each kind of change, by name


def column(name: str, kind: Kind = Kind.STRING, **more: Any) -> Column:
    return Column(name, kind, **more)


MONEY: dict[str, Any] = {"kind": Kind.DECIMAL, "precision": 9, "scale": 2}
BASE = Contract(
    name="orders",
    version="1.0.0",
    description="Orders.",
    tables=(
        Table("orders", (column("id", Kind.INTEGER), column("day", Kind.DATE, required=True), column("fee", **MONEY),
                         column("state", valid_values=("new", "paid"), pattern="[a-z]+", max_length=9),
                         column("land", pii=True)),
              ("id",), version_column="id", partition=Partition("day", "month")),
        Table("items", (column("id", Kind.INTEGER), column("position", Kind.INTEGER), column("sku", json_path="sku")),
              ("id", "position"), parent="orders", explode="list"),
    ),
    sources=(Source("old", files=("*.old.csv",)), Source("any", columns={"land": ("country", "land")})),
    residency=Residency("land", MissingResidency.ACCEPT),
    subject="state",
    files=("orders.csv",),
    schema_change=SchemaChange.QUARANTINE,
    bad_rows=BadRows("0.5", 100),
)  # fmt: skip


def with_columns(*dropped: str, add: tuple[Column, ...] = (), table: int = 0, **changes: dict[str, Any]) -> Contract:
    """The base with columns changed, dropped and added. A version of its own, so that only the change is found."""
    old = BASE.tables[table]
    kept = [dataclasses.replace(c, **changes.get(c.name, {})) for c in old.columns if c.name not in dropped]
    return with_table(table, columns=(*kept, *add))


def with_table(table: int = 0, **changes: Any) -> Contract:
    tables = list(BASE.tables)
    tables[table] = dataclasses.replace(tables[table], **changes)
    return with_contract(tables=tuple(tables))


def with_contract(**changes: Any) -> Contract:
    return dataclasses.replace(BASE, **{"version": "1.1.0", **changes})


def with_source(place: int, **changes: Any) -> Contract:
    sources = list(BASE.sources)
    sources[place] = dataclasses.replace(sources[place], **changes)
    return with_contract(sources=tuple(sources))


RENAMED = {"name": "charge", "renamed_from": "fee"}
CASES: list[tuple[Contract, str, set[ChangeKind]]] = [
    (with_contract(), "version", set()),
    (with_contract(tables=BASE.tables[:1]), "schema.items", {K.TABLE_REMOVED}),
    (with_contract(tables=(*BASE.tables, dataclasses.replace(BASE.tables[1], name="more"))), "schema.more",
     {K.TABLE_ADDED}),
    (with_columns(add=(column("note"),)), "schema.orders.properties.note", {K.COLUMN_ADDED}),
    (with_columns(add=(column("note", required=True),)), "schema.orders.properties.note", {K.REQUIRED_COLUMN_ADDED}),
    (with_columns("state"), "schema.orders.properties.state", {K.COLUMN_REMOVED}),
    (with_columns(fee=RENAMED), "schema.orders.properties.charge.customProperties.renamedFrom",
     {K.COLUMN_RENAMED, K.SOURCE_READS_OTHERWISE}),
    (with_columns("land", state={"renamed_from": "land"}),
     "schema.orders.properties.state.customProperties.renamedFrom", {K.COLUMN_REMOVED, K.COLUMNS_JOINED}),
    (with_columns(fee={"renamed_from": "cost"}), "schema.orders.properties.fee.customProperties.renamedFrom",
     {K.RENAME_NOTED}),
    (with_table(columns=BASE.table.columns[::-1]), "schema.orders.properties", {K.COLUMNS_REORDERED}),
    (with_columns(fee={"precision": 12}), "schema.orders.properties.fee.physicalType", {K.TYPE_WIDENED}),
    (with_columns(fee={"precision": 8}), "schema.orders.properties.fee.physicalType", {K.TYPE_NARROWED}),
    (with_columns(fee={"scale": 1, "precision": 8}), "schema.orders.properties.fee.physicalType", {K.TYPE_NARROWED}),
    (with_columns(fee={"scale": 3, "precision": 12}), "schema.orders.properties.fee.physicalType", {K.TYPE_CHANGED}),
    (with_columns(fee={"kind": Kind.DOUBLE}), "schema.orders.properties.fee.physicalType", {K.TYPE_CHANGED}),
    (with_columns(fee={"required": True}), "schema.orders.properties.fee.required", {K.REQUIRED_ADDED}),
    (with_columns(day={"required": False}), "schema.orders.properties.day.required", {K.REQUIRED_DROPPED}),
    (with_columns(state={"valid_values": ("new",)}), "schema.orders.properties.state.quality", {K.CHECK_TIGHTENED}),
    (with_columns(state={"valid_values": ("new", "paid", "sent")}), "schema.orders.properties.state.quality",
     {K.CHECK_LOOSENED}),
    (with_columns(state={"valid_values": ()}), "schema.orders.properties.state.quality", {K.CHECK_LOOSENED}),
    (with_columns(state={"valid_values": ("paid", "new")}), "schema.orders.properties.state.quality", {K.REWORDED}),
    (with_columns(state={"pattern": ".*"}), "schema.orders.properties.state.logicalTypeOptions.pattern",
     {K.CHECK_TIGHTENED}),
    (with_columns(state={"pattern": None}), "schema.orders.properties.state.logicalTypeOptions.pattern",
     {K.CHECK_LOOSENED}),
    (with_columns(state={"max_length": 10}), "schema.orders.properties.state.logicalTypeOptions.maxLength",
     {K.CHECK_LOOSENED}),
    (with_columns(fee={"minimum": "0"}), "schema.orders.properties.fee.logicalTypeOptions.minimum",
     {K.CHECK_TIGHTENED}),
    (with_columns(fee={"maximum": "9"}), "schema.orders.properties.fee.logicalTypeOptions.maximum",
     {K.CHECK_TIGHTENED}),
    (with_columns(fee={"pii": True}), "schema.orders.properties.fee.classification", {K.PERSONAL_ADDED}),
    (with_columns(land={"pii": False}), "schema.orders.properties.land.classification", {K.PERSONAL_DROPPED}),
    (with_columns(fee={"money": True}), "schema.orders.properties.fee.customProperties.money", {K.MONEY_CHANGED}),
    (with_columns(sku={"json_path": "code"}, table=1), "schema.items.properties.sku.customProperties.jsonPath",
     {K.FIELD_CHANGED}),
    (with_table(primary_key=("id", "day")), "schema.orders.properties", {K.KEY_CHANGED}),
    (with_table(version_column=None), "schema.orders.customProperties.versionColumn", {K.VERSION_COLUMN_CHANGED}),
    (with_table(partition=Partition("day", "year")), "schema.orders.properties.partitionTransform",
     {K.PARTITION_CHANGED}),
    (with_table(1, parent="other"), "schema.items.customProperties.parent", {K.PARENT_CHANGED}),
    (with_table(1, explode="array"), "schema.items.customProperties.explode", {K.EXPLODE_CHANGED}),
    (with_contract(residency=Residency("state")), "customProperties.residency.column", {K.RESIDENCY_CHANGED}),
    (with_contract(residency=Residency("land", MissingResidency.QUARANTINE)), "customProperties.residency.missing",
     {K.RESIDENCY_CHANGED}),
    (with_contract(subject=None), "customProperties.subject", {K.SUBJECT_CHANGED}),
    (with_contract(sources=(*BASE.sources, Source("last", files=("*.x",)))), "customProperties.sources.last",
     {K.SOURCE_ADDED}),
    (with_contract(sources=BASE.sources[1:]), "customProperties.sources.old", {K.SOURCE_REMOVED}),
    (with_contract(sources=BASE.sources[::-1]), "customProperties.sources.any", {K.SOURCE_TAKES_OVER, K.REWORDED}),
    (with_contract(sources=(Source("first", files=("a*.csv",)), *BASE.sources)), "customProperties.sources.first",
     {K.SOURCE_TAKES_OVER, K.SOURCE_ADDED}),
    (with_source(0, files=("*.old.csv", "*.older.csv")), "customProperties.sources.old.files",
     {K.SOURCE_TAKES_OVER, K.FILES_WIDENED}),
    (with_source(0, files=("*.ol.csv",)), "customProperties.sources.old.files",
     {K.SOURCE_TAKES_OVER, K.FILES_NARROWED}),
    (with_source(1, regions=("eu-central-1",)), "customProperties.sources.any.regions", {K.FILES_NARROWED}),
    (with_source(1, delimiter=";"), "customProperties.sources.any.delimiter", {K.SOURCE_READS_OTHERWISE}),
    (with_source(1, time_zone="Asia/Singapore"), "customProperties.sources.any.timeZone", {K.SOURCE_READS_OTHERWISE}),
    (with_source(1, null_values=("", "-")), "customProperties.sources.any.nullValues", {K.SOURCE_READS_OTHERWISE}),
    (with_source(1, date_formats=("%Y-%m-%d", "%d.%m.%Y")), "customProperties.sources.any.dateFormats",
     {K.SOURCE_READS_MORE}),
    (with_source(1, date_formats=("%d.%m.%Y", "%Y-%m-%d")), "customProperties.sources.any.dateFormats",
     {K.SOURCE_READS_OTHERWISE}),
    (with_source(1, true_values=("TRUE", "1")), "customProperties.sources.any.trueValues", {K.REWORDED}),
    (with_source(1, columns={"land": ("country", "nation", "land")}), "customProperties.sources.any.columns.land",
     {K.SOURCE_READS_MORE}),
    (with_source(1, columns={}), "customProperties.sources.any.columns.land", {K.SOURCE_READS_OTHERWISE}),
    (with_source(1, columns={**BASE.sources[1].columns, "list": ("array",)}),
     "customProperties.sources.any.columns.list", {K.SOURCE_READS_OTHERWISE}),
    (with_contract(files=("orders.csv", "o.csv")), "customProperties.files", {K.FILES_WIDENED}),
    (with_contract(files=()), "customProperties.files", {K.FILES_NARROWED}),
    (with_contract(schema_change=SchemaChange.EVOLVE), "customProperties.schemaChange", {K.MORE_TOLERANT}),
    (with_contract(schema_change=SchemaChange.FREEZE), "customProperties.schemaChange", {K.LESS_TOLERANT}),
    (with_contract(bad_rows=None), "customProperties.badRows", {K.MORE_TOLERANT}),
    (with_contract(bad_rows=BadRows("0.6", 99)), "customProperties.badRows", {K.LESS_TOLERANT}),
    (with_contract(bad_rows=BadRows("0.50", 100)), "customProperties.badRows", {K.REWORDED}),
    (with_contract(freshness_hours=1), "slaProperties.freshness.value", {K.FRESHNESS_CHANGED}),
    (with_contract(description="All orders."), "description.purpose", {K.REWORDED}),
]  # fmt: skip


@pytest.mark.parametrize(("new", "path", "expected"), CASES)
def test_each_change_is_named_where_it_is(new: Contract, path: str, expected: set[ChangeKind]) -> None:
    found = between(BASE, new)
    assert {change.kind for change in found} == expected | {K.VERSION_CHANGED}
    assert path in {change.path for change in found}


def test_a_rename_by_the_contract_leaves_the_sources_as_they_were() -> None:
    sources = tuple(
        dataclasses.replace(each, columns={**each.columns, "charge": ("charge", "fee")}) for each in BASE.sources
    )
    new = dataclasses.replace(with_columns(fee=RENAMED), sources=sources)
    assert kinds(BASE, new) == {K.COLUMN_RENAMED, K.VERSION_CHANGED}
    assert K.RENAME_FORGOTTEN in kinds(
        new, dataclasses.replace(new, tables=with_columns(fee={"name": "charge"}).tables)
    )


def test_keys_partitions_and_residency_follow_a_rename() -> None:
    def renamed(table: Table) -> Table:
        columns = tuple(
            dataclasses.replace(c, name=f"new_{c.name}", renamed_from=c.name) if c.name != "position" else c
            for c in table.columns
        )
        key = tuple(f"new_{name}" if name != "position" else name for name in table.primary_key)
        version = table.version_column and f"new_{table.version_column}"
        partition = table.partition and dataclasses.replace(table.partition, column=f"new_{table.partition.column}")
        return dataclasses.replace(table, columns=columns, primary_key=key, version_column=version, partition=partition)

    new = with_contract(tables=tuple(map(renamed, BASE.tables)), residency=Residency("new_land"), subject="new_state")
    assert kinds(BASE, new) == {K.COLUMN_RENAMED, K.SOURCE_READS_OTHERWISE, K.VERSION_CHANGED}


def test_a_change_that_readers_notice_needs_a_new_version() -> None:
    kept = dataclasses.replace(with_columns("state"), version=BASE.version)
    assert kinds(BASE, kept) == {K.COLUMN_REMOVED, K.VERSION_KEPT}
    unseen = dataclasses.replace(with_contract(freshness_hours=1), version=BASE.version)
    assert kinds(BASE, unseen) == {K.FRESHNESS_CHANGED}


def test_datasets_come_and_go() -> None:
    assert [str(change.kind) for change in diff({"orders": BASE}, {"other": BASE})] == [
        "dataset_removed", "dataset_added",
    ]  # fmt: skip


def test_every_kind_of_change_is_tried_here() -> None:
    tried = {kind for _, _, expected in CASES for kind in expected}
    elsewhere = {
        K.RENAME_FORGOTTEN,
        K.COLUMN_RENAMED,
        K.VERSION_CHANGED,
        K.VERSION_KEPT,
        K.DATASET_ADDED,
        K.DATASET_REMOVED,
    }
    assert set(ChangeKind) == tried | elsewhere == set(RULES)


def test_a_change_says_what_to_do_about_this_dataset() -> None:
    (change,) = [each for each in between(BASE, with_columns(fee={"precision": 8})) if each.kind is K.TYPE_NARROWED]
    assert str(change) == (
        "orders schema.orders.properties.fee.physicalType: breaking: A decimal gets fewer digits "
        "(decimal(9,2) → decimal(8,2)). Silver refuses the table. "
        "`watershed rebuild REGION orders` makes it from bronze."
    )
