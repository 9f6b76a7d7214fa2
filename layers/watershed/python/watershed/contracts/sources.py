"""Reads a contract's `sources` and `residency`: how the dataset arrives and whose it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.contracts.model import MissingResidency, Residency, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from watershed.contracts.document import Node, Report
    from watershed.contracts.model import Table

SOURCE_KEYS = frozenset({
    "name", "description", "regions", "files", "delimiter", "encoding", "decimalMark", "thousandsMark",
    "dateFormats", "timestampFormats", "timeZone", "nullValues", "trueValues", "falseValues", "columns",
})  # fmt: skip


def read_sources(report: Report, node: Node) -> tuple[Source, ...]:
    """The sources of a contract, in the order in which they are tried. Faults go to `report`."""
    sources = tuple(_source(report, item) for item in report.members(node))
    if not sources and node.items is not None:
        report.add(node, "There is no source.", "Describe at least one way in which the dataset arrives.")
    return sources


def with_old_names(sources: Iterable[Source], table: Table) -> tuple[Source, ...]:
    """The sources, in which a renamed column that has no names of its own is also found by what it was called before.

    So files from before the rename are read as they were. An old name that leads to two columns is a fault, and is
    left out.
    """
    taken = Counter(name for each in table.columns for name in (each.name, each.renamed_from) if name)
    renamed = {
        each.name: (each.name, each.renamed_from)
        for each in table.columns
        if each.renamed_from and taken[each.renamed_from] == 1
    }
    return tuple(replace(source, columns={**renamed, **source.columns}) for source in sources)


def read_residency(report: Report, node: Node) -> Residency:
    """Which column tells a row's country; without one, the reason must be given."""
    fields = report.mapping(node, ("column", "missing", "reason"))
    column, reason = report.text(fields.get("column")) or None, report.text(fields.get("reason"))
    if column is None and not reason and node.mapping is not None:
        report.add(node, "Nothing tells where a row belongs.", "Name the `column`, or give the `reason` for none.")
    if column and "missing" not in fields:
        report.add(node, "It is not said what an empty country means.", "Add `missing: accept` or `quarantine`.")
    if column is None and "missing" in fields:
        report.add(fields["missing"], "Without a column there is nothing to miss.", "Remove `missing`.")
    missing = report.choice(fields.get("missing"), [str(choice) for choice in MissingResidency], "accept")
    return Residency(column=column, missing=MissingResidency(missing), reason=reason)


def _source(report: Report, node: Node) -> Source:
    fields = report.mapping(node, SOURCE_KEYS, required=("name",))
    readers: dict[str, tuple[str, Callable[[Node], Any]]] = {
        "regions": ("regions", report.texts),
        "files": ("files", report.texts),
        "delimiter": ("delimiter", report.text),
        "encoding": ("encoding", report.text),
        "decimalMark": ("decimal_mark", report.text),
        "thousandsMark": ("thousands_mark", report.text),
        "dateFormats": ("date_formats", report.texts),
        "timestampFormats": ("timestamp_formats", report.texts),
        "timeZone": ("time_zone", report.text),
        "nullValues": ("null_values", report.texts),
        "trueValues": ("true_values", report.texts),
        "falseValues": ("false_values", report.texts),
        "columns": ("columns", lambda value: _columns(report, value)),
    }
    # What the file leaves out keeps the model's default.
    given = {name: read(fields[key]) for key, (name, read) in readers.items() if key in fields}
    return Source(name=report.text(fields.get("name")), **given)


def _columns(report: Report, node: Node) -> dict[str, tuple[str, ...]]:
    """Silver column -> names in the file, as bronze spells them."""
    if node.mapping is None:
        report.add(node, "This is not a mapping.", "Write `column: name in the file` lines.")
        return {}
    columns: dict[str, tuple[str, ...]] = {}
    for column, value in node.mapping.items():
        written = report.texts(value) if value.items is not None else (report.text(value),)
        if not all(written):
            report.add(value, "A name is empty.", "Write the column's name in the file.")
        columns[names.source_column(column)] = tuple(dict.fromkeys(_as_bronze(name) for name in written))
    return columns


def _as_bronze(name: str) -> str:
    """A name as bronze spells it. What follows a dot is a field inside JSON, whose case counts."""
    column, dot, inside = name.partition(".")
    return names.source_column(column) + dot + inside
