"""Open Data Contract Standard v3.1 to `Contract`: one YAML file a dataset, every fault found at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.document import Node, Report, load
from watershed.contracts.misfits import read_bad_rows, read_schema_change
from watershed.contracts.model import Contract, Residency
from watershed.contracts.rules import faults_among, faults_of
from watershed.contracts.sources import read_residency, read_sources, with_old_names
from watershed.contracts.tables import custom_properties, read_tables
from watershed.finding import Finding, refuse, shown

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

API_VERSION = "v3.1.0"
_KEYS = frozenset({
    "apiVersion", "kind", "id", "name", "version", "status", "description", "tenant", "tags", "dataProduct", "domain",
    "schema", "servers", "support", "price", "team", "roles", "slaDefaultElement", "slaProperties",
    "authoritativeDefinitions", "customProperties", "contractCreatedTs",
})  # fmt: skip
_REQUIRED = ("apiVersion", "kind", "id", "name", "version", "status", "schema", "customProperties")
_STATUSES = ("proposed", "draft", "active", "deprecated", "retired")
CONTRACT_PROPERTIES = frozenset({"sources", "residency", "subject", "files", "schemaChange", "badRows"})
_DESCRIPTION_KEYS = ("purpose", "usage", "limitations", "authoritativeDefinitions", "customProperties")
_TEAM_KEYS = ("id", "name", "description", "members", "tags", "customProperties", "authoritativeDefinitions")
_SLA_KEYS = ("id", "property", "value", "unit", "element", "driver", "description", "authoritativeDefinitions")
_HOURS = {"h": 1, "hr": 1, "hour": 1, "hours": 1, "d": 24, "day": 24, "days": 24}  # the standard's units


def read_contracts(folder: Path) -> dict[str, Contract]:
    """All contracts of a folder, by dataset name.

    Raises:
        ConfigurationError: naming every fault with file, line, path and remedy.
    """
    contracts, findings = examine(folder)
    refuse(findings, "contracts")
    return contracts


def examine(folder: Path, regions: Collection[str] = ()) -> tuple[dict[str, Contract], list[Finding]]:
    """The contracts of `folder` that can be read, by name, and every fault, by file and line.

    Args:
        folder: Holds one `<dataset>.yaml` a dataset and nothing else; names that start with a dot are ignored.
        regions: The regions that exist, if known: then a source for any other is a fault.
    """
    if not folder.is_dir():
        return {}, [Finding(shown(folder), 0, "", "There is no such folder.", "Create it, or correct the path.")]
    contracts: dict[str, Contract] = {}
    findings: list[Finding] = []
    nodes: dict[str, tuple[str, Node]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        report, root, contract = _examined(path, path.stem, regions)
        if root is not None and contract is not None:
            contracts[contract.name] = contract
            nodes[contract.name] = (report.file, root)
        findings += report.findings
    if not contracts and not findings:
        findings.append(Finding(shown(folder), 0, "", "There are no contracts.", "Write one: see docs/contracts.md."))
    for name, fault in faults_among(list(contracts.values())):
        report = Report(nodes[name][0])
        _report_rules(report, nodes[name][1], [fault])
        findings += report.findings
    return contracts, sorted(findings)


def examine_file(path: Path) -> tuple[dict[str, Contract], list[Finding]]:
    """As `examine`, of one contract, whatever its file is called."""
    report, _, contract = _examined(path, None, ())
    return ({} if contract is None else {contract.name: contract}), sorted(report.findings)


def _examined(path: Path, stem: str | None, regions: Collection[str]) -> tuple[Report, Node | None, Contract | None]:
    """One file's faults, its root and its contract, if they can be read. `stem`: what the dataset must be called."""
    report = Report(shown(path))
    root = load(path, report)
    if root is None:
        return report, None, None
    contract = _contract(report, root)
    if report.findings:  # rules speak about what could be read
        return report, root, None
    _report_rules(report, root, faults_of(contract, stem or contract.name, regions))
    return report, root, contract


def _contract(report: Report, root: Node) -> Contract:
    fields = report.mapping(root, _KEYS, required=_REQUIRED)
    report.choice(fields.get("apiVersion"), (API_VERSION,), API_VERSION)
    report.choice(fields.get("kind"), ("DataContract",), "DataContract")
    report.choice(fields.get("status"), _STATUSES, "active")
    for key in ("id", "domain", "tenant", "dataProduct"):
        report.text(fields.get(key))
    custom = custom_properties(report, fields, CONTRACT_PROPERTIES)
    for key in ("sources", "residency"):
        if key not in custom and "customProperties" in fields:
            report.add(fields["customProperties"], f"`{key}` is missing.", f"Add `- property: {key}`.")
    tables = read_tables(report, fields["schema"]) if "schema" in fields else ()
    sources = read_sources(report, custom["sources"]) if "sources" in custom else ()
    return Contract(
        name=report.text(fields.get("name")),
        version=report.text(fields.get("version")),
        description=_description(report, fields.get("description")),
        tables=tables,
        sources=with_old_names(sources, tables[0]) if tables else sources,
        residency=read_residency(report, custom["residency"]) if "residency" in custom else Residency(None),
        subject=report.text(custom.get("subject")) or None,
        owner=_owner(report, fields.get("team")),
        freshness_hours=_freshness(report, fields.get("slaProperties")),
        files=report.texts(custom.get("files")),
        schema_change=read_schema_change(report, custom.get("schemaChange")),
        bad_rows=read_bad_rows(report, custom.get("badRows")),
    )


def _description(report: Report, node: Node | None) -> str:
    if node is None:
        return ""
    return report.text(report.mapping(node, _DESCRIPTION_KEYS).get("purpose"))


def _owner(report: Report, node: Node | None) -> str:
    if node is None:
        return ""
    return report.text(report.mapping(node, _TEAM_KEYS).get("name"))


def _freshness(report: Report, node: Node | None) -> int | None:
    """Hours within which new data must arrive, or None if nothing is promised."""
    hours: int | None = None
    for item in report.members(node):
        fields = report.mapping(item, _SLA_KEYS, required=("property", "value"))
        report.choice(fields.get("property"), ("freshness",), "freshness")
        unit = report.choice(fields.get("unit"), tuple(_HOURS), "d")  # the standard's default unit is the day
        hours = (report.number(fields.get("value")) or 0) * _HOURS[unit]
    return hours


def _report_rules(report: Report, root: Node, faults: Collection[tuple[str, str, str]]) -> None:
    """Record faults given as (path, message, remedy), each at the nearest node that is written."""
    for path, message, remedy in faults:
        line = root.nearest(path).line
        report.findings.append(Finding(report.file, line, path, message, remedy))
