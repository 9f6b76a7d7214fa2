"""`make load` in small: some minutes of files through the lake, and that its accounts would show a row that is gone."""

from __future__ import annotations

import dataclasses
import io
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from watershed import names
from watershed.errors import ConfigurationError
from watershed.names import Layer, Stage

from benchmarks.load import accounting, arrivals, figures, large, small_files
from benchmarks.load.hour import Hour
from benchmarks.load.memory import MEGABYTE
from benchmarks.load.small_files import Run
from local.aws import Deliveries, LocalAWS
from local.aws.runtime.lambda_runtime import Invocation
from local.region import Region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.slow  # `make drills`: it checks the measurement, not the lake
FILES_AN_HOUR, MINUTES = 300, 2  # 23 files; in the second minute, some events come again late


@dataclasses.dataclass
class Delivered:
    region: Region
    hour: Hour
    run: Run


@pytest.fixture(scope="module")
def delivered(shipped: Path) -> Iterator[Delivered]:
    hour = Hour(FILES_AN_HOUR, until=MINUTES)
    with LocalAWS(deliveries=Deliveries(duplicate=0.2, seed=3)) as aws:
        aws.deploy(shipped, [hour.region])
        run = small_files.measure(aws, hour, Console(file=io.StringIO()), late_every=MINUTES)
        yield Delivered(Region.on(aws, hour.region), hour, run)


def test_every_row_is_accounted_for(delivered: Delivered) -> None:
    run, hour = delivered.run, delivered.hour
    assert run.audit.missing == ()
    assert run.audit.totals["rows_read"] == sum(len(file.rows) for file in hour.files)
    assert sum(minute.new for minute in run.minutes) == len(hour.files)
    assert sum(minute.files.total() for minute in run.minutes) > len(hour.files)  # the late events
    assert any(file.malformed for file in hour.files)
    assert any(file.quarantined for file in hour.files)


def test_commits_follow_batches_not_files(delivered: Delivered) -> None:
    shown = Console(file=io.StringIO())
    assert figures.show(
        shown, [each for each in small_files.table(delivered.hour, delivered.run) if "memory" not in each.what]
    )
    first = delivered.run.minutes[0]
    assert 0 < first.commits["transactions"] < first.files["transactions"]


def test_uploads_are_under_way_together(delivered: Delivered) -> None:
    assert delivered.run.at_once == max(minute.new for minute in delivered.run.minutes)


def test_an_object_whose_ledger_entry_is_gone_is_named(delivered: Delivered) -> None:
    region, hour = delivered.region, delivered.hour
    bucket = names.bucket(Layer.LEDGER, region.account, region.name)
    s3 = region.client("s3")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    key = next(each["Key"] for each in listed if each["Key"].endswith(f"-{Stage.SILVER}.parquet"))
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=key)
    faults = accounting.audit(region, hour).missing
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    assert any("no entry of silver" in fault for fault in faults)
    assert accounting.audit(region, hour).missing == ()


def test_a_key_that_silver_lacks_or_has_besides_is_counted(delivered: Delivered) -> None:
    region, hour = delivered.region, delivered.hour
    other = dataclasses.replace(hour)
    key, at = other.standing["customers"].popitem()
    other.standing["products"][-1,] = at
    assert list(accounting.silver_faults(region, other)) == [
        "silver.customers: 1 keys that no file brought soundly",
        "silver.products: 1 keys are missing",
    ]
    assert key


def test_a_message_in_a_dead_letter_queue_is_a_fault(delivered: Delivered) -> None:
    sqs = delivered.region.client("sqs")
    url = sqs.get_queue_url(QueueName=names.dead_letter_queue(Stage.BRONZE))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    assert list(accounting.queue_faults(delivered.region)) == ["watershed-bronze-dlq: 1 messages"]
    sqs.purge_queue(QueueUrl=url)


def test_what_functions_logged_as_errors_is_told_without_what_it_was_about() -> None:
    lines = (
        '{"level":"INFO","message":"landed"}',
        '{"level":"ERROR","message":"S3 did not answer.","key":"a.csv"}',
        '{"level":"ERROR","message":"unforeseen error","where":"land.py:74 KeyError"}',
        "no JSON",
    )
    said = Invocation("eu-central-1", "bronze", "1", "{}", "Sandbox.Timedout: after 900 s", "\n".join(lines), 1.0)
    assert list(arrivals.errors(said)) == [
        "bronze: Sandbox.Timedout",
        "bronze: S3 did not answer.",
        "bronze: land.py:74 KeyError",
    ]


def test_an_exceeded_bound_is_shown_and_fails() -> None:
    shown = Console(file=io.StringIO())
    assert figures.show(shown, [figures.at_most("memory", 1, 2, "MB"), figures.Figure("time", "3 s")])
    assert not figures.show(shown, [figures.at_most("memory", 3, 2, "MB")])
    assert not figures.show(shown, [figures.exactly("rows", 1, 2)])


def test_equal_hours_write_equal_files(tmp_path: Path) -> None:
    one, same = Hour(40), Hour(40)
    for first, second in zip(one.files, same.files, strict=True):
        assert first.write(tmp_path).read_bytes() == second.write(tmp_path).read_bytes()


def test_a_large_file_is_accounted_for(tmp_path: Path) -> None:
    expected = large.expected(large.rows_of(1))
    large.write(tmp_path, 1)
    read, taken = large.measured("bronze", tmp_path), large.measured("silver", tmp_path)
    assert {name: (read.rows[name] or taken.rows[name]) for name in expected} == expected
    assert large.standing(tmp_path) == (expected["inserted"], expected["inserted"])


def test_a_full_disk_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="MB free"):
        large.write(tmp_path, 10**18 // MEGABYTE)


@given(st.lists(st.sampled_from("abcde"), max_size=150))
def test_no_order_of_waiting_parts_makes_more_batches_than_the_bound(waiting: list[str]) -> None:
    """As the queue hands them over: the oldest part's dataset first, then the next oldest's, ten at a time."""
    parts, batches, left = Counter(waiting), Counter[str](), list(waiting)
    while left:
        order = list(dict.fromkeys(left))
        batch = sorted(left, key=order.index)[:10]
        batches.update(set(batch))
        for each in batch:
            left.remove(each)
    assert all(made <= small_files.batched(parts[each], len(parts) - 1) for each, made in batches.items())
