"""Rules about connectors: each has a region, and what it sends has a contract that can read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from watershed import names
from watershed.connectors.push import Action
from watershed.contracts.document import did_you_mean
from watershed.contracts.model import MissingResidency
from watershed.contracts.rules.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from watershed.connectors.model import Connector
    from watershed.contracts.model import Contract, Source

_LONGEST_SCHEDULE = 64  # characters of a schedule's name, as EventBridge Scheduler takes it
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")


def faults_of(
    connector: Connector, contracts: Mapping[str, Contract], regions: Collection[str] = ()
) -> Iterator[Fault]:
    """A connector's faults. `regions`: those that exist, if known."""
    if not names.is_identifier(connector.name):
        message = f"`{connector.name}` cannot be a source's name."
        yield Fault("", message, "Name the file in lower-case letters, digits and underscores, starting with a letter.")
    elif connector.pull and len(schedule := names.poll_schedule(connector.name)) > _LONGEST_SCHEDULE:
        most = _LONGEST_SCHEDULE - len(schedule) + len(connector.name)
        message = f"`{connector.name}` is too long for a source that is polled: its schedule is named after it."
        yield Fault("", message, f"Name the file in at most {most} characters.")
    if not _REGION.fullmatch(connector.region):
        yield Fault("region", f"`{connector.region}` is not an AWS region.", "Write e.g. `eu-central-1`.")
    elif regions and connector.region not in regions:
        yield Fault("region", f"There is no region `{connector.region}`.", did_you_mean(connector.region, regions))
    for path, dataset, file_name in _files(connector):
        yield from _dataset_faults(connector, path, dataset, file_name, contracts)


def _files(connector: Connector) -> Iterator[tuple[str, str, str]]:
    """What comes from a source: where its connector says so, the dataset, and the file name of a raw object."""
    for dataset in connector.push.datasets if connector.push else ():
        yield f"push.datasets.{dataset}", dataset, connector.file_name
    for name, stream in connector.pull.streams.items() if connector.pull else ():
        yield f"pull.streams.{name}", stream.dataset, f"{connector.name}.0.{stream.format}"


def _dataset_faults(
    connector: Connector, path: str, dataset: str, file_name: str, contracts: Mapping[str, Contract]
) -> Iterator[Fault]:
    if dataset not in contracts:
        yield Fault(path, f"There is no contract `{dataset}`.", did_you_mean(dataset, contracts))
        return
    source = contracts[dataset].source_for(connector.region, file_name)
    if source is None:
        message = f"No source of the contract `{dataset}` takes {file_name} in {connector.region}."
        yield Fault(path, message, f'Add a source with `files: ["{connector.name}.*"]` to the contract.')
    elif connector.push and path.startswith("push."):
        topics = connector.push.datasets[dataset].topics or {}
        for topic in (name for name, action in topics.items() if action is Action.DELETE):
            yield from _delete_faults(f"{path}.topics.{topic}", contracts[dataset], source)


def _delete_faults(path: str, contract: Contract, source: Source) -> Iterator[Fault]:
    """What a deletion needs, of which only the key and the time are known: a row that says so, and that wins."""
    table, residency = contract.table, contract.residency
    said, version = (names.source_column(name) for name in (names.DELETED_AT, names.VERSION_AT))
    if not any(said in source.names_of(column.name) for column in table.columns):
        message = f"No column of `{table.name}` says that a row is deleted."
        yield Fault(path, message, f"Add a column, and `<column>: {names.DELETED_AT}` to the contract's source.")
    if table.version_column is None or source.names_of(table.version_column)[0] != version:
        message = "A deletion counts no later than the row that it deletes, so that row may stay or come back."
        remedy = f"Let the version column's first name be `{names.VERSION_AT}` in the contract's source."
        yield Fault(path, message, remedy)
    for column in table.columns:
        if column.required and column.name not in table.primary_key:
            message = f"A deletion has no `{column.name}`, which the contract requires."
            yield Fault(path, message, "Do not require it, or leave the topic out.")
    if table.partition and table.partition.column not in table.primary_key:
        message = f"A deletion does not tell the partition of its row, `{table.partition.column}`."
        yield Fault(path, message, "Partition by the key, or leave the topic out.")
    if residency.column and residency.missing is MissingResidency.QUARANTINE:
        message = f"A deletion has no `{residency.column}`, and would be held in quarantine."
        yield Fault(path, message, "Let the contract accept rows without one, or leave the topic out.")
