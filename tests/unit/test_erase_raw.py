"""Erasing from raw: one remainder stands for the object, however often it is put, and as long as that was to stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from watershed import remainder
from watershed.backfill.bronze import Window
from watershed.backfill.raw import RawBucket
from watershed.erase.plan import Affected
from watershed.erase.raw import Raw
from watershed.erase.store import Store
from watershed.errors import ConfigurationError, Terminal
from watershed.names import Layer

from tests.unit.bronze_lake import SETTINGS, contract

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, BUCKET = "orders/a.csv", SETTINGS.bucket(Layer.RAW)
FIRST, SECOND = b"id,name\n1,x\n2,PERSON\n3,OTHER\n", b"id,name\n4,y\n"


@pytest.fixture
def raw() -> Iterator[Raw]:
    with mock_aws():
        s3: Any = boto3.Session("test", "test", region_name=SETTINGS.region).client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": SETTINGS.region})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield Raw(Store(SETTINGS, s3), {"orders": contract()})


def put(raw: Raw, body: bytes) -> Affected:
    """The object, as one that holds the person in its second row."""
    version = raw.store.s3.put(BUCKET, KEY, body)
    came = raw.store.client.head_object(Bucket=BUCKET, Key=KEY)["LastModified"]
    return Affected("orders", KEY, version, came.isoformat(), (KEY, version), [2])


def seen(raw: Raw) -> list[tuple[str, str, bytes]]:
    """(key, version, bytes) as readers of raw see them."""
    found = []
    for each in raw.store.listing.versions(BUCKET):
        with raw.store.s3.open(BUCKET, *each.stored) as stream:
            found.append((each.key, each.version, stream.read()))
    return sorted(found)


LEFT = FIRST.replace(b"2,PERSON", b"-" * 8)


def test_a_remainder_stands_for_the_object(raw: Raw) -> None:
    affected = put(raw, FIRST)
    assert raw.is_current((KEY, affected.version))
    raw.require_rewritable([affected])
    for _ in range(2):
        raw.erase(affected)
        assert seen(raw) == [(KEY, affected.version, LEFT)]


def test_who_died_in_between_leaves_no_second_remainder(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    affected = replace(put(raw, FIRST), is_current=False)
    with monkeypatch.context() as dying:
        dying.setattr("watershed.s3.S3.delete_version", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            raw.erase(affected)
    assert len(seen(raw)) == 2
    raw.erase(affected)
    assert seen(raw) == [(KEY, affected.version, LEFT)]


def test_a_second_person_replaces_the_remainder(raw: Raw) -> None:
    affected = put(raw, FIRST)
    raw.erase(affected)
    (found,) = raw.store.listing.versions(BUCKET)
    raw.erase(replace(affected, place=found.stored, rows=[3]))
    assert seen(raw) == [(KEY, affected.version, LEFT.replace(b"3,OTHER", b"-" * 7))]


def test_what_was_to_be_let_go_is_still(raw: Raw) -> None:
    affected = put(raw, FIRST)
    later = put(raw, SECOND)
    assert not raw.is_current((KEY, affected.version))
    raw.erase(replace(affected, is_current=False))
    assert seen(raw) == sorted([(KEY, affected.version, LEFT), (KEY, later.version, SECOND)])
    place = remainder.key(affected.identity(BUCKET))
    assert [each["IsLatest"] for each in raw.store.versions(BUCKET, place) if "Size" in each] == [False]


def backfilled(raw: Raw) -> list[tuple[str, str]]:
    bucket = RawBucket(raw.store.client, BUCKET, SETTINGS.region, raw.contracts)
    today = datetime.now(UTC).date()
    return [(each.key, each.version) for each in bucket.objects("orders", Window(today - timedelta(1), today))]


@pytest.mark.parametrize("deleted", [False, True])
def test_a_backfill_reads_a_remainder_if_it_would_read_the_object(raw: Raw, deleted: bool) -> None:
    affected = put(raw, FIRST)
    if deleted:
        raw.store.client.delete_object(Bucket=BUCKET, Key=KEY)
    before = backfilled(raw)
    raw.erase(replace(affected, is_current=not deleted))
    assert backfilled(raw) == before == ([] if deleted else [(KEY, affected.version)])


@pytest.mark.parametrize(
    "facts",
    [{"ObjectLockLegalHoldStatus": "ON"}, {"ObjectLockRetainUntilDate": datetime.now(UTC) + timedelta(days=1)}],
)
def test_locked_objects_are_named(raw: Raw, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    affected = put(raw, FIRST)
    now = datetime.now(UTC)
    raw.require_deletable([affected], now)
    monkeypatch.setattr("watershed.s3.S3.facts", lambda *_: facts)
    with pytest.raises(ConfigurationError, match=r"orders/a\.csv"):
        raw.require_deletable([affected], now)


def test_a_file_that_cannot_be_rewritten_is_named(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watershed.erase.rewrite._without", lambda plain, *_: plain + b"5,z\n")
    with pytest.raises(Terminal, match=r"orders/a\.csv .*: The other rows"):
        raw.require_rewritable([put(raw, FIRST)])
