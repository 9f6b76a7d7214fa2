"""What maintenance goes by is on silver's tables, on old ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed.silver import schema

from infra.queues import RETENTION
from tests.unit.silver_lab import ORDERS, Region, region

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lake() -> Iterator[Region]:
    with region() as made:
        yield made


def test_snapshots_outlive_the_messages_that_were_given_up() -> None:
    assert int(schema.MAINTENANCE["vacuum_max_snapshot_age_seconds"]) > RETENTION.to_seconds()


def test_new_tables_have_it(lake: Region) -> None:
    assert lake.iceberg("orders").properties.items() >= schema.MAINTENANCE.items()


def test_old_tables_get_it_once(lake: Region) -> None:
    with lake.iceberg("orders").transaction() as change:
        change.remove_properties(*schema.MAINTENANCE)
    lake.silver.lakehouse.load(ORDERS.table)
    table = lake.iceberg("orders")
    assert table.properties.items() >= schema.MAINTENANCE.items()
    lake.silver.lakehouse.load(ORDERS.table)
    assert lake.iceberg("orders").metadata_location == table.metadata_location
