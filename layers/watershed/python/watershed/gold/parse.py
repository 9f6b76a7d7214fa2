"""The folder of gold models, `<model>.sql` each: read into `GoldModel`, every fault found at once."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from sqlglot import exp

from watershed import names
from watershed.contracts.document import Node, Report
from watershed.finding import Finding, refuse, shown
from watershed.gold import exports, header, query
from watershed.gold.header import Header
from watershed.gold.model import AS_OF_PLACE, GoldModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from watershed.contracts.model import Contract
    from watershed.gold.model import GoldColumn
    from watershed.gold.origins import Origin
    from watershed.gold.query import Output, Tables

_FITS = {("whole number", "decimal")}  # kinds that differ and still lose nothing in the refresh's cast


@dataclass(frozen=True)
class _Draft:
    """One file, as far as it could be read; its faults are in `report`."""

    name: str
    report: Report
    header: Header | None = None
    sql: str = ""
    tree: exp.Query | None = None


def read_models(folder: Path, contracts: Mapping[str, Contract]) -> dict[str, GoldModel]:
    """All gold models of a folder, by name.

    Args:
        folder: Holds one `<model>.sql` a model and nothing else; names that start with a dot are ignored.
        contracts: The datasets whose tables the models may read as `silver.<table>`.

    Raises:
        ConfigurationError: naming every fault with file, line and remedy.
    """
    models, findings = _examine(folder, contracts)
    refuse(findings, "gold models")
    return models


def lint(folder: Path, contracts: Mapping[str, Contract]) -> list[Finding]:
    """The faults of all gold models in `folder`, by file and line; empty if there are none."""
    return _examine(folder, contracts)[1]


def _examine(folder: Path, contracts: Mapping[str, Contract]) -> tuple[dict[str, GoldModel], list[Finding]]:
    if not folder.is_dir():
        return {}, [Finding(shown(folder), 0, "", "There is no such folder.", "Create it, or correct the path.")]
    drafts = [_draft(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    tables, personal = _tables(drafts, contracts)
    examined = {draft.name: _examine_query(draft, tables, personal) for draft in drafts}
    reads = {name: read for name, (read, _) in examined.items()}
    _check_cycles(drafts, reads)
    made = {(f"{names.GOLD_DB}.{name}", o.name): o.origins for name, (_, outputs) in examined.items() for o in outputs}
    for draft in drafts:
        if draft.header:
            exports.check_identities(draft.name, draft.header, draft.report, made, contracts)
    models = {
        draft.name: GoldModel(
            name=draft.name,
            description=draft.header.description,
            grain=draft.header.grain,
            keys=draft.header.keys,
            columns=draft.header.columns,
            reads=tuple(sorted(reads[draft.name])),
            sql=query.compiled(draft.sql),
            owner=draft.header.owner,
            exportable=draft.header.exportable,
        )
        for draft in drafts
        if draft.header and not draft.report.findings
    }
    return models, sorted(finding for draft in drafts for finding in draft.report.findings)


def _draft(path: Path) -> _Draft:
    """Read one file: its name, header and SQL, each by itself."""
    report, name = Report(shown(path)), path.stem
    whole_file = Node("", 0)
    if path.suffix != ".sql" or not path.is_file():
        report.add(whole_file, "This is not a gold model.", "Name models <model>.sql and move the rest elsewhere.")
        return _Draft(name, report)
    if not names.is_identifier(name):
        report.add(whole_file, "The file's name is no table name.", "Use lower-case letters, digits and underscores.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        report.add(whole_file, "This file is not UTF-8.", "Save it as UTF-8.")
        return _Draft(name, report)
    parts = header.split(text, report)
    if parts is None:
        return _Draft(name, report)
    yaml, sql = parts
    if AS_OF_PLACE in sql:
        report.add(whole_file, f"{AS_OF_PLACE} is not SQL.", f"Write :{query.AS_OF}.")
    tree = query.parse(sql, report)
    if tree is not None:
        query.check(tree, report)
    described = header.read(yaml, report)
    if described is not None:
        exports.check(described, report)
    return _Draft(name, report, described, sql, tree)


def _tables(drafts: list[_Draft], contracts: Mapping[str, Contract]) -> tuple[Tables, set[Origin]]:
    """What models may read: every table's columns with their types, and which of them are personal data.

    A model whose header is faulty has no columns here: what reads it is not examined further.
    """
    silver = [table for contract in contracts.values() for table in contract.tables]
    gold = [draft for draft in drafts if draft.header and not draft.report.findings]
    tables: Tables = {f"{names.GOLD_DB}.{draft.name}": {} for draft in drafts}
    personal: set[Origin] = set()
    for table in silver:
        name = f"{names.SILVER_DB}.{table.name}"
        tables[name] = {column.name: column.athena_type for column in table.columns}
        personal |= {(name, column.name) for column in table.columns if column.pii}
    for draft in gold:
        name, columns = f"{names.GOLD_DB}.{draft.name}", draft.header.columns if draft.header else ()
        tables[name] = {column.name: column.type for column in columns}
        personal |= {(name, column.name) for column in columns if column.pii}
    return tables, personal


def _examine_query(draft: _Draft, tables: Tables, personal: set[Origin]) -> tuple[set[str], list[Output]]:
    """Hold the SQL against the lake and its header; returns the tables it reads, and its outputs if it is sound."""
    if draft.tree is None:
        return set(), []
    outputs: list[Output] = []
    sound = not draft.report.findings
    reads = query.reads(draft.tree, draft.report, tables)
    if sound and draft.header and not draft.report.findings and all(tables[name] for name in reads):
        outputs = query.outputs(draft.tree, draft.report, tables)
        if not draft.report.findings:
            _check_outputs(outputs, draft.header, draft.report, personal)
    return reads, outputs


def _check_outputs(outputs: list[Output], described: Header, report: Report, personal: set[Origin]) -> None:
    put_out, wanted = [output.name for output in outputs], [column.name for column in described.columns]
    if put_out != wanted:
        line = next((o.line for o, name in zip(outputs, wanted, strict=False) if o.name != name), outputs[-1].line)
        problem = f"The SELECT puts out ({', '.join(put_out)}), the header describes ({', '.join(wanted)})."
        report.findings.append(Finding(report.file, line, "columns", problem, "Make them the same, in the same order."))
        return
    for output, column in zip(outputs, described.columns, strict=True):
        _check_type(output, column, report)
        told = sorted(f"{table}.{name}" for table, name in output.origins & personal)
        if told and column.name not in described.pii_stated:
            problem = f"It is made from personal data ({', '.join(told)})."
            remedy = "Leave it out, or say `pii: true`; say `pii: false` if nobody can be told from it."
            report.add(described.nodes[column.name], problem, remedy)


def _check_type(output: Output, column: GoldColumn, report: Report) -> None:
    wanted = query.family_of(column.type)
    path = f"columns.{column.name}"
    if output.family and output.family != wanted and (output.family, wanted) not in _FITS:
        problem = f"The SELECT gives a {output.family}, the header says {column.type}."
        report.findings.append(Finding(report.file, output.line, path, problem, "Cast it, or correct the header."))
    elif output.decimal and wanted == "decimal" and not _holds(column.type, output.decimal):
        problem = (
            f"The SELECT casts to decimal({output.decimal[0]},{output.decimal[1]}), more than {column.type} holds."
        )
        report.findings.append(Finding(report.file, output.line, path, problem, "Make both the same."))


def _holds(kind: str, digits: tuple[int, int]) -> bool:
    """Whether every value of decimal(*digits) is one of the decimal type `kind`."""
    precision, scale = header.decimal_digits(kind)
    return scale >= digits[1] and precision - scale >= digits[0] - digits[1]


def _check_cycles(drafts: list[_Draft], reads: Mapping[str, set[str]]) -> None:
    prefix = f"{names.GOLD_DB}."
    upstream = {name: {read.removeprefix(prefix) for read in r if read.startswith(prefix)} for name, r in reads.items()}
    try:
        TopologicalSorter(upstream).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        report = next(draft.report for draft in drafts if draft.name == circle[0])
        problem = f"These models read each other in a circle: {' -> '.join(reversed(circle))}."
        report.add(Node("", 0), problem, "Take one of the reads out.")
