"""Which parts a rebuild takes in, how long it waits for them, and what the catalog shows at each step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import sqlglot
from watershed import names
from watershed.errors import CommitConflict, ConfigurationError, RebuildIncomplete
from watershed.messages import BronzePart
from watershed.rebuild.intake import Intake
from watershed.rebuild.parts import parts, routed
from watershed.rebuild.switch import Progress, Switch, unreferenced
from watershed.records import LedgerEntry, to_arrow

from tests.unit.silver_lab import NOON, ORDERS, SETTINGS, STORES, File, region
from tests.unit.test_silver_merge import order, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from watershed.contracts.model import Contract

    from tests.unit.silver_lab import Region

ID = "20240401t120000000000_00ff00ff"


def entry(batch: str, part: int = 0, rows: int = 1, **values: Any) -> LedgerEntry:
    """What bronze enters about a part; the dataset is `orders`."""
    given: dict[str, Any] = {
        "stage": "bronze",
        "table_name": "orders",
        "source_key": f"orders/{batch}.csv",
        "source_version": "v1",
        "source_name": "any",
        "contract_version": "1.0.0",
        "recorded_at": NOON,
        "rows_out": rows,
        **values,
    }
    return LedgerEntry(batch, part, **given)


@dataclass
class LedgerOnDuckDB:
    """Stands for Athena: asks DuckDB, which holds `ops.ledger`."""

    entries: list[LedgerEntry] = field(default_factory=list)

    def typed_rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """As `Athena.typed_rows`."""
        with duckdb.connect() as connection:
            ledger = to_arrow(LedgerEntry, self.entries).append_column("dataset", [["orders"] * len(self.entries)])
            connection.register("rows", ledger)
            connection.execute("CREATE SCHEMA ops; CREATE TABLE ops.ledger AS FROM rows")
            return [], connection.execute(sqlglot.transpile(sql, "athena", "duckdb")[0]).fetchall()


@dataclass
class Queue:
    """Silver's queue; what arrives is taken in at once, if `works`."""

    ledger: LedgerOnDuckDB
    works: bool = True
    sent: list[BronzePart] = field(default_factory=list)

    def announce(self, some: Sequence[BronzePart]) -> None:
        """As `SilverQueue.announce`."""
        self.sent += some
        if self.works:
            self.ledger.entries += [
                entry(each.batch_id, each.part, stage="silver", replay=each.replay, inserted=each.rows) for each in some
            ]


def intake(ledger: LedgerOnDuckDB, queue: Queue, sleep: Callable[[float], None] = lambda _: None) -> Intake:
    return Intake(
        athena=ledger,  # type: ignore[arg-type]
        queue=queue,  # type: ignore[arg-type]
        contract=ORDERS,
        contracts={"orders": ORDERS},
        region="eu-central-1",
        rebuild=ID,
        patience=60,
        sleep=sleep,
        say=lambda _: None,
    )


def found(*entries: LedgerEntry) -> list[tuple[str, int, int]]:
    return [(each.batch_id, each.part, each.rows) for each in parts(LedgerOnDuckDB([*entries]), "orders")]  # type: ignore[arg-type]


def test_parts_with_rows_are_found_in_the_order_in_which_their_files_came() -> None:
    later = entry("a", recorded_at=NOON + timedelta(days=1))
    silver = entry("d", stage="silver")
    assert found(later, entry("b", 1, rows=5), entry("b", 0, rows=0), entry("c"), silver) == [
        ("b", 1, 5),
        ("c", 0, 1),
        ("a", 0, 1),
    ]


def test_the_latest_pass_over_an_object_counts() -> None:
    """The first read two parts, the second one, and found another file refused."""
    assert found(
        entry("a", 0, 7),
        entry("a", 1, 7),
        entry("a", 0, 9, replay="r1"),
        entry("b", 0, 7),
        entry("b", 0, 0, replay="r1", rejected_file=True),
    ) == [("a", 0, 9)]


def test_a_part_is_announced_as_bronze_announced_it() -> None:
    file = File("orders", [order(1)])
    said = entry(file.message.batch_id, source_key=file.key)
    assert parts(LedgerOnDuckDB([said]), "orders") == [file.message]  # type: ignore[arg-type]


def sources(contract: Contract, *named: str, files: str = "*") -> Contract:
    source = contract.sources[0]
    return replace(contract, sources=tuple(replace(source, name=name, files=(files,)) for name in named))


def test_a_file_is_read_by_the_source_that_takes_it_now() -> None:
    part = File("orders", []).message
    now = sources(ORDERS, "new", "any")
    assert [each.source for each in routed([part], now, {"orders": now}, "eu-central-1")] == ["new"]
    none = sources(ORDERS, "any", files="other")
    assert [each.source for each in routed([part], none, {"orders": none}, "eu-central-1")] == ["any"]


