"""The sample data is what it claims: read back here without the lake's own readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from watershed.contracts.model import Contract, Source
from watershed.contracts.odcs import read_contracts
from watershed.errors import ConfigurationError
from watershed.names import source_column
from watershed.reasons import Reason

from local import sample
from local.sample import SampleFile
from local.sample.dice import Dice, pick

ROOT = Path(__file__).parents[2]
ROWS = 1000
REGIONS = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["watershed"]["regions"]


@dataclass(frozen=True)
class Read:
    """A file as a plain reader sees it: its header and its records, each a list of fields."""

    file: SampleFile
    source: Source
    header: list[str]
    records: list[list[Any]]

    @property
    def sound(self) -> list[dict[str, Any]]:
        """The records that have as many fields as the header, by our column's names."""
        places = {column: i for i, name in enumerate(self.header) for column in self.columns_called(name)}
        rows = [record for record in self.records if len(record) == len(self.header)]
        return [{column: row[place] for column, place in places.items()} for row in rows]

    def columns_called(self, name: str) -> list[str]:
        """Our columns that a header's name stands for."""
        renamed = [column for column, names in self.source.columns.items() if source_column(name) in names]
        plain = source_column(name)
        return renamed or ([plain] if plain not in self.source.columns else [])


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return read_contracts(ROOT / "layers" / "lake" / "contracts")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[SampleFile]:
    return sample.write(tmp_path_factory.mktemp("sample"), ROWS)


@pytest.fixture(scope="module")
def reads(files: list[SampleFile], contracts: dict[str, Contract]) -> list[Read]:
    return [read_back(file, contracts[file.dataset]) for file in files]


def read_back(file: SampleFile, contract: Contract) -> Read:
    source = contract.source_for(file.region, file.path.name)
    assert source is not None
    if file.path.suffix == ".parquet":
        table = pq.read_table(file.path)
        return Read(file, source, table.column_names, [list(row.values()) for row in table.to_pylist()])
    data = file.path.read_bytes()
    if file.path.suffix == ".gz":
        data = gzip.decompress(data)
    elif file.path.suffix == ".zst":
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            data = stream.read()
    text = data.decode(source.encoding).removeprefix("\ufeff")
    if file.path.suffix == ".jsonl":
        return read_json_lines(file, source, text)
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter, strict=True))
    return Read(file, source, records[0] if records else [], records[1:])


def read_json_lines(file: SampleFile, source: Source, text: str) -> Read:
    records: list[list[Any]] = []
    header: list[str] = []
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            records.append([])
            continue
        header = list(record)
        records.append(list(record.values()))
    return Read(file, source, header, records)


def all_sound(reads: list[Read], region: str, dataset: str) -> list[dict[str, Any]]:
    return [row for it in reads if (it.file.region, it.file.dataset) == (region, dataset) for row in it.sound]


def is_number(text: Any) -> bool:
    return str(text).isdecimal()


def test_every_region_sends_every_dataset(files: list[SampleFile]) -> None:
    sent = defaultdict(set)
    for file in files:
        sent[file.region].add(file.dataset)
        assert file.path.parts[-3:-1] == (file.region, file.dataset)
    datasets = {"customers", "products", "transactions", "conversations", "stores"}
    assert dict(sent) == dict.fromkeys(REGIONS, datasets)


def test_rows_are_counted_as_they_stand_in_the_files(reads: list[Read]) -> None:
    for it in reads:
        torn = [record for record in it.records if len(record) != len(it.header)]
        expected = it.file.expected
        assert (expected.rows, expected.malformed) == (len(it.records), len(torn)), it.file.path


