"""A part that is settled stays so; what is taken again, whole or some rows of it, is accounted for apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from watershed.contracts.model import BadRows, Contract, Residency, Source
from watershed.errors import LedgerImbalance
from watershed.names import Layer
from watershed.reasons import Reason

from tests.unit.silver_lab import NOON, ORDERS, STORES, File, Region, region
from tests.unit.test_silver_merge import order, store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.messages import BronzePart


@pytest.fixture
def lake() -> Iterator[Region]:
    with region(ORDERS, STORES) as lake:
        yield lake


def under(lake: Region, contract: Contract) -> Region:
    """The region after a deployment of another contract."""
    return replace(lake, silver=replace(lake.silver, contracts={**lake.silver.contracts, contract.name: contract}))


GERMAN = replace(ORDERS, version="2.0.0", sources=(Source("any", decimal_mark=","),))
BORDERLESS = replace(ORDERS, version="2.0.0", residency=Residency(None))


def again(message: BronzePart, replayed: str, *only: int) -> BronzePart:
    return replace(message, replay=replayed, only=only)


def ledger(lake: Region, *names: str) -> list[tuple[Any, ...]]:
    entries = [entry for entry in lake.records(Layer.LEDGER) if "rows_in" in entry]
    return sorted(tuple(entry[name] for name in names) for entry in entries)


def open_rows(lake: Region) -> list[tuple[int, str]]:
    """Row number and reason of what is in quarantine and was not taken again since."""
    marks = [mark for mark in lake.records(Layer.LEDGER) if "rows_in" not in mark]

    def settled(row: dict[str, Any]) -> bool:
        return any(
            mark["batch_id"] == row["batch_id"]
            and mark["row_number"] in {None, row["row_number"]}
            and mark["replay"] > row["replay"]
            for mark in marks
        )

    return sorted((row["row_number"], row["reason"]) for row in lake.records(Layer.QUARANTINE) if not settled(row))


def amounts(lake: Region) -> dict[int, str]:
    return {row["order_id"]: str(row["amount"]) for row in lake.rows("orders")}


FILE = File("orders", [order(1, amount="1.00"), order(2, amount="2,00"), order(3, amount="3.00")])


def test_a_settled_part_is_not_taken_again_whatever_the_contract_says_now(lake: Region) -> None:
    """Else rows that the new contract finds good would leave quarantine, and go nowhere."""
    (message,) = lake.take(FILE)
    deployed = under(lake, GERMAN)
    assert list(deployed.silver.take("orders", [message])) == [message]
    assert amounts(lake) == {1: "1.00", 3: "3.00"}
    assert open_rows(lake) == [(2, Reason.INVALID_TYPE)]
    assert ledger(lake, "rows_in", "inserted", "quarantined") == [(3, 2, 1)]
    assert len(lake.refreshes) == 2


def test_a_part_that_was_committed_but_not_entered_keeps_its_quarantine(
    lake: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash between commit and ledger, with a deployment before the repeat."""
    with monkeypatch.context() as crash:
        crash.setattr("watershed.silver.accounts.Accounts.enter", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            lake.take(FILE)
    list(under(lake, GERMAN).silver.take("orders", [FILE.message]))
    assert open_rows(lake) == [(2, Reason.INVALID_TYPE)]
    assert ledger(lake, "contract_version", "rows_in", "inserted", "quarantined") == [("1.0.0", 3, 2, 1)]


@pytest.mark.parametrize(
    ("rows", "now", "held"),
    [
        ([order(2, amount="2,00")], GERMAN, []),
        ([order(2, amount="2,00"), order(3, country="US")], GERMAN, [(2, Reason.RESIDENCY_VIOLATION)]),
        ([order(2, amount="x"), order(3, country="US")], BORDERLESS, [(1, Reason.INVALID_TYPE)]),
        ([order(2, country="US")], BORDERLESS, []),
    ],
)
def test_what_was_held_back_before_a_crash_is_released_where_the_contract_of_now_takes_it(
    lake: Region,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[dict[str, Any]],
    now: Contract,
    held: list[tuple[int, str]],
) -> None:
    """Else a row would stand in silver and in quarantine."""
    file = File("orders", rows)
    with monkeypatch.context() as crash:
        crash.setattr("watershed.silver.merging.Merger.merge", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            lake.take(file)
    assert len(open_rows(lake)) > len(held)
    list(under(lake, now).silver.take("orders", [file.message]))
    assert open_rows(lake) == held
    (entry,) = ledger(lake, "rows_in", "inserted", "quarantined")
    assert entry == (len(rows), len(rows) - len(held), len(held))


def dearer(contract: Contract, version: str) -> Contract:
    """The contract, with plans that cost a hundred at least."""
    own, plans = contract.tables
    columns = tuple(replace(each, minimum="100") if each.name == "price" else each for each in plans.columns)
    return replace(contract, version=version, tables=(own, replace(plans, columns=columns)))


@pytest.mark.parametrize(
    ("first", "then", "held"),
    [
        (STORES, dearer(STORES, "2.0.0"), [(1, Reason.OUT_OF_RANGE), (2, Reason.MISSING_VALUE)]),
        (dearer(STORES, "1.0.0"), replace(STORES, version="2.0.0"), [(2, Reason.MISSING_VALUE)]),
    ],
    ids=["stricter", "looser"],
)
def test_elements_are_held_back_by_the_contract_under_which_their_table_is_committed(
    lake: Region, monkeypatch: pytest.MonkeyPatch, first: Contract, then: Contract, held: list[tuple[int, str]]
) -> None:
    """Silver dies between parent and child. Else an element would be in neither silver nor quarantine, or in both."""
    file = File("stores", [store("s", '[{"price":"1"}]'), store("", "[]")])
    with monkeypatch.context() as crash:
        crash.setattr(
            "watershed.silver.merging.Merger._merge_child", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            under(lake, first).take(file)
    list(under(lake, then).silver.take("stores", [file.message]))
    assert open_rows(lake) == held
    assert len(lake.rows("stores")) == 1
    assert len(lake.rows("store_plans")) == 2 - len(held)
    assert ledger(lake, "table_name", "rows_in", "inserted", "quarantined") == [
        ("store_plans", 1, 2 - len(held), len(held) - 1),
        ("stores", 2, 1, 1),
    ]


def test_rows_are_replayed_under_the_contract_of_now(lake: Region) -> None:
    (message,) = lake.take(FILE)
    deployed = under(lake, GERMAN)
    replayed = [again(message, "r1", 2)]
    for _ in range(2):  # a repeat changes nothing
        assert list(deployed.silver.take("orders", replayed)) == replayed
        assert amounts(lake) == {1: "1.00", 2: "2.00", 3: "3.00"}
        assert open_rows(lake) == []
        assert ledger(lake, "replay", "contract_version", "rows_in", "inserted", "quarantined") == [
            ("", "1.0.0", 3, 2, 1),
            ("r1", "2.0.0", 1, 1, 0),
        ]


def test_a_row_that_is_refused_again_is_held_back_once(lake: Region) -> None:
    (message,) = lake.take(FILE)
    for replayed in ("r1", "r2"):
        list(lake.silver.take("orders", [again(message, replayed, 2)]))
    assert sorted(row["replay"] for row in lake.records(Layer.QUARANTINE)) == ["", "r1", "r2"]
    assert open_rows(lake) == [(2, Reason.INVALID_TYPE)]


def test_a_whole_part_read_again_replaces_what_it_was(lake: Region) -> None:
    """Amounts such as 1.00 mean something else, or nothing, where the decimal mark is a comma."""
    (message,) = lake.take(File("orders", [order(1, amount="1"), order(2, amount="2,00"), order(3, amount="7")]))
    tenfold = replace(GERMAN, sources=(Source("any", decimal_mark=",", null_values=("", "7")),))
    list(under(lake, tenfold).silver.take("orders", [again(message, "r1")]))
    assert amounts(lake) == {1: "1.00", 2: "2.00", 3: "None"}
    assert ledger(lake, "replay", "inserted", "updated", "duplicate", "quarantined") == [
        ("", 2, 0, 0, 1),
        ("r1", 1, 1, 1, 0),
    ]
    assert open_rows(lake) == []


def test_a_row_read_again_as_an_older_one_gives_way(lake: Region) -> None:
    """The row that stands is what it is now read as, so another of the same part may stand."""
    march = order(1, amount="1", updated_at="2024-03-01 00:00:00")
    february = order(1, amount="2", updated_at="2024-02-04 00:00:00")
    (message,) = lake.take(File("orders", [march, february]))
    assert amounts(lake) == {1: "1.00"}
    american = replace(ORDERS, version="2", sources=(Source("any", timestamp_formats=("%Y-%d-%m %H:%M:%S",)),))
    list(under(lake, american).silver.take("orders", [again(message, "r1")]))
    assert amounts(lake) == {1: "2.00"}


def test_elements_held_back_come_with_the_replay_of_their_row(lake: Region) -> None:
    row = store("a", plans='[{"price": "1", "planName": "x"}, {"price": "2,5", "planName": "y"}]')
    (message,) = lake.take(File("stores", [row], key="stores/a.jsonl"))
    assert [each["position"] for each in lake.rows("store_plans")] == [1]
    comma = replace(STORES, version="2", sources=(Source("any", decimal_mark=","),))
    list(under(lake, comma).silver.take("stores", [again(message, "r1", 1)]))
    assert [str(each["price"]) for each in lake.rows("store_plans")] == ["1.00", "2.50"]
    assert open_rows(lake) == []


def test_a_replay_and_newer_rows_end_alike_in_any_order() -> None:
    newer = File("orders", [order(2, amount="9.00", updated_at="2024-03-09 00:00:00")], key="orders/b.csv")
    tables = []
    for late in (False, True):
        with region(ORDERS, STORES) as lake:
            (message,) = lake.take(FILE)
            replayed = under(lake, GERMAN), [again(message, "r1", 2)]
            if not late:
                list(replayed[0].silver.take("orders", replayed[1]))
            lake.take(replace(newer, arrived=NOON + timedelta(hours=1)))
            if late:
                list(replayed[0].silver.take("orders", replayed[1]))
            tables.append(amounts(lake))
    assert tables == [{1: "1.00", 2: "9.00", 3: "3.00"}] * 2


def test_a_rebuild_fills_tables_beside_those_that_readers_see(lake: Region) -> None:
    (message,) = lake.take(FILE)
    rebuilt = replace(message, replay="r1", into="r1")
    list(under(lake, GERMAN).silver.take("orders", [rebuilt, again(message, "r2", 2)]))
    assert amounts(lake) == {1: "1.00", 2: "2.00", 3: "3.00"}
    beside = lake.silver.lakehouse.beside("r1").load(ORDERS.table)
    assert beside.name() == ("silver", "orders__r1")
    assert sorted(beside.scan().to_arrow()["order_id"].to_pylist()) == [2]  # 1.00 and 3.00 have no comma
    assert len(lake.refreshes) == 2


@pytest.mark.parametrize("change", [{"rows": 4}, {"rows": 2}, {"only": (2, 7), "replay": "r1"}])
def test_a_part_that_is_not_what_was_announced_is_not_taken(lake: Region, change: dict[str, Any]) -> None:
    message = replace(lake.put(FILE), **change)
    with pytest.raises(LedgerImbalance, match="Nothing was committed"):
        list(lake.silver.take("orders", [message]))
    assert ledger(lake, "rows_in") == []


def test_a_part_with_too_many_bad_rows_is_held_back_whole_and_can_be_replayed(
    lake: Region, caplog: pytest.LogCaptureFixture
) -> None:
    strict = replace(ORDERS, bad_rows=BadRows(share="0.5", at_least=3))
    deployed = under(lake, strict)
    half = File("orders", [order(1), order(2, status="x")], key="orders/small.csv")
    wrong = File("orders", [order(4), order(5, status="x"), order(6, status="y")], key="orders/wrong.csv")
    _, message = deployed.take(half, wrong)
    assert sorted(amounts(lake)) == [1]  # the small file has too few rows to tell
    assert open_rows(lake) == [
        (1, Reason.BATCH_STOPPED),
        (2, Reason.INVALID_VALUE),
        (2, Reason.INVALID_VALUE),
        (3, Reason.INVALID_VALUE),
    ]
    assert ledger(lake, "rows_in", "inserted", "quarantined") == [(2, 1, 1), (3, 0, 3)]
    assert [record.alarm for record in caplog.records if hasattr(record, "alarm")] == ["batch_stopped"]
    list(deployed.silver.take("orders", [again(message, "r1", 1)]))
    assert sorted(amounts(lake)) == [1, 4]
    assert (1, Reason.BATCH_STOPPED) not in open_rows(lake)


def test_whether_a_replay_is_stopped_is_told_by_the_whole_part(lake: Region) -> None:
    """What is replayed was bad before. If some of it still is, that does not make the file a wrong one."""
    strict = replace(ORDERS, bad_rows=BadRows(share="0.5", at_least=2))
    bad = [order(3, amount="2,00"), order(4, amount="1", status="x"), order(5, amount="1", status="y")]
    rows = [order(1, amount="1"), order(2, amount="1"), *bad]
    (message,) = under(lake, replace(ORDERS, bad_rows=None)).take(File("orders", rows))
    assert open_rows(lake) == [(3, Reason.INVALID_TYPE), (4, Reason.INVALID_VALUE), (5, Reason.INVALID_VALUE)]
    mended = replace(strict, version="2.0.0", sources=GERMAN.sources)
    list(under(lake, mended).silver.take("orders", [again(message, "r1", 3, 4, 5)]))
    assert amounts(lake)[3] == "2.00"
    assert open_rows(lake) == [(4, Reason.INVALID_VALUE), (5, Reason.INVALID_VALUE)]
    stricter = replace(mended, version="3.0.0", bad_rows=BadRows(share="0.3", at_least=2))
    list(under(lake, stricter).silver.take("orders", [again(message, "r2", 3, 4, 5)]))
    assert (3, Reason.BATCH_STOPPED) in open_rows(lake)


def test_elements_of_a_stopped_part_are_in_quarantine_with_their_rows(lake: Region) -> None:
    strict = replace(STORES, bad_rows=BadRows(share="0.1", at_least=1))
    rows = [store("a", plans='[{"price": "1"}]'), store("b", plans="[1"), store("c", plans='[{"price": "z"}]')]
    under(lake, strict).take(File("stores", rows, key="stores/a.jsonl"))
    assert lake.rows("stores") == lake.rows("store_plans") == []
    assert [number for number, _ in open_rows(lake)] == [1, 2, 3]
    assert ledger(lake, "table_name", "rows_in", "quarantined") == [("store_plans", 0, 0), ("stores", 3, 3)]
