"""`layers/lake/connectors/*.yaml` to connectors: one file a source, every fault found at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.connectors import pull, push
from watershed.connectors.model import Connector
from watershed.connectors.rules import faults_of
from watershed.contracts.document import examined, files_in, load
from watershed.finding import Finding, refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from watershed.contracts.document import Node, Report
    from watershed.contracts.model import Contract

_KEYS = ("description", "region", "push", "pull")


def read_connectors(folder: Path, contracts: Mapping[str, Contract]) -> dict[str, Connector]:
    """All connectors of a folder, by source; a lake need not have any.

    Raises:
        ConfigurationError: naming every fault with file, line, path and remedy.
    """
    connectors, findings = examine(folder, contracts)
    refuse(findings, "connectors")
    return connectors


def examine(
    folder: Path, contracts: Mapping[str, Contract], regions: Collection[str] = ()
) -> tuple[dict[str, Connector], list[Finding]]:
    """The connectors of `folder` that can be read, by source, and every fault, by file and line.

    Args:
        folder: Holds one `<source>.yaml` a source and nothing else; names that start with a dot are ignored.
        contracts: The lake's datasets, by name.
        regions: The regions that exist, if known: then a connector for any other is a fault.
    """
    return examined(files_in(folder), lambda path, report: _examined(path, report, contracts, regions))


def _examined(
    path: Path, report: Report, contracts: Mapping[str, Contract], regions: Collection[str]
) -> Connector | None:
    root = load(path, report, "connector", "source")
    connector = _connector(path.stem, root, report) if root is not None else None
    if root is None or connector is None or report.findings:  # rules speak about what could be read
        return None
    for fault in faults_of(connector, contracts, regions):
        line = root.nearest(fault.path).line
        report.findings.append(Finding(report.file, line, fault.path, fault.message, fault.remedy))
    return connector


def _connector(name: str, root: Node, report: Report) -> Connector | None:
    fields = report.mapping(root, _KEYS, required=("description", "region"))
    if "push" not in fields and "pull" not in fields:
        report.add(root, "Nothing comes from here.", "Write `push`, `pull`, or both.")
    region = fields.get("region")
    if region is not None and region.items is not None:
        report.add(
            region, "A source is bound to one region.", "Write one region, and one file for each further source."
        )
        return None
    return Connector(
        name=name,
        region=report.text(region),
        description=report.text(fields.get("description")),
        push=push.read(fields["push"], report) if "push" in fields else None,
        pull=pull.read(fields["pull"], report) if "pull" in fields else None,
    )
