"""Who stands: whatever the order and however often the same parts come, silver ends the same."""

from __future__ import annotations

import functools
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.silver import children, merge
from watershed.silver.decision import PART, Decision, Verdict
from watershed.silver.transform import TypedRows, transform

from tests.unit.silver_lab import NOON, ORDERS, STORES, File, shared_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

UNVERSIONED = Contract(
    name="things",
    version="1",
    description="",
    tables=(
        Table("things", (Column("a", Kind.STRING), Column("b", Kind.INTEGER), Column("c", Kind.STRING)), ("a", "b")),
    ),
    sources=(Source("any"),),
    residency=Residency(None),
)
BY_KEY = {contract.name: contract for contract in (ORDERS, STORES, UNVERSIONED)}


def typed(file: File) -> list[TypedRows]:
    if repr(file) not in _TYPED:
        contract = BY_KEY[file.dataset]
        _TYPED[repr(file)] = transform(shared_engine(), contract, contract.sources[0], ("DE",), file.table)
    return _TYPED[repr(file)]


_TYPED: dict[str, list[TypedRows]] = {}  # by the file's repr, because typing takes longer than the rest of a test


def incoming(files: Sequence[File], place: int = 0) -> pa.Table:
    tables = []
    for file in files:
        good = typed(file)[place].good
        tables.append(good.append_column(PART, pa.repeat(pa.scalar(file.message.id), good.num_rows)))
    return pa.concat_tables(tables)


def after(table: pa.Table, decision: Decision) -> pa.Table:
    """The table once the decision is carried out."""
    engine = shared_engine()
    rows, gone = engine.from_arrow(table), engine.from_arrow(decision.superseded)
    kept: pa.Table = rows.join(gone, decision.superseded.column_names, how="anti").to_arrow_table()
    return pa.concat_tables([kept.select(decision.rows.column_names), decision.rows])


class Silver:
    """Silver's tables of one dataset in memory."""

    def __init__(self, dataset: str) -> None:
        self.contract = BY_KEY[dataset]
        empty = typed(File(dataset, []))
        self.tables = [rows.good for rows in empty]

    def take(self, files: Sequence[File]) -> list[Counter[Verdict]]:
        """Merge files in one batch; the verdicts per table."""
        engine, (own, *rest) = shared_engine(), self.contract.tables
        owners = incoming(files)
        decisions = [merge.decide(engine, own, owners, self.tables[0])]
        self.tables[0] = after(self.tables[0], decisions[0])
        for place, child in enumerate(rest, start=1):
            decision = children.decide(
                engine,
                own,
                child,
                incoming(files, place),
                owners=owners,
                parents=self.tables[0],
                existing=self.tables[place],
            )
            decisions.append(decision)
            self.tables[place] = after(self.tables[place], decision)
        return [sum(decision.verdicts.values(), Counter()) for decision in decisions]

    @property
    def state(self) -> list[list[tuple[Any, ...]]]:
        """All rows of all tables, business and lineage, sorted."""
        return [sorted(map(tuple, (row.values() for row in t.to_pylist())), key=str) for t in self.tables]


def order(number: int, **values: str | None) -> dict[str, str | None]:
    return {"order_id": str(number), "ordered_at": "2024-01-05 10:00:00", "amount": "1.00", "status": "open", **values}


def verdicts(**counts: int) -> Counter[Verdict]:
    return Counter({Verdict(name): count for name, count in counts.items()})


EARLY, LATE = NOON, NOON + timedelta(days=1)
V1, V2 = "2024-02-01 00:00:00", "2024-02-02 00:00:00"

SECOND_FILE = [
    # (first row, second row, second file's arrival, verdict about the second row, does it stand?)
    ("new content later", order(1), order(1, amount="2.00"), LATE, "updated", True),
    ("new content earlier", order(1), order(1, amount="2.00"), EARLY - timedelta(days=1), "stale", False),
    ("same content later", order(1), order(1), LATE, "duplicate", True),
    ("same content earlier", order(1), order(1), EARLY - timedelta(days=1), "duplicate", False),
    ("another key", order(1), order(2), LATE, "inserted", True),
    ("higher version", order(1, updated_at=V1), order(1, amount="2.00", updated_at=V2), LATE, "updated", True),
    ("lower version", order(1, updated_at=V2), order(1, amount="2.00", updated_at=V1), LATE, "stale", False),
    ("lower version, same content", order(1, updated_at=V2), order(1, updated_at=V1), LATE, "duplicate", False),
    ("higher version, same content", order(1, updated_at=V1), order(1, updated_at=V2), LATE, "duplicate", True),
    ("no version after a version", order(1, updated_at=V1), order(1, amount="2.00"), LATE, "stale", False),
    ("a version after none", order(1), order(1, amount="2.00", updated_at=V1), LATE, "updated", True),
    (
        "higher version that came before",
        order(1, updated_at=V1),
        order(1, amount="2.00", updated_at=V2),
        EARLY - timedelta(days=1),
        "updated",
        True,
    ),
    ("a value becomes empty", order(1), order(1, amount=None), LATE, "updated", True),
    ("a value is no longer empty", order(1, status=None), order(1), LATE, "updated", True),
    ("empty stays empty", order(1, status=None), order(1, status=None), LATE, "duplicate", True),
]


