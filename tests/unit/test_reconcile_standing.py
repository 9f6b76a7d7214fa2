"""Who must stand, counted again: it agrees with silver's own merge, in any order, and sees tampering."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from watershed.object_version import ObjectVersion
from watershed.reconcile import standing, store
from watershed.reconcile.accounts import Entry
from watershed.reconcile.difference import Difference, Note
from watershed.reconcile.objects import Days, Known, State, known

from tests.unit.silver_lab import NOON, File
from tests.unit.test_silver_merge import BY_KEY, ORDER, STORE, V1, V2, Silver, deliveries, order, parts, typed
from tests.unit.test_silver_merge import store as shop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from watershed.reconcile.standing import Standing

ROWS = {"orders": ORDER, "stores": STORE}
OLDER = "0.9.0"


def entries(file: File, contract_version: str, stage: str) -> list[Entry]:
    """What the ledger says about one part, as far as it matters here."""
    message = file.message
    counts = dict.fromkeys(("rows_read", "rows_out", "rows_in", "inserted"), len(file.rows))
    rest = dict.fromkeys(("malformed", "updated", "duplicate", "stale", "quarantined"), 0)
    tables = [table.name for table in BY_KEY[file.dataset].tables] if stage == "silver" else [file.dataset]
    return [
        Entry(
            dataset=file.dataset, batch_id=message.batch_id, part=file.part, stage=stage, table_name=table,
            source_key=file.key, source_version=file.version, contract_version=contract_version,
            recorded_at=file.arrived, rejected_file=False, control_sums="{}", **counts, **rest,
        )
        for table in tables
    ]  # fmt: skip


def objects(
    files: Iterable[File], *, gone: Sequence[File] = (), undone: Sequence[File] = (), older: Sequence[File] = ()
) -> list[Known]:
    """The files' objects; some no longer in raw, some not in silver's ledger, some taken by an older contract."""
    files = list(files)
    dataset = files[0].dataset
    contract = BY_KEY[dataset]
    raw = {(f.key, f.version): ObjectVersion("raw", f.key, f.version, 1, f.arrived) for f in files if f not in gone}
    ledger = [
        entry
        for file in files
        for stage in ("bronze", "silver")
        if stage == "bronze" or file not in undone
        for entry in entries(file, OLDER if file in older else contract.version, stage)
    ]
    return known(dataset, list(raw.values()), ledger, Days())


def compared(
    files: Sequence[File], tables: Sequence[pa.Table], among: Sequence[Known], held: Sequence[tuple[str, int]] = ()
) -> list[Standing]:
    """Compare silver's `tables` with the recounted ones of `files`."""
    contract = BY_KEY[files[0].dataset]
    place = {each.batch_id: arrival for arrival, each in enumerate(among)}
    with store.opened(contract, among) as rows:
        for file in files:
            arrival = place[file.message.batch_id]
            if among[arrival].state is State.RECOUNTED:
                for number, each in enumerate(typed(file)):
                    rows.keep(number, arrival, each.good)
        for number, table in enumerate(tables):
            rows.find(number, table)
        rows.hold(held)
        return list(standing.compare(rows, contract))


def told(found: Iterable[Standing]) -> list[str]:
    return [str(finding) for each in found for finding in each.findings]


def without(table: pa.Table, index: int) -> pa.Table:
    return pa.concat_tables([table.slice(0, index), table.slice(index + 1)])


@pytest.mark.slow  # `make drills`
@pytest.mark.parametrize("dataset", ROWS)
def test_any_order_and_any_repetition_agree_with_the_merge(dataset: str) -> None:
    @settings(max_examples=5)
    @given(data=st.data())
    def agree(data: st.DataObject) -> None:
        files = data.draw(parts(dataset, ROWS[dataset]))
        silver = Silver(dataset)
        for batch in data.draw(deliveries(files)):
            silver.take(batch)
        found = compared(data.draw(st.permutations(files)), silver.tables, objects(files))
        assert told(found) == []
        assert [each.expected for each in found] == [each.found for each in found]
        assert [each.found for each in found] == [table.num_rows for table in silver.tables]
        assert [each.elsewhere for each in found] == [0] * len(found)

    agree()


