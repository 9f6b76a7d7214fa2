"""Pages for reporting tools: which totals over which gold model, and by what; Power BI and QuickSight draw the same.

A page is a file `pages/<name>.yaml`: `title`, `description`, `table`, `by` and `totals`, each of which names one column
to `sum`, or one whose different values are counted (`distinct`). The first total is the one that the page speaks about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import names
from watershed.finding import Finding, refuse
from watershed.gold.model import Aggregate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from watershed.contracts.document import Node, Report
    from watershed.gold.model import GoldModel

COUNT_FORMAT = "#,##0"

_KEYS = ("title", "description", "table", "by", "totals")
_ADDING = (Aggregate.SUM, Aggregate.DISTINCT)


@dataclass(frozen=True)
class Total:
    """One number of a page: shown for all rows, and for each value of the page's `by`."""

    name: str  # for people, e.g. Total revenue
    aggregate: Aggregate  # SUM or DISTINCT, of all values of `column`
    column: str
    format: str  # e.g. #,##0.00


@dataclass(frozen=True)
class Page:
    """One page over one gold model."""

    name: str  # the file's, e.g. revenue
    title: str
    description: str
    table: str  # a gold model
    by: str  # its column that tells the bars apart, and who may see which rows
    totals: tuple[Total, ...]


def read_pages(folder: Path, models: Mapping[str, GoldModel]) -> dict[str, Page]:
    """All pages of a folder, by name; a lake need not have any.

    Raises:
        ConfigurationError: naming every fault with file, line and remedy.
    """
    pages, findings = _examine(folder, models)
    refuse(findings, "pages")
    return pages


def lint(folder: Path, models: Mapping[str, GoldModel]) -> list[Finding]:
    """The faults of all pages in `folder`; empty if there are none."""
    return _examine(folder, models)[1]


def _examine(folder: Path, models: Mapping[str, GoldModel]) -> tuple[dict[str, Page], list[Finding]]:
    from watershed.contracts.document import examined, files_in

    return examined(files_in(folder), lambda path, report: _read(path, models, report))


def _read(path: Path, models: Mapping[str, GoldModel], report: Report) -> Page | None:
    from watershed.contracts.document import load

    root = load(path, report, "page", "page")
    if root is None:
        return None
    if not names.is_identifier(path.stem):
        report.add(root, "The file's name is no page's name.", "Use lower-case letters, digits and underscores.")
    fields = report.mapping(root, _KEYS, required=_KEYS)
    model = models.get(report.choice(fields.get("table"), models, ""))
    if model is None or not all(key in fields for key in _KEYS):
        return None
    by = model.column(report.choice(fields["by"], [each.name for each in model.columns], ""))
    if by is not None and by.type != "varchar":
        report.add(fields["by"], f"{by.name} is no text.", "Name a column of type varchar.")
    totals = [_total(node, model, report) for node in report.members(fields["totals"])]
    if not totals:
        report.add(fields["totals"], "A page without totals shows nothing.", "Write at least one.")
    called = [total.name for total in totals if total]
    if len(called) != len(set(called)):
        report.add(fields["totals"], "Two totals have the same name.", "Call one otherwise.")
    title, description = report.text(fields["title"]), report.text(fields["description"])
    if by is None or report.findings:
        return None
    return Page(path.stem, title, description, model.name, by.name, tuple(total for total in totals if total))


def _total(node: Node, model: GoldModel, report: Report) -> Total | None:
    fields = report.mapping(node, ("name", *_ADDING), required=("name",))
    chosen = [aggregate for aggregate in _ADDING if aggregate in fields]
    if len(chosen) != 1:
        report.add(node, "A total sums one column or counts its different values.", "Write `sum` or `distinct`.")
        return None
    (aggregate,) = chosen
    column = model.column(report.choice(fields[aggregate], [each.name for each in model.columns], ""))
    if column is None:
        return None
    if aggregate is Aggregate.SUM and column.aggregate is not Aggregate.SUM:
        report.add(fields[aggregate], f"{column.name} does not add up.", "Name a column with `aggregate: sum`.")
    return Total(
        name=report.text(fields.get("name")),
        aggregate=aggregate,
        column=column.name,
        format=column.format if aggregate is Aggregate.SUM else COUNT_FORMAT,
    )