@pytest.mark.parametrize(("first", "second", "arrived", "verdict", "stands"), [case[1:] for case in SECOND_FILE],
                         ids=[case[0] for case in SECOND_FILE])  # fmt: skip
def test_a_row_meets_the_one_that_stands(
    first: dict[str, Any], second: dict[str, Any], arrived: datetime, verdict: str, stands: bool
) -> None:
    silver = Silver("orders")
    silver.take([File("orders", [first], key="orders/first.csv")])
    assert silver.take([File("orders", [second], key="orders/second.csv", arrived=arrived)]) == [
        verdicts(**{verdict: 1})
    ]
    standing = silver.tables[0].filter(pa.compute.field("order_id") == int(second["order_id"])).to_pylist()
    assert [row["_source_key"] == "orders/second.csv" for row in standing] == [stands]


def test_one_batch_has_one_winner_a_key() -> None:
    rows = [
        order(1, amount="1.00"),
        order(1, amount="2.00"),
        order(1, amount="3.00"),
        order(1, amount="3.00"),
        order(2, updated_at=V2),
        order(2, updated_at=V1, amount="9.00"),
    ]
    silver = Silver("orders")
    assert silver.take([File("orders", rows)]) == [verdicts(inserted=2, stale=3, duplicate=1)]
    assert [(row[0], str(row[2]), row[8]) for row in silver.state[0]] == [(1, "3.00", 4), (2, "1.00", 5)]


def test_a_repeat_changes_nothing() -> None:
    files = [File("orders", [order(1), order(1, amount="2.00"), order(2)])]
    silver = Silver("orders")
    silver.take(files)
    decision = merge.decide(shared_engine(), ORDERS.table, incoming(files), silver.tables[0])
    assert decision.changes_nothing
    assert decision.verdicts == {files[0].message.id: verdicts(duplicate=2, stale=1)}


def test_verdicts_are_counted_for_each_part() -> None:
    files = [
        File("orders", [order(1), order(2)], key="orders/a.csv"),
        File("orders", [order(1, amount="5.00")], key="orders/b.csv", arrived=LATE),
    ]
    decision = merge.decide(shared_engine(), ORDERS.table, incoming(files), Silver("orders").tables[0])
    assert decision.verdicts == {
        files[0].message.id: verdicts(stale=1, inserted=1),
        files[1].message.id: verdicts(inserted=1),
    }


def test_composite_keys_and_tables_without_a_version() -> None:
    silver = Silver("things")
    silver.take([File("things", [{"a": "x", "b": "1", "c": "p"}, {"a": "x", "b": "2", "c": "p"}])])
    again = File("things", [{"a": "x", "b": "2", "c": "q"}, {"a": "y", "b": "2", "c": "q"}], key="b", arrived=LATE)
    assert silver.take([again]) == [verdicts(updated=1, inserted=1)]
    assert [row[:3] for row in silver.state[0]] == [("x", 1, "p"), ("x", 2, "q"), ("y", 2, "q")]


def store(name: str, plans: str | None, **values: str) -> dict[str, str | None]:
    return {"store_id": name, "plans": plans, **values}


