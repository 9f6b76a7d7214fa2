"""The nightly maintenance in a deployed region: the schedule fires, silver is compacted, failures reach somebody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pyiceberg.catalog.glue import GlueCatalog
from watershed import catalog, names, redrive
from watershed.names import Layer, Stage
from watershed.silver import file_io

from local import sample
from local.aws import LocalAWS
from local.paths import LAKE
from local.region import Region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyiceberg.table import Table

REGION = "eu-central-1"
FILES = 6
PRODUCTS = "SELECT * FROM silver.products ORDER BY product_id"


class Night:
    """A region with a table of many small files; time moves on by `ahead`."""

    def __init__(self, aws: LocalAWS) -> None:
        self.aws, self.ahead = aws, timedelta()
        self.region = Region.on(aws, REGION)
        files = {"py-io-impl": file_io.IMPLEMENTATION, file_io.CLIENT: aws.client("s3", REGION)}
        self._catalog = GlueCatalog("test", client=aws.client("glue", REGION), **files)

    def table(self, name: str = "products") -> Table:
        return self._catalog.load_table((names.SILVER_DB, name))

    def files(self) -> int:
        return len(list(self.table().scan().plan_files()))

    def objects(self) -> set[str]:
        bucket = names.bucket(Layer.SILVER, self.aws.account, REGION)
        pages = self.aws.client("s3", REGION).get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def falls(self) -> list[Any]:
        """The schedule fires and everything comes to rest; gives what was given up."""
        self.aws.fire_schedule(REGION, names.NIGHTLY_MAINTENANCE)
        return self.aws.pump([REGION]).dead_letters


@pytest.fixture(scope="module")
def night(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("data")
    drops = [file for file in sample.write(folder, 60) if file.region == REGION and file.dataset == "products"]
    nights: list[Night] = []
    with LocalAWS(clock=lambda: datetime.now(UTC) + (nights[0].ahead if nights else timedelta())) as aws:
        aws.deploy(shipped, [REGION])
        nights.append(Night(aws))
        header, *lines = drops[0].path.read_bytes().splitlines(keepends=True)
        for number in range(FILES):
            piece = folder / f"artikel-{number}.csv"
            piece.write_bytes(header + b"".join(lines[number::FILES]))
            nights[0].region.drop(f"products/{piece.name}", piece)
            assert not aws.pump([REGION]).errors
        yield nights[0]


def test_a_night(night: Night) -> None:
    rows = night.region.athena.rows(PRODUCTS)
    assert len(rows[1]) > FILES
    assert night.files() == FILES
    before = night.objects()
    assert night.falls() == []
    assert night.files() == 1
    assert night.region.athena.rows(PRODUCTS) == rows
    assert before < night.objects(), "what time travel reads stays"
    empty = {table.name for each in catalog.build(LAKE).contracts.values() for table in each.tables} - {"products"}
    assert all(not night.table(name).metadata.snapshots for name in empty)

    location = night.table().metadata_location
    assert night.falls() == []
    assert night.table().metadata_location == location, "the night after has nothing to do"

    night.ahead = timedelta(days=14)
    assert night.falls() == []
    assert len(night.table().metadata.snapshots) == FILES + 1, "messages given up may still be redriven"

    night.ahead = timedelta(days=16)
    assert night.falls() == []
    assert len(night.table().metadata.snapshots) == 1
    assert len({key for key in night.objects() if key.startswith("products/data/")}) == 1
    assert night.region.athena.rows(PRODUCTS) == rows


def test_what_fails_is_named_and_given_up_where_an_alarm_looks(night: Night) -> None:
    glue = night.aws.client("glue", REGION)
    whole = glue.get_table(DatabaseName=names.SILVER_DB, Name="customers")["Table"]
    definition = {key: whole[key] for key in ("Name", "TableType", "Parameters", "StorageDescriptor")}
    broken = {**definition, "Parameters": {**whole["Parameters"], "metadata_location": "s3://nowhere/x.json"}}
    glue.update_table(DatabaseName=names.SILVER_DB, TableInput=broken)
    try:
        invocations = len(night.aws.invocations)
        (dead,) = night.falls()
        assert dead.queue == names.dead_letter_queue(Stage.MAINTENANCE)
        reasons = [
            line["message"]
            for each in list(night.aws.invocations)[invocations:]
            for line in map(json.loads, each.log.splitlines())
            if line.get("error") == "MaintenanceFailed"
        ]
        assert len(reasons) == 3
        (letter,), _ = redrive.look(night.aws.client("sqs", REGION), Stage.MAINTENANCE)
        assert (letter.cause, letter.why) == ("MaintenanceFailed", reasons[-1])
        assert all("optimize customers" in each and "vacuum customers" in each for each in reasons)
        assert all("products" not in each for each in reasons)
        alarms = night.aws.client("cloudwatch", REGION).describe_alarms()["MetricAlarms"]
        watched = {each["Dimensions"][0]["Value"] for each in alarms if each["AlarmName"].endswith("-given-up")}
        assert dead.queue in watched
    finally:
        glue.update_table(DatabaseName=names.SILVER_DB, TableInput=definition)
