"""A stream's state: what it keeps, when it rings, and that of two who write it one is told."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from watershed.errors import Terminal
from watershed.poll.failure import Cause, PollFailed
from watershed.poll.state import Kept, Overtaken, State
from watershed.s3 import S3

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
FULL = State(*(NOW, NOW, NOW, "token", 60, ("a", "b"), NOW, NOW, NOW, "slow", "why", NOW, NOW))
FAILED = PollFailed(Cause.SLOW, "It fell silent.")


def test_nothing_is_lost_on_its_way() -> None:
    assert len(fields(State)) == 13, "FULL has a value for each"
    for state in (State(), FULL):
        assert State.from_json(state.to_json()) == state


@given(st.text() | st.binary())
def test_what_is_no_state_is_refused(text: str | bytes) -> None:
    with pytest.raises(Terminal, match="polls/"):
        State.from_json(text)


def test_a_cursor_never_goes_back() -> None:
    state = State().through(NOW)
    assert state.through(NOW - timedelta(days=1)).cursor == NOW
    assert state.through(NOW + timedelta(days=1)).cursor == NOW + timedelta(days=1)


def test_it_fails_since_the_first_failure() -> None:
    first = State(succeeded_at=NOW - timedelta(days=1)).failed(NOW, FAILED)
    second = first.failed(NOW + timedelta(hours=1), FAILED)
    assert (second.failing_since, second.polled_at, second.cause) == (NOW, NOW + timedelta(hours=1), "slow")
    assert second.succeeded(NOW + timedelta(hours=2)) == State(
        polled_at=NOW + timedelta(hours=2), succeeded_at=NOW + timedelta(hours=2)
    )


def test_it_rings_after_a_while_and_then_once_a_day() -> None:
    state, after = State().failed(NOW, FAILED), timedelta(hours=6)
    assert not state.rings(NOW + timedelta(hours=5), after)
    assert state.rings(NOW + timedelta(hours=6), after)
    rung = replace(state, rang_at=NOW + timedelta(hours=6))
    assert not rung.rings(NOW + timedelta(hours=29), after)
    assert rung.rings(NOW + timedelta(hours=30), after)
    assert not State().rings(NOW, after)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="ledger")
        yield S3(client)


def test_of_two_who_write_one_is_told(s3: S3) -> None:
    one, other = (Kept(s3, "ledger", "polls/shop/orders.json") for _ in range(2))
    assert one.load() == other.load() == State()
    one.save(State(cursor=NOW))
    with pytest.raises(Overtaken):
        other.save(State(cursor=NOW - timedelta(days=1)))
    assert other.load() == State(cursor=NOW)
    other.save(State(cursor=NOW + timedelta(days=1)))
    with pytest.raises(Overtaken):
        one.save(State(cursor=NOW + timedelta(hours=1)))
    assert one.load().cursor == NOW + timedelta(days=1)


def test_who_writes_after_a_deletion_is_told_too(s3: S3) -> None:
    kept = Kept(s3, "ledger", "polls/shop/orders.json")
    kept.save(State(cursor=NOW))
    s3.delete("ledger", ["polls/shop/orders.json"])
    with pytest.raises(Overtaken):
        kept.save(State(cursor=NOW + timedelta(days=1)))


def test_the_same_again_is_not_written(s3: S3) -> None:
    kept = Kept(s3, "ledger", "k")
    kept.save(State(cursor=NOW))
    before = s3.read("ledger", "k")
    kept.save(State(cursor=NOW))
    assert s3.read("ledger", "k") == before