CHILD_CASES = [
    # (first array, second array, second file's arrival, verdicts about the second's elements, plans that stand)
    ("grows", '[{"planName":"a"}]', '[{"planName":"a"},{"planName":"b"}]', LATE, {"duplicate": 1, "inserted": 1}, "ab"),
    ("shrinks", '[{"planName":"a"},{"planName":"b"}]', '[{"planName":"b"}]', LATE, {"updated": 1}, "b"),
    ("becomes empty", '[{"planName":"a"}]', "[]", LATE, {}, ""),
    ("becomes null", '[{"planName":"a"}]', None, LATE, {}, ""),
    ("was empty", "[]", '[{"planName":"a"}]', LATE, {"inserted": 1}, "a"),
    ("is older", '[{"planName":"a"}]', '[{"planName":"b"}]', EARLY - timedelta(days=1), {"stale": 1}, "a"),
    (
        "is older and equal",
        '[{"planName":"a"}]',
        '[{"planName":"a"}]',
        EARLY - timedelta(days=1),
        {"duplicate": 1},
        "a",
    ),
    ("loses a bad element", '[{"planName":"a"}]', '[{"planName":"a"},7]', LATE, {"duplicate": 1}, "a"),
]


@pytest.mark.parametrize(("first", "second", "arrived", "expected", "plans"), [case[1:] for case in CHILD_CASES],
                         ids=[case[0] for case in CHILD_CASES])  # fmt: skip
def test_elements_follow_the_parent_row_that_stands(
    first: str, second: str | None, arrived: datetime, expected: dict[str, int], plans: str
) -> None:
    silver = Silver("stores")
    silver.take([File("stores", [store("s", first), store("other", '[{"planName":"z"}]')])])
    found = silver.take([File("stores", [store("s", second)], key="b", arrived=arrived)])
    assert found[1] == verdicts(**expected)
    assert "".join(row[3] for row in silver.state[1] if row[0] == "s") == plans
    assert [row[3] for row in silver.state[1] if row[0] == "other"] == ["z"]


def test_a_crash_between_parent_and_child_is_made_good() -> None:
    file = File("stores", [store("s", '[{"planName":"a"}]')])
    silver, clean = Silver("stores"), Silver("stores")
    silver.take([file])
    clean.take([file])
    silver.tables[1] = silver.tables[1].slice(0, 0)  # the child's commit never came
    silver.take([file])
    assert silver.state == clean.state


SMALL = st.integers(0, 3)
ORDER = st.builds(
    lambda number, amount, version: order(number, amount=f"{amount}.00", updated_at=version),
    SMALL,
    SMALL,
    st.sampled_from([None, V1, V2]),
)
STORE = st.builds(
    lambda name, plans, version: store(f"s{name}", str([{"planName": f"p{p}"} for p in plans]).replace("'", '"'),
                                       **({"updated_at": version} if version else {})),
    SMALL,
    st.lists(SMALL, max_size=3),
    st.sampled_from([None, V1, V2]),
)  # fmt: skip


@st.composite
def parts(draw: st.DrawFn, dataset: str, row: st.SearchStrategy[dict[str, str | None]]) -> list[File]:
    """A few object versions, some of them of one key or one moment, some in two parts."""
    files = []
    for version in range(draw(st.integers(1, 4))):
        rows = draw(st.lists(row, max_size=5))
        name = f"{dataset}/{draw(SMALL)}.csv"
        arrived = datetime(2024, 3, 1 + draw(SMALL), tzinfo=UTC)
        half = draw(st.integers(0, len(rows)))
        make = functools.partial(File, dataset, key=name, version=f"v{version}", arrived=arrived)
        files += [make(rows=rows[:half]), make(rows=rows[half:], part=1, first_row=half + 1)]
    return files


@st.composite
def deliveries(draw: st.DrawFn, files: list[File]) -> list[list[File]]:
    """The files in any order, some of them again, cut into batches; no batch has a part twice."""
    again = draw(st.lists(st.sampled_from(files), max_size=3))
    batches: list[list[File]] = []
    for file in draw(st.permutations([*files, *again])):
        if batches and file not in batches[-1] and draw(st.booleans()):
            batches[-1].append(file)
        else:
            batches.append([file])
    return batches


@pytest.mark.parametrize(("dataset", "row"), [("orders", ORDER), ("stores", STORE)])
def test_any_order_and_any_repetition_end_the_same(dataset: str, row: st.SearchStrategy[dict[str, str | None]]) -> None:
    @settings(max_examples=20)
    @given(data=st.data())
    def converge(data: st.DataObject) -> None:
        files = data.draw(parts(dataset, row))
        reference = Silver(dataset)
        reference.take(files)
        silver = Silver(dataset)
        for batch in data.draw(deliveries(files)):
            for place, counts in enumerate(silver.take(batch)):
                assert counts.total() == sum(typed(file)[place].good.num_rows for file in batch)
        assert silver.state == reference.state

    converge()
