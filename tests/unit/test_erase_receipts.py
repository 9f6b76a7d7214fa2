"""What is written down about erasures: one at a time, and each found by whom it is about."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws
from watershed.erase import require
from watershed.erase.plan import Receipt, Receipts
from watershed.erase.store import Store
from watershed.erase.subject import Subject
from watershed.errors import Transient
from watershed.names import Layer

from tests.unit.bronze_lake import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.erase.lake import Lake

ONE, TWO = Subject("customer_id", "17"), Subject("customer_id", "18")


@pytest.fixture
def lake() -> Iterator[Lake]:
    with mock_aws():
        s3: Any = boto3.Session("test", "test", region_name=SETTINGS.region).client("s3")
        for layer in (Layer.BRONZE, Layer.LEDGER):
            place = {"LocationConstraint": SETTINGS.region}
            s3.create_bucket(Bucket=SETTINGS.bucket(layer), CreateBucketConfiguration=place)
        store = Store(SETTINGS, s3)
        yield cast("Lake", SimpleNamespace(receipts=Receipts(store.s3, store.listing, SETTINGS)))


def begun(lake: Lake, subject: Subject, ended: str = "") -> Receipt:
    print_ = lake.receipts.fingerprint(subject)
    receipt = Receipt("20260101t000000000000_00000000", subject.column, print_, "", [], [], [], {}, ended=ended)
    lake.receipts.save(receipt)
    return receipt


def test_nobody_is_erased_while_another_persons_erasure_has_not_ended(lake: Lake) -> None:
    require.alone(lake, ONE)
    one = begun(lake, ONE)
    require.alone(lake, ONE)
    with pytest.raises(Transient, match=one.object_key):
        require.alone(lake, TWO)
    begun(lake, ONE, ended="2026-01-02T00:00:00+00:00")
    require.alone(lake, TWO)
