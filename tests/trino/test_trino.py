"""The real Trino as judge: `make trino-check` as tests. Skipped, with the reason, where Trino cannot be had."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from watershed import catalog

from local.config import regions
from local.paths import LAKE
from local.synth import Synthesis
from tests.trino import catalogs, check, lake, server
from tests.trino.distribution import TrinoMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trino.client import Trino

PLACES = [place.region for place in regions()]
SEED = os.environ.get("WATERSHED_SEED_DATA", "")
PORT = server.free_port()

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def trino() -> Iterator[Trino]:
    try:
        with server.running(catalogs.of_all(PLACES, f"http://127.0.0.1:{PORT}")) as running:
            yield running
    except TrinoMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Synthesis(tmp_path_factory.mktemp("synth") / "cdk.out").result()


def test_trino_still_answers_as_recorded(trino: Trino) -> None:
    assert check.check_recording(trino) == 0


def test_nothing_differs_silently_over_a_grid_of_awkward_values(trino: Trino) -> None:
    assert check.check_sweep(trino) == 0


def test_the_whole_lake_reads_the_same(trino: Trino, assembly: Path, tmp_path: Path) -> None:
    drops = lake.sample_drops(tmp_path, check.SAMPLE_ROWS)
    assert {drop.region for drop in drops} == set(PLACES)
    assert check.check_lake(trino, "sample data", assembly, drops, PORT) == 0


@pytest.mark.seed
@pytest.mark.skipif(not SEED, reason="set WATERSHED_SEED_DATA to the founding data set's folder")
def test_the_founding_data_reads_the_same(trino: Trino, assembly: Path) -> None:
    drops = lake.seed_drops(Path(SEED), PLACES[0], catalog.build(LAKE))
    assert check.check_lake(trino, "founding data", assembly, drops, PORT) == 0