@pytest.mark.slow  # `make drills`
@pytest.mark.parametrize("dataset", ROWS)
def test_a_row_taken_from_any_table_is_missed(dataset: str) -> None:
    @settings(max_examples=5)
    @given(data=st.data())
    def missed(data: st.DataObject) -> None:
        files = data.draw(parts(dataset, ROWS[dataset]))
        silver = Silver(dataset)
        silver.take(files)
        filled = [number for number, table in enumerate(silver.tables) if table.num_rows]
        assume(filled)
        number = data.draw(st.sampled_from(filled))
        index = data.draw(st.integers(0, silver.tables[number].num_rows - 1))
        silver.tables[number] = without(silver.tables[number], index)
        found = compared(files, silver.tables, objects(files))
        assert "rows that must stand are missing" in told(found)[0]
        assert found[number].expected == found[number].found + 1

    missed()


@pytest.mark.slow  # `make drills`
@pytest.mark.parametrize("dataset", ROWS)
def test_objects_that_are_gone_or_under_way_are_no_difference(dataset: str) -> None:
    """What silver has of them is the merge's; the others' rows still stand or give way as they must."""

    @settings(max_examples=8)
    @given(data=st.data())
    def quiet(data: st.DataObject) -> None:
        files = data.draw(parts(dataset, ROWS[dataset]))
        chosen = set(data.draw(st.lists(st.sampled_from([(f.key, f.version) for f in files]), max_size=2)))
        some = [file for file in files if (file.key, file.version) in chosen and file.rows]
        silver = Silver(dataset)
        silver.take(files)
        is_gone = data.draw(st.booleans())
        among = objects(files, gone=some) if is_gone else objects(files, undone=some)
        found = compared(files, silver.tables, among)
        assert told(found) == []
        # Elements of a row under way are left alone, and not even counted.
        counted = zip(found, silver.tables, strict=True) if is_gone else [(found[0], silver.tables[0])]
        assert all(each.found + each.elsewhere == table.num_rows for each, table in counted)

    quiet()


def test_elements_of_a_parent_under_way_are_left_alone() -> None:
    """Silver commits the parent first: between the two commits, the elements are those of the row before."""
    before = File("stores", [shop("s", '[{"planName":"a"}]')])
    after = File("stores", [shop("s", '[{"planName":"b"},{"planName":"c"}]')], key="b", arrived=NOON + timedelta(1))
    silver = Silver("stores")
    silver.take([before])
    elements = silver.tables[1]
    silver.take([after])
    among = objects([before, after], undone=[after])
    assert told(compared([before, after], [silver.tables[0], elements], among)) == []
    settled = objects([before, after], gone=[after])
    left = told(compared([before, after], [silver.tables[0], elements], settled))
    assert "silver.store_plans: rows stand that no file gives, or no longer (e.g. orders/a.csv" in left[0]


def changed(table: pa.Table, column: str, value: Any) -> pa.Table:
    """The table with another value in its first row."""
    values = [value, *table[column].to_pylist()[1:]]
    return table.set_column(table.column_names.index(column), column, pa.array(values, table[column].type))


FILES = [
    File("orders", [order(1, updated_at=V2), order(2), order(3, status="odd")], key="orders/a.csv"),
    File("orders", [order(1, amount="5.00", updated_at=V1)], key="orders/b.csv", arrived=NOON + timedelta(days=1)),
]


AGES_AGO = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def stand(*files: File) -> pa.Table:
    silver = Silver("orders")
    silver.take(files)
    return silver.tables[0].sort_by("order_id")


