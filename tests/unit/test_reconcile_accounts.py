"""What a recount is compared with: the accounts of the first pass, and each object's parts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from watershed import names, records
from watershed.athena import Athena
from watershed.contracts.model import Column, Kind, Table
from watershed.listing import Listing
from watershed.names import Stage
from watershed.object_version import ObjectVersion
from watershed.reconcile import accounts, footers, money
from watershed.reconcile.accounts import Entry
from watershed.reconcile.compare import Comparison, Evidence
from watershed.reconcile.objects import Days, State, is_done, known
from watershed.reconcile.recount import PartCount, Recount, TableCount
from watershed.replay.held import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RAW = ObjectVersion("raw", "orders/a.csv", "v1", 9, NOON)
BATCH = names.batch_id("raw", "orders/a.csv", "v1")
PLAIN = Entry(
    dataset="orders", batch_id=BATCH, part=0, stage=Stage.BRONZE, table_name="orders", source_key=RAW.key,
    source_version=RAW.version, contract_version="2.0.0", recorded_at=NOON, rows_read=12, rows_out=10, malformed=2,
    rejected_file=False, rows_in=0, inserted=0, updated=0, duplicate=0, stale=0, quarantined=0, control_sums="{}",
)  # fmt: skip
SILVER = replace(
    PLAIN, stage=Stage.SILVER, rows_read=0, rows_out=0, malformed=0, rows_in=10, inserted=4, updated=1, duplicate=2,
    stale=2, quarantined=1, control_sums='{"amount": "10.50"}',
)  # fmt: skip
RECOUNT = Recount((PartCount(10, 2, (TableCount("orders", 10, 1, {"amount": Decimal("10.5")}),)),))
OLD = {"contract_version": "1.0.0"}
STAGES = (Stage.BRONZE.value, Stage.SILVER.value)


def differences(
    ledger: Sequence[Entry] = (PLAIN, SILVER),
    recount: Recount = RECOUNT,
    bronze: dict[int, int] | None = None,
    held: dict[str, int] | None = None,
) -> list[str]:
    (each,) = known("orders", [RAW], ledger, Days())
    counted = Counter({"bronze": 2, "silver": 1} if held is None else held)
    evidence = Evidence(each, recount, {0: 10} if bronze is None else bronze, counted)
    return [str(found) for found in Comparison("orders", "2.0.0", ("orders",)).differences(evidence)]


def test_equal_accounts_have_no_differences() -> None:
    assert differences() == []


def test_another_contracts_counts_are_compared_in_rows_in_only() -> None:
    old = replace(SILVER, **OLD, inserted=0, quarantined=5, control_sums="{}")  # type: ignore[arg-type]
    assert differences([PLAIN, old]) == []
    (found,) = differences([PLAIN, replace(old, rows_in=9)])
    assert "rows in, by silver's ledger. Expected 10, found 9" in found
    assert differences([replace(PLAIN, **OLD, rows_out=8), old], bronze={0: 8}) == []  # type: ignore[arg-type]
    (found,) = differences([replace(PLAIN, **OLD, rows_out=8), old])  # type: ignore[arg-type]
    assert "rows in bronze's part. Expected 8, found 10" in found


def test_what_another_dataset_made_is_compared_in_rows_only_whatever_its_contracts_version() -> None:
    """It took the file when it came: to delete its entries, or to enter them again, would be wrong."""
    others = [replace(each, dataset="lists", table_name="lists") for each in (PLAIN, SILVER)]
    assert differences(others) == []
    (found,) = differences(others, bronze={})
    assert "rows in bronze's part. Expected 10, found no object" in found


def test_what_the_file_does_not_have_is_named() -> None:
    found = differences([PLAIN, replace(PLAIN, part=1), SILVER], bronze={0: 10, 1: 3})
    assert [line.partition(". ")[0] for line in found] == [
        "orders/a.csv (version v1), part 1, orders: bronze's ledger entries",
        "orders/a.csv (version v1), part 1: bronze's parts",
    ]


def test_what_is_to_be_written_again_is_taken_out_of_the_ledger_first() -> None:
    """Else bronze would only tell silver again of the file, and silver would leave the part."""
    bronze, silver = (replace(each, part=1) for each in (PLAIN, SILVER))
    two, both = Recount(RECOUNT.parts * 2), {0: 10, 1: 10}
    held = {"bronze": 4, "silver": 2}
    found = [
        *differences([PLAIN, SILVER, bronze, silver], two, {0: 10}, held),
        *differences([PLAIN, SILVER, silver], two, both, held),
        *differences([PLAIN, SILVER, bronze, silver], two, both, {"bronze": 3, "silver": 2}),
        *differences([PLAIN, SILVER, bronze, replace(silver, rows_in=9)], two, both, held),
    ]
    ends = ["00000-bronze", "00000-bronze", "00000-bronze", "00001-silver"]
    assert [line.partition(" found ")[2].partition(". ")[2].partition(" from")[0] for line in found] == [
        f"Delete ledger/dataset=orders/ingest_date=2026-03-01/{BATCH}-{end}.parquet" for end in ends
    ]


def test_a_file_that_is_refused_is_one_row_in_quarantine() -> None:
    refused = replace(PLAIN, rows_read=0, rows_out=0, malformed=0, rejected_file=True)
    assert differences([refused], Recount(rejected=True), {}, {"bronze": 1}) == []
    (found,) = differences([refused], Recount(rejected=True), {}, {})
    assert "rows held back by bronze. Expected 1, found 0" in found


def test_of_a_file_that_was_refused_and_taken_later_only_silvers_rows_are_compared() -> None:
    """The later pass has entries and quarantine of its own."""
    refused = replace(PLAIN, **OLD, rows_read=0, rows_out=0, malformed=0, rejected_file=True)  # type: ignore[arg-type]
    assert differences([refused], held={"bronze": 1}) == []


def test_an_object_is_done_when_silver_has_every_part() -> None:
    assert is_done([PLAIN, SILVER])
    assert not is_done([PLAIN])
    assert not is_done([PLAIN, SILVER, replace(PLAIN, part=1)])
    assert not is_done([])
    assert is_done([replace(PLAIN, rows_out=0)])


def test_a_child_table_that_the_contract_got_since_leaves_what_was_done_done() -> None:
    """Parts of before have no entry for it, nor will a backfill enter one in their first pass."""
    bronze, own = replace(PLAIN, **OLD), replace(SILVER, **OLD)  # type: ignore[arg-type]
    (each,) = known("orders", [RAW], [bronze, own], Days())
    assert each.state is State.RECOUNTED
    lines = TableCount("order_lines", 3, 0, {})
    recount = Recount((PartCount(10, 2, (*RECOUNT.parts[0].tables, lines)),))
    evidence = Evidence(each, recount, {0: 10}, Counter({"bronze": 2, "silver": 1}))
    assert Comparison("orders", "2.0.0", ("orders", "order_lines")).differences(evidence) == []


def test_objects_are_in_the_order_in_which_they_arrived() -> None:
    """By time, key and version, as rows are; S3 lists finer times than bronze notes."""
    second = NOON.replace(microsecond=500_000)
    raw = [
        ObjectVersion("raw", "b", "1", 1, NOON),
        ObjectVersion("raw", "a", "2", 1, second),
        ObjectVersion("raw", "a", "1", 1, second),
        ObjectVersion("raw", "z", "1", 1, NOON.replace(hour=11)),
    ]
    gone = replace(PLAIN, batch_id="gone", source_key="aa")
    found = known("orders", raw, [gone, replace(gone, batch_id="other", dataset="unknown")], Days())
    assert [(each.version.key, each.version.version) for each in found] == [
        ("z", "1"), ("a", "1"), ("a", "2"), ("aa", "v1"), ("b", "1"),
    ]  # fmt: skip
    assert [each.state for each in found if each.in_raw] == [State.PENDING] * 4
    assert [each.state for each in found if not each.in_raw] == [State.SETTLED]


def test_later_passes_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def typed_rows(_: Athena, sql: str) -> tuple[list[str], list[list[Any]]]:
        asked.append(sql)
        return [], []

    monkeypatch.setattr(Athena, "typed_rows", typed_rows)
    athena = Athena(None, "none")
    monkeypatch.setattr(records, "glue_columns", lambda _: [("batch_id", "string"), ("replay", "string")])
    accounts.entries(athena, "orders")
    accounts.held(athena, "orders")
    assert all("COALESCE(\"replay\", '') = ''" in sql and "dataset = 'orders'" in sql for sql in asked)
    monkeypatch.setattr(records, "glue_columns", lambda _: [("batch_id", "string")])
    accounts.entries(athena, "orders")
    assert "replay" not in asked[-1]


def test_only_what_is_held_still_excuses_a_missing_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that was taken again is in quarantine's files for ever; if silver lost it since, that must be told."""
    asked: list[str] = []

    def typed_rows(_: Athena, sql: str) -> tuple[list[str], list[list[Any]]]:
        asked.append(sql)
        rows = [{**dict.fromkeys(ROW), "batch_id": BATCH, "row_number": 3, "stage": stage} for stage in STAGES]
        return [*ROW], [[*row.values()] for row in rows]

    monkeypatch.setattr(Athena, "typed_rows", typed_rows)
    assert accounts.held_rows(Athena(None, "none"), "orders") == [(BATCH, 3)]
    assert "ops.replays" in asked[0]


