"""Rules about connectors: each has a region, and what it sends has a contract that can read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from watershed import names
from watershed.contracts.document import did_you_mean
from watershed.contracts.rules.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from watershed.connectors.model import Connector
    from watershed.contracts.model import Contract

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")


def faults_of(
    connector: Connector, contracts: Mapping[str, Contract], regions: Collection[str] = ()
) -> Iterator[Fault]:
    """A connector's faults. `regions`: those that exist, if known."""
    if not names.is_identifier(connector.name):
        message = f"`{connector.name}` cannot be a source's name."
        yield Fault("", message, "Name the file in lower-case letters, digits and underscores, starting with a letter.")
    if not _REGION.fullmatch(connector.region):
        yield Fault("region", f"`{connector.region}` is not an AWS region.", "Write e.g. `eu-central-1`.")
    elif regions and connector.region not in regions:
        yield Fault("region", f"There is no region `{connector.region}`.", did_you_mean(connector.region, regions))
    for part, datasets in _datasets(connector).items():
        for dataset in datasets:
            yield from _dataset_faults(connector, f"{part}.datasets.{dataset}", dataset, contracts)


def _datasets(connector: Connector) -> dict[str, tuple[str, ...]]:
    """The datasets that each part fills."""
    return {
        "push": tuple(connector.push.datasets) if connector.push else (),
        "pull": tuple(connector.pull.datasets) if connector.pull else (),
    }


def _dataset_faults(
    connector: Connector, path: str, dataset: str, contracts: Mapping[str, Contract]
) -> Iterator[Fault]:
    if dataset not in contracts:
        yield Fault(path, f"There is no contract `{dataset}`.", did_you_mean(dataset, contracts))
        return
    if contracts[dataset].source_for(connector.region, connector.file_name) is None:
        message = f"No source of the contract `{dataset}` takes {connector.file_name} in {connector.region}."
        yield Fault(path, message, f'Add a source with `files: ["{connector.name}.*"]` to the contract.')