TAMPERED = [
    ("an older version", lambda: stand(FILES[1]), "rows stand where later ones must (e.g. orders/b.csv (version v1)"),
    ("other content", lambda: changed(stand(*FILES), "status", "paid"), "another content than their file gives"),
    ("other money", lambda: changed(stand(*FILES), "amount", None), "sum of amount. Expected the recount's, found"),
    ("another batch", lambda: changed(stand(*FILES), "_batch_id", "b" * 32), "another content than their file"),
    ("another time", lambda: changed(stand(*FILES), "_ingested_at", AGES_AGO), "another content than their file"),
    ("another row", lambda: changed(stand(*FILES), "_row_number", 7), "rows stand that no file gives"),
    ("another key", lambda: changed(stand(*FILES), "order_id", 9), "rows stand that no file gives, or no longer"),
    ("another object", lambda: changed(stand(*FILES), "_source_key", "x"), "knows (e.g. x (version v1) row 1)"),
    ("a row twice", lambda: pa.concat_tables([stand(*FILES)] * 2), "keys stand more than once (e.g. orders/a.csv"),
    ("more rows", lambda: pa.concat_tables([stand(*FILES)] * 2), "rows in all. Expected 2, found 4"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "expected"), [case[1:] for case in TAMPERED], ids=[case[0] for case in TAMPERED])
def test_what_was_tampered_with_is_named(make: Any, expected: str) -> None:
    lines = told(compared(FILES, [make()], objects(FILES)))
    assert any(expected in line for line in lines), lines
    assert told(compared(FILES, [stand(*FILES)], objects(FILES))) == []


def test_a_gone_objects_row_must_still_be_the_later_one() -> None:
    late = File("orders", [order(2)], key="orders/c.csv", arrived=NOON - timedelta(days=1))
    among = objects([*FILES, late], gone=[late])
    lines = told(compared([*FILES, late], [stand(late, FILES[1])], among))
    assert "rows stand where later ones must" in lines[0]
    assert "orders/c.csv (version v1) row 1" in lines[0]


def test_what_another_contract_made_is_a_note_unless_it_is_lost() -> None:
    among = objects(FILES, older=[FILES[0]])
    other = compared(FILES, [changed(stand(*FILES), "status", "paid")], among)[0].findings
    assert [type(each) for each in other] == [Note]
    assert "by another version of the contract" in str(other[0])
    assert str(other[0]).endswith("Run `watershed backfill` for the dataset.")
    lines = told(compared(FILES, [changed(stand(*FILES), "order_id", 9)], among))
    assert any("or no longer" in line and "Run `watershed rebuild` for the dataset" in line for line in lines), lines
    lost = without(stand(*FILES), 1)
    first, numbers, _ = compared(FILES, [lost], among)[0].findings
    assert isinstance(first, Difference)
    assert "rows that must stand are missing (e.g. orders/a.csv (version v1) row 2)" in str(first)
    assert "rows in all. Expected 2, found 1" in str(numbers)
    refused = [(FILES[0].message.batch_id, 2)]  # quarantine holds the row: the contract of its time refused it
    assert [type(each) for each in compared(FILES, [lost], among, refused)[0].findings] == [Note]


def test_a_column_that_silver_lacks_yet_is_empty() -> None:
    table = stand(FILES[0])
    empty = File("orders", [order(1, status=None), order(2, status=None)], key="orders/a.csv")
    assert pc.all(pc.is_null(typed(empty)[0].good["status"])).as_py()
    assert told(compared([empty], [typed(empty)[0].good.drop_columns(["status"])], objects([empty]))) == []
    assert told(compared([empty], [table.drop_columns(["status"])], objects([empty]))) != []  # row 1 has a version


def test_nothing_of_the_rows_stays_on_disk(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    compared(FILES, [stand(*FILES)], objects(FILES))
    assert [path for path in tmp_path.iterdir() if path.name.startswith("watershed-reconcile-")] == []


def test_days_hold_what_came_on_them() -> None:
    version = ObjectVersion("raw", "orders/a.csv", "v1", 1, datetime(2024, 3, 1, 23, 59, tzinfo=UTC))
    day = version.last_modified.date()
    assert Days(day, day).hold(version)
    assert not Days(since=day + timedelta(days=1)).hold(version)
    assert not Days(until=day - timedelta(days=1)).hold(version)