def test_sums_are_exact_beyond_a_single_columns_digits() -> None:
    table = Table("t", (Column("amount", Kind.DECIMAL, precision=38, scale=2, money=True),), ("amount",))
    largest = Decimal("9" * 36 + ".99")
    rows = pa.table({"amount": pa.array([largest, None, Decimal("0.01")], pa.decimal128(38, 2))})
    assert money.sums(table, rows) == {"amount": Decimal("1" + "0" * 36)}
    twice = money.total(table, [money.sums(table, rows)] * 2)
    assert twice == {"amount": Decimal("2" + "0" * 36)}
    assert money.sums(table, rows.slice(0, 0)) == {"amount": Decimal(0)}


def test_parts_are_known_by_their_names() -> None:
    key = names.bronze_key("orders", NOON, BATCH, 3)
    assert footers.by_batch([key, "orders/notes.txt"]) == {BATCH: {3: key}}


def test_listings_go_on_page_by_page() -> None:
    class Paged:
        """Two pages each."""

        def list_object_versions(self, **request: Any) -> dict[str, Any]:
            found = {"Key": "a", "VersionId": "1", "Size": 1, "LastModified": NOON}
            if "KeyMarker" in request:
                assert (request["KeyMarker"], request["VersionIdMarker"]) == ("a", "1")
                return {"Versions": [found | {"VersionId": "2"}], "DeleteMarkers": [found], "IsTruncated": False}
            return {"Versions": [found], "IsTruncated": True, "NextKeyMarker": "a", "NextVersionIdMarker": "1"}

        def list_objects_v2(self, **request: Any) -> dict[str, Any]:
            if request.get("ContinuationToken") == "on":
                return {"Contents": [{"Key": "b"}], "IsTruncated": False}
            return {"Contents": [{"Key": "a"}], "IsTruncated": True, "NextContinuationToken": "on"}

        def head_object(self, **request: Any) -> dict[str, Any]:
            raise AssertionError(request)

    assert [each.version for each in Listing(Paged()).versions("raw")] == ["1", "2"]
    assert list(Listing(Paged()).keys("bronze", "")) == ["a", "b"]