def test_orders_are_as_many_as_asked_for(files: list[SampleFile]) -> None:
    for region in REGIONS:
        mine = [file for file in files if file.region == region]
        keys = {d: sum(f.expected.new_keys for f in mine if f.dataset == d) for d in ("transactions", "customers")}
        assert keys == {"transactions": ROWS, "customers": ROWS // 5}


def test_a_key_is_new_once_and_where_it_is_first_delivered(reads: list[Read]) -> None:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    last = {"transactions": ROWS, "customers": ROWS // 5, "products": ROWS // 20}
    for it in reads:
        if it.file.dataset not in last:
            continue
        key = f"{it.file.dataset[:-1]}_id"
        numbers = {str(row[key]) for row in it.sound if is_number(row[key]) and int(row[key]) <= last[it.file.dataset]}
        new = numbers - seen[it.file.region, it.file.dataset]
        assert it.file.expected.new_keys == len(new), it.file.path
        seen[it.file.region, it.file.dataset] |= new


def test_every_column_of_the_contract_is_there_under_a_name_it_knows(
    reads: list[Read], contracts: dict[str, Contract]
) -> None:
    unknown = set()
    for it in reads:
        contract = contracts[it.file.dataset]
        wanted = {column.name for column in contract.table.columns} | {str(c.explode) for c in contract.children}
        wanted -= {"deleted_at"}  # only webhooks tell of deletions
        found = {column for name in it.header for column in it.columns_called(name)}
        assert not it.header or wanted <= found, it.file.path
        unknown |= {(it.file.region, name) for name in found - wanted}
    assert {region for region, _ in unknown} == set(REGIONS), "each region has a column that no contract knows"


def test_each_reason_is_met_in_each_region(files: list[SampleFile]) -> None:
    per_row = {
        Reason.MISSING_VALUE,
        Reason.INVALID_TYPE,
        Reason.OUT_OF_RANGE,
        Reason.INVALID_VALUE,
        Reason.INVALID_JSON,
        Reason.RESIDENCY_VIOLATION,
    }
    for region in REGIONS:
        assert {reason for file in files if file.region == region for reason in file.expected.quarantined} == per_row
        assert sum(file.expected.malformed for file in files if file.region == region) > 0


def test_rows_from_abroad_are_expected_to_be_held(reads: list[Read]) -> None:
    for it in reads:
        countries = [row["country"] for row in it.sound if "country" in row]
        abroad = [country for country in countries if country not in REGIONS[it.file.region]["jurisdiction"]]
        assert len(abroad) == it.file.expected.quarantined.get(Reason.RESIDENCY_VIOLATION, 0), it.file.path


def plain_number(text: str, source: Source) -> str:
    return text.replace(source.thousands_mark, "").replace(source.decimal_mark, ".")


def test_amounts_read_as_the_source_declares_but_for_the_expected(reads: list[Read]) -> None:
    for it in reads:
        if it.file.dataset != "transactions":
            continue
        held = it.file.expected.quarantined
        totals, prices = (
            [plain_number(row[name], it.source) for row in it.sound] for name in ("total_amount", "price")
        )
        not_amounts = [text for text in totals if not text.replace(".", "", 1).isdecimal()]
        fine = [text for text in prices if Decimal(text) != Decimal(text).quantize(Decimal("0.01"))]
        assert len(not_amounts) + len(fine) == held[Reason.OUT_OF_RANGE] + 1, it.file.path
        for total, price in zip(totals, prices, strict=True):
            if total not in not_amounts and price not in fine:
                assert Decimal(total) % Decimal(price) == 0, "the total is so many times the price"


def moments(it: Read, column: str) -> list[datetime]:
    found = []
    for row in it.sound:
        for text in it.source.timestamp_formats:
            try:
                found.append(datetime.strptime(row[column], text))  # noqa: DTZ007 - local times, as written
            except ValueError:
                continue
            break
    return found


def test_times_read_as_the_source_declares_but_for_the_expected(reads: list[Read]) -> None:
    for it in reads:
        if it.file.dataset == "transactions":
            # One order date in so many is the 31st of February.
            unreadable = len(it.sound) - len(moments(it, "order_date"))
            assert unreadable == it.file.expected.quarantined[Reason.INVALID_TYPE] - 1


@pytest.mark.parametrize(
    ("region", "skipped", "repeated"),
    [
        ("eu-central-1", datetime.fromisoformat("2024-03-31 02:30"), datetime.fromisoformat("2024-10-27 02:30")),
        ("us-east-1", datetime.fromisoformat("2024-03-10 02:30"), datetime.fromisoformat("2024-11-03 01:30")),
    ],
)
def test_some_orders_fall_on_hours_that_the_clocks_skip_or_repeat(
    reads: list[Read], region: str, skipped: datetime, repeated: datetime
) -> None:
    mine = [it for it in reads if (it.file.region, it.file.dataset) == (region, "transactions")]
    found = {moment for it in mine for moment in moments(it, "order_date")}
    assert {skipped, repeated} <= found


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_people_orders_and_products_belong_together(reads: list[Read], region: str) -> None:
    customers = {str(row["customer_id"]) for row in all_sound(reads, region, "customers")}
    products = {str(row["product_id"]) for row in all_sound(reads, region, "products")}
    orders = [row for row in all_sound(reads, region, "transactions") if row["customer_id"]]
    talks = all_sound(reads, region, "conversations")
    assert {row["customer_id"] for row in orders} <= customers
    assert {row["product_id"] for row in orders} <= products
    assert {str(row["customer_id"]) for row in talks} <= customers
    assert len({row["branch_name"] for row in orders}) == 5
    engaged = {str(row["customer_id"]) for row in talks}
    assert 0.55 <= len(engaged) / (ROWS / 5) <= 0.65


def test_updates_come_late_and_out_of_order_and_twice(reads: list[Read]) -> None:
    for region in REGIONS:
        latest: dict[str, datetime] = {}
        kinds = set()
        for it in reads:
            if (it.file.region, it.file.dataset) != (region, "transactions"):
                continue
            keys = [row["transaction_id"] for row in it.sound]
            for key, moment in zip(keys, moments(it, "updated_at"), strict=True):
                before = latest.get(key)
                kinds.add("first" if before is None else "late" if moment < before else "twice" if moment == before else
                          "newer")  # fmt: skip
                latest[key] = max(moment, before or moment)
        assert kinds == {"first", "late", "twice", "newer"}


def test_the_odd_files_are_odd(files: list[SampleFile]) -> None:
    data = {file.path.name: file.path.read_bytes() for file in files}
    assert data["kunden.csv"].startswith(b"\xef\xbb\xbf")
    assert data["nachrichten-feiertag.csv"] == b""
    assert data["members-new.csv"].count(b"\n") == 1
    assert data["bestellungen-2.csv.gz"].startswith(b"\x1f\x8b")
    assert data["orders-2.csv.zst"].startswith(b"\x28\xb5\x2f\xfd")
    assert data["catalog.parquet"].startswith(b"PAR1")
    assert b'"Guten Tag,\nder Artikel' in data["nachrichten.csv"]
    assert "Müller".encode("latin-1") in data["kunden-altsystem.csv"]
    with pytest.raises(UnicodeDecodeError):
        data["kunden-altsystem.csv"].decode("utf-8")


def test_stores_have_histories_and_a_broken_one(reads: list[Read]) -> None:
    for it in reads:
        if it.file.dataset != "stores":
            continue
        broken, free, undated = 0, 0, 0
        for row in it.sound:
            try:
                installs = json.loads(row["installhistory"])
            except ValueError:
                broken += 1
                continue
            assert installs, "every store was installed once"
            undated += sum(install["fromDate"] is None for install in installs)
            free += sum(install["toDate"] == "soon" for install in installs)
            json.loads(row["subscriptionhistory"])
        nameless = sum(not row["store_id"] for row in it.sound)
        assert it.file.expected.quarantined == {
            Reason.INVALID_JSON: broken,
            Reason.INVALID_TYPE: free,
            Reason.MISSING_VALUE: undated + nameless,
        }


def content(files: list[SampleFile]) -> list[tuple[str, bytes]]:
    return [(file.path.name, file.path.read_bytes()) for file in files]


def test_equal_arguments_give_equal_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (content(sample.write(tmp_path / name, 60, seed)) for name, seed in
                           (("a", 7), ("b", 7), ("c", 8)))  # fmt: skip
    assert first == again
    same = {name for (name, one), (_, two) in zip(first, other, strict=True) if one == two}
    assert same == {"nachrichten-feiertag.csv", "members-new.csv"}


@pytest.mark.parametrize("rows", [10, 11, 99])
def test_the_smallest_samples_hold_every_fault(tmp_path: Path, rows: int) -> None:
    files = sample.write(tmp_path, rows)
    assert all(sum(f.expected.quarantined.values()) > 2 for f in files if f.dataset == "transactions")


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="at least 10"):
        sample.write(tmp_path, 9)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    sample.write(tmp_path, 100)  # what is loaded once does not count
    tracemalloc.start()
    sample.write(tmp_path, 200)
    _, small = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    sample.write(tmp_path, 2_000)
    _, large = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert large < small * 1.5


def test_dice_give_the_same_for_the_same_and_spread_evenly() -> None:
    one, same, other = Dice(7, "a"), Dice(7, "a"), Dice(7, "b")
    assert [one.roll(i) for i in range(9)] == [same.roll(i) for i in range(9)]
    assert one.roll(1) != other.roll(1)
    assert one.roll(1) != one.roll(1, salt=1)
    counts = [0] * 10
    for i in range(10_000):
        counts[pick(one.roll(i), range(10))[1]] += 1
    assert all(850 < count < 1150 for count in counts)


def test_a_version_is_days_apart_so_no_clock_change_can_reorder_it(reads: list[Read]) -> None:
    times: dict[str, set[datetime]] = defaultdict(set)
    for it in reads:
        if (it.file.region, it.file.dataset) == ("eu-central-1", "transactions"):
            for row, moment in zip(it.sound, moments(it, "updated_at"), strict=True):
                times[row["transaction_id"]].add(moment)
    gaps = [b - a for it in times.values() for a, b in zip(sorted(it), sorted(it)[1:], strict=False)]
    assert gaps
    assert min(gaps) >= timedelta(days=6)
