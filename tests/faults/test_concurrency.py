"""Many at once: no row is lost, none is twice, and a reader never sees half of anything."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from watershed.backfill.bronze import Window
from watershed.backfill.run import Backfill
from watershed.clock import system_clock
from watershed.errors import QueryFailed
from watershed.gold.masking_key import MaskingKey
from watershed.gold.refresh import Refresher
from watershed.gold.runs import GoldFiles
from watershed.gold.tables import GoldTables
from watershed.names import Layer
from watershed.s3 import S3
from watershed.silver import commit

from tests.faults import writers
from tests.faults.writers import ARRIVAL, CATALOG, order, orders, put, silver, take, together, watched
from tests.unit.silver_lab import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.rig import Outcome, Rig
    from tests.faults.sweep import Sweep
    from tests.unit.silver_lab import File

WRITERS = 6
FILES = 3  # a writer
VERDICTS = ("inserted", "updated", "duplicate", "stale", "quarantined")


pytestmark = pytest.mark.slow  # `make faults`


@pytest.fixture
def rig(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(commit, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(commit, "_LONGEST_WAIT", 0.1)
    sweep.rig.wipe()
    yield sweep.rig
    sweep.rig.wipe()


def one_by_one(rig: Rig, files: list[File]) -> Outcome:
    """What the same files come to if there is one writer."""
    writer = silver(rig)
    for file in files:
        put(rig, file)
    take(writer, files)
    outcome = rig.outcome()
    rig.wipe()
    return outcome


def shares(rig: Rig, files: list[File], count: int = WRITERS) -> list[Callable[[], None]]:
    """Writers that are each to take their share of the files, which are put into bronze now."""
    silver(rig)  # makes the tables
    for file in files:
        put(rig, file)
    return [partial(take, silver(rig), files[start::count]) for start in range(count)]


@pytest.mark.parametrize("make", [writers.overlapping_orders, writers.overlapping_shops])
def test_many_writers_come_to_what_one_does(rig: Rig, make: Callable[[int, random.Random], list[File]]) -> None:
    files = make(WRITERS * FILES, random.Random(11))
    expected = one_by_one(rig, files)
    together(shares(rig, files))
    found = rig.outcome()
    assert found.silver == expected.silver
    assert all(set(merged.values()) <= {1} for merged in found.merged.values())
    entries = writers.ledger(rig)
    own = [entry for entry in entries if entry["table_name"] == files[0].dataset]
    for entry in entries:
        assert entry["rows_in"] == sum(entry[verdict] for verdict in VERDICTS)
    assert Counter(entry["batch_id"] for entry in own) == {file.message.batch_id: 1 for file in files}
    assert sum(entry["rows_in"] for entry in own) == sum(len(file.rows) for file in files)
    assert sum(entry["inserted"] for entry in own) == len(found.silver[files[0].dataset])


def test_a_reader_sees_all_of_a_file_or_nothing(rig: Rig) -> None:
    files = [
        orders(n, [order(10 * n + k, shop="s", amount="1.25", updated=n) for k in range(4)])
        for n in range(WRITERS * FILES)
    ]
    whole = {file.key: [4, 500] for file in files}

    def look() -> dict[str, list[Any]]:
        sql = "SELECT _source_key, count(*), CAST(sum(amount) * 100 AS bigint) FROM silver.orders GROUP BY _source_key"
        return {key: rest for key, *rest in rig.region.athena.typed_rows(sql)[1]}

    seen = watched(shares(rig, files), look)
    for before, now in zip([{}, *seen], seen, strict=False):
        assert before.items() <= now.items() <= whole.items()
    assert seen[-1] == whole
    assert any(0 < len(state) < len(whole) for state in seen)


def test_a_reader_sees_all_of_a_set_of_elements_or_another(rig: Rig) -> None:
    files = writers.overlapping_shops(WRITERS * FILES, random.Random(12))

    def look() -> list[list[Any]]:
        sql = (
            "SELECT shop_id, count(*), CAST(min(price) AS bigint), CAST(max(price) AS bigint) "
            "FROM silver.shop_plans GROUP BY shop_id"
        )
        return rig.region.athena.typed_rows(sql)[1]

    seen = watched(shares(rig, files), look)
    for _, count, lowest, highest in (row for state in seen for row in state):
        assert (lowest, count) == (highest, 1 + highest % 3)
    assert seen[-1]


def test_a_backfill_while_files_arrive(rig: Rig) -> None:
    """The backfill reads what silver has not merged yet as well; each may be first with a row, and it is there once."""
    files = writers.overlapping_orders(WRITERS * 2, random.Random(13))
    expected = one_by_one(rig, files)
    backfill = Backfill(rig.region.athena, CATALOG.contracts["orders"], rig.region.name, SETTINGS.jurisdiction)

    def again_until_done() -> None:
        for attempt in range(20):  # as its manual says: after a failure, run it again
            try:
                list(backfill.run(Window(ARRIVAL.date(), ARRIVAL.date())))
            except QueryFailed as error:
                assert error.code == "ICEBERG_COMMIT_ERROR", error  # noqa: PT017 - any other is a defect
                assert attempt < 19
            else:
                return

    together([*shares(rig, files, 3), again_until_done])
    assert rig.outcome().silver == expected.silver


def test_refreshes_at_once_while_silver_commits(rig: Rig) -> None:
    """Each file is a shop of its own: gold shows a shop whole or not at all, and never forgets one that it showed."""
    files = [
        orders(n, [order(10 * n + k, shop=f"{n:02}", amount="1.25", updated=n) for k in range(4)]) for n in range(8)
    ]
    whole = {(f"{n:02}", 4, 500) for n in range(8)}
    jobs = shares(rig, files, 2)
    refresher = Refresher(
        CATALOG.models,
        rig.region.athena,
        GoldTables(rig.region.client("glue")),
        GoldFiles(rig.region.client("s3"), SETTINGS.bucket(Layer.GOLD)),
        MaskingKey(S3(rig.region.client("s3")), SETTINGS.bucket(Layer.SILVER)),
        system_clock,
    )

    def refresh() -> None:
        for _ in range(4):
            refresher.refresh(["silver.orders"], date(2024, 3, 1))

    def look() -> set[tuple[Any, ...]]:
        sql = "SELECT shop_id, orders, CAST(revenue * 100 AS bigint) FROM gold.shop_orders"
        return {tuple(row) for row in rig.region.athena.typed_rows(sql)[1]}

    refresher.refresh([], date(2024, 3, 1))
    seen = watched([*jobs, refresh, refresh], look)
    for before, now in zip([set(), *seen], seen, strict=False):
        assert before <= now <= whole
    refresher.refresh(["silver.orders"], date(2024, 3, 1))
    assert look() == whole
