"""A backfill is done when the ledger says so: what is missing is found and named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from watershed.backfill import check
from watershed.backfill.bronze import Window
from watershed.backfill.check import Entry, Missing
from watershed.backfill.raw import RawObject
from watershed.backfill.sql import DIALECT
from watershed.names import Stage

ONE, TWO = (RawObject(datetime(2026, 3, day, tzinfo=UTC), "raw", f"orders/{day}.csv", "v", 1) for day in (1, 2))


def bronze(of: RawObject, part: int = 0, rows_out: int = 10, **counts: Any) -> Entry:
    return Entry(of.batch_id, part, "bronze", "orders", rows_out=rows_out, **counts)


def silver(of: RawObject, part: int = 0, table: str = "orders", **counts: Any) -> Entry:
    return Entry(of.batch_id, part, "silver", table, **counts)


def test_all_is_well_when_each_part_is_in_silver() -> None:
    assert check.missing([ONE], [bronze(ONE, 0), bronze(ONE, 1), silver(ONE, 0), silver(ONE, 1)]) == []


def test_an_object_that_bronze_did_not_enter_is_named() -> None:
    assert check.missing([ONE, TWO], [bronze(ONE), silver(ONE)]) == [Missing(TWO, Stage.BRONZE)]


def test_a_part_that_silver_did_not_enter_is_named() -> None:
    entries = [bronze(ONE, 0), bronze(ONE, 1), silver(ONE, 0), bronze(TWO, 1), silver(TWO, 1)]
    assert check.missing([ONE, TWO], entries) == [Missing(ONE, Stage.SILVER, (1,))]


def test_a_part_without_good_rows_never_reaches_silver() -> None:
    refused = Entry(TWO.batch_id, 0, "bronze", "orders", rejected_file=True)
    entries = [bronze(ONE, rows_out=0, malformed=3), refused]
    assert check.missing([ONE, TWO], entries) == []
    assert check.refused(entries) == 1


def test_silvers_entry_alone_does_not_stand_for_bronzes() -> None:
    assert check.missing([ONE], [silver(ONE)]) == [Missing(ONE, Stage.BRONZE)]


def test_outcomes_are_summed_by_table_and_count_what_bronze_held_back() -> None:
    entries = [
        bronze(ONE, malformed=2),
        silver(ONE, rows_in=10, inserted=1, updated=2, duplicate=3, quarantined=4),
        silver(TWO, rows_in=5, stale=5),
        silver(TWO, table="lines", rows_in=7, inserted=7),
    ]
    found = {
        name: {each: count for each, count in counts.items() if count}
        for name, counts in check.outcomes(entries).items()
    }
    assert found == {
        "orders": {"rows": 17, "inserted": 1, "updated": 2, "duplicate": 3, "stale": 5, "quarantined": 6},
        "lines": {"rows": 7, "inserted": 7},
    }


def test_the_question_is_about_one_replay_in_its_days() -> None:
    text = check.query("orders", Window(date(2026, 3, 1), date(2026, 3, 2)), "it's").sql(DIALECT)
    assert "replay = 'it''s'" in text
    assert "dataset = 'orders'" in text
    assert "'2026-03-01'" in text
    assert "'2026-03-02'" in text


def test_rows_of_athena_become_entries() -> None:
    row = [ONE.batch_id, 0, "silver", "orders", "1.0.0", 0, 0, False, 6, 1, 1, 1, 1, 2]
    (entry,) = check.read([row])
    assert entry == silver(
        ONE, contract_version="1.0.0", rows_in=6, inserted=1, updated=1, duplicate=1, stale=1, quarantined=2
    )