def test_a_file_that_no_source_takes_any_more_is_named() -> None:
    now = sources(ORDERS, "new", files="other")
    with pytest.raises(ConfigurationError, match=r"No source of orders takes orders/a\.csv any more"):
        routed([File("orders", []).message], now, {"orders": now}, "eu-central-1")


def test_what_is_missing_is_sent_some_at_a_time_and_once() -> None:
    ledger = LedgerOnDuckDB([entry(f"{n:032}", part) for n in range(2) for part in range(40)])
    ledger.entries.append(entry(f"{0:032}", 3, stage="silver", replay=ID))
    queue = Queue(ledger)
    intake(ledger, queue).fill()
    assert len(queue.sent) == 79
    assert {(each.replay, each.into) for each in queue.sent} == {(ID, ID)}
    intake(ledger, queue).fill()
    assert len(queue.sent) == 79
    assert intake(ledger, queue).replay() == 0


def test_patience_ends_when_nothing_more_is_taken_in() -> None:
    ledger = LedgerOnDuckDB([entry("a"), entry("b")])
    queue, waited = Queue(ledger, works=False), []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            ledger.entries.append(entry("a", stage="silver", replay=ID))

    with pytest.raises(RebuildIncomplete, match=r"Missing: orders/b\.csv part 0\. Nothing.*--resume " + ID):
        intake(ledger, queue, sleep).fill()
    assert 60 <= sum(waited[3:]) < 75


# --- the catalog


@pytest.fixture
def lake() -> Iterator[Region]:
    with region(ORDERS, STORES) as lake:
        yield lake


FIRST = File("stores", [store("a", '[{"planName":"x"}]'), store("b", "[]")], key="stores/a.csv")
SECOND = File("stores", [store("c", '[{"planName":"z"}]')], key="stores/b.csv")


def filled(lake: Region, *files: File) -> Switch:
    """A rebuild that has taken the files in."""
    messages = [replace(lake.put(file), replay=ID, into=ID) for file in files]
    assert list(lake.silver.take("stores", messages)) == messages
    return Switch(lake.glue, lake.silver.lakehouse, STORES, ID)


def held(lake: Region, table: str) -> list[str]:
    return sorted(row["store_id"] for row in lake.rows(table))


def test_readers_see_the_old_tables_until_the_switch(lake: Region) -> None:
    lake.take(FIRST)
    switch = Switch(lake.glue, lake.silver.lakehouse, STORES, ID)
    assert switch.progress() is Progress.ABSENT
    filled(lake, FIRST, SECOND)
    assert switch.progress() is Progress.FILLING
    assert held(lake, "stores") == ["a", "b"]
    switch.switch_own(switch.version(STORES.table))
    assert switch.progress() is Progress.SWITCHING
    assert (held(lake, "stores"), held(lake, "store_plans")) == (["a", "b", "c"], ["a"])
    for _ in range(2):  # a repeat changes nothing
        switch.switch_children()
        assert held(lake, "store_plans") == ["a", "c"]
    for _ in range(2):
        switch.forget()
        assert switch.progress() is Progress.ABSENT
    assert held(lake, "stores") == ["a", "b", "c"]
    prefixes = unreferenced(lake.glue, lake.s3, SETTINGS.bucket(names.Layer.SILVER), "stores")
    assert prefixes == [f"s3://{SETTINGS.bucket(names.Layer.SILVER)}/stores/"]


def test_a_commit_in_between_makes_the_switch_fail(lake: Region) -> None:
    lake.take(FIRST)
    switch = filled(lake, FIRST)
    version = switch.version(STORES.table)
    lake.take(SECOND)
    with pytest.raises(CommitConflict, match=r"silver\.stores before it was switched"):
        switch.switch_own(version)
    assert held(lake, "stores") == ["a", "b", "c"]


def test_a_merge_that_began_before_the_switch_decides_anew_in_the_new_table(
    lake: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.take(FIRST)
    switch = filled(lake, FIRST)
    load = type(lake.silver.lakehouse).load
    switched: list[bool] = []

    def switch_once_loaded(self: Any, table: Any) -> Any:
        found = load(self, table)
        if table.name == "stores" and not switched:
            switched.append(True)
            switch.switch_own(switch.version(STORES.table))
            switch.switch_children()
        return found

    monkeypatch.setattr(type(lake.silver.lakehouse), "load", switch_once_loaded)
    lake.take(SECOND)
    assert switch.progress() is Progress.SWITCHING
    assert (held(lake, "stores"), held(lake, "store_plans")) == (["a", "b", "c"], ["a", "c"])


def test_tables_that_are_gone_are_not_switched(lake: Region) -> None:
    lake.take(FIRST)
    switch = Switch(lake.glue, lake.silver.lakehouse, STORES, ID)
    with pytest.raises(ConfigurationError, match="There is no table"):
        switch.switch_own(switch.version(STORES.table))
