"""A whole lake in the local AWS, served over HTTP: deployed from the templates, filled by the real functions."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from watershed import names
from watershed.errors import ConfigurationError
from watershed.messages import Refresh

from local import sample
from local.aws import LocalAWS
from local.demo import loose
from local.region import Region
from tests.trino.athena import Athena

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from watershed.catalog import Catalog

    from local.demo.loose import Drop


def sample_drops(folder: Path, rows: int) -> list[Drop]:
    """The sample data of all regions, written to `folder`."""
    return [
        loose.Drop(file.region, f"{file.dataset}/{file.path.name}", file.path) for file in sample.write(folder, rows)
    ]


def seed_drops(folder: Path, region: str, catalog: Catalog) -> list[Drop]:
    """The founding data set, as one region's."""
    return loose.drops(folder / "files", region, catalog.contracts.values())


@contextmanager
def filled(assembly: Path, drops: Sequence[Drop], port: int) -> Iterator[Callable[[str], Athena]]:
    """Deploy, drop the files, let everything run; gives each region's Athena by name.

    Args:
        assembly: the cloud assembly's folder.
        drops: what to drop, in order.
        port: where to serve the local AWS.

    Raises:
        ConfigurationError: if a function failed.
    """
    with LocalAWS(port=port) as aws:
        aws.deploy(assembly)
        for drop in drops:
            client = partial(aws.client, region=drop.region)
            Region(drop.region, aws.account, client).drop(drop.key, drop.path)
        aws.pump()
        for region in {drop.region for drop in drops}:  # as every night: tables of which no file came are made too
            Region.on(aws, region).send_refresh(Refresh((), "daily").to_json())
        aws.pump()
        failed = [invocation for invocation in aws.invocations if invocation.error is not None]
        if failed:
            raise ConfigurationError(f"{len(failed)} invocations failed, first {failed[0]}", remedy="")
        yield lambda region: Athena(aws.client("athena", region), names.WORKGROUP)
