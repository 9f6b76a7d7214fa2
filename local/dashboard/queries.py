"""What the page asks of gold: `queries/*.sql`, held against the models before anything is asked.

A file begins, like a gold model, with YAML in a comment: `shows` names the model whose header describes the columns,
and `columns` describes those that the query works out itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watershed import names
from watershed.contracts.document import Node, Report, examined, parse
from watershed.errors import ConfigurationError
from watershed.gold import header, query
from watershed.gold.model import GoldColumn, GoldModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.finding import Finding

FOLDER = Path(__file__).parent / "queries"

# What the templates and `page.js` name, by query: whatever gold calls it, a query gives it this name.
NEEDED = {
    "activity": ("activity_day", "active_stores", "new_stores", "uninstalled_stores"),
    "best_and_worst": (
        *("scope", "branches", "branch_name", "revenue", "revenue_share"),
        *("worst_branch", "worst_revenue", "ahead"),
    ),
    "branches": ("scope", "branch_name", "revenue", "customers", "products", "transactions"),
    "lifespans": ("from_days", "active_stores", "ended_stores"),
    "months": ("order_month", "revenue", "transactions"),
    "sales_by_day": ("order_day", "branch_name", "revenue", "transactions"),
    "sales_by_month": ("order_month", "branch_name", "revenue", "transactions"),
    "stores": ("as_of_day",),
    "subscriptions": ("subscription_day", "first_subscription_revenue", "subscription_revenue"),
    "totals": ("scope", "revenue", "customers", "products", "transactions"),
}


@dataclass(frozen=True)
class PageQuery:
    """One SELECT over gold.

    Attributes:
        model: The model whose header gives the titles.
        reads: The gold tables it needs, e.g. `branch_performance`.
        columns: What it puts out, in order.
        sql: In Athena's dialect.
    """

    name: str
    model: GoldModel
    reads: tuple[str, ...]
    columns: tuple[GoldColumn, ...]
    sql: str


def read_queries(models: Mapping[str, GoldModel], folder: Path = FOLDER) -> dict[str, PageQuery]:
    """The page's queries by name.

    Raises:
        ConfigurationError: if one asks for what the models do not have; it names each with file, line and remedy.
    """
    found, findings = _examine(models, folder)
    if findings:
        listed = "\n".join(str(finding) for finding in findings)
        raise ConfigurationError(
            f"The dashboard asks gold for what it does not have:\n{listed}\n",
            remedy="Make these queries follow the models, or the models them.",
        )
    return found


def lint(models: Mapping[str, GoldModel], folder: Path = FOLDER) -> list[Finding]:
    """The faults of all queries in `folder`; empty if there are none."""
    return _examine(models, folder)[1]


def _examine(models: Mapping[str, GoldModel], folder: Path) -> tuple[dict[str, PageQuery], list[Finding]]:
    return examined((folder / f"{name}.sql" for name in NEEDED), lambda path, report: _read(path, models, report))


def _read(path: Path, models: Mapping[str, GoldModel], report: Report) -> PageQuery | None:
    if not path.is_file():
        report.add(Node("", 0), "The page needs this query.", "Bring it back.")
        return None
    parts = header.split(path.read_text(encoding="utf-8"), report)
    root = parse(parts[0], report) if parts else None
    tree = query.parse(parts[1], report) if parts else None
    if parts is None or root is None or tree is None:
        return None
    fields = report.mapping(root, ("shows", "columns"), required=("shows",))
    model = models.get(report.text(fields.get("shows")))
    if "shows" in fields and model is None:
        report.add(fields["shows"], "There is no such model.", "Name one of layers/lake/gold.")
    query.check(tree, report)
    tables = {f"{names.GOLD_DB}.{m.name}": {column.name: column.type for column in m.columns} for m in models.values()}
    reads = query.reads(tree, report, tables)
    outputs = [output.name for output in query.outputs(tree, report, tables)] if not report.findings else []
    columns = [_column(name, model, fields.get("columns"), report, root) for name in outputs] if model else []
    if missing := [name for name in NEEDED[path.stem] if outputs and name not in outputs]:
        problem = f"The page shows {', '.join(missing)}, which the SELECT does not give."
        report.add(root, problem, "Give it this name with AS, and describe it under `columns`.")
    if report.findings or model is None:
        return None
    return PageQuery(
        path.stem,
        model,
        tuple(sorted(read.removeprefix(f"{names.GOLD_DB}.") for read in reads)),
        tuple(column for column in columns if column),
        query.compiled(parts[1]),
    )


def _column(name: str, model: GoldModel, own: Node | None, report: Report, root: Node) -> GoldColumn | None:
    """A column as the query's header, or else the model's, describes it."""
    described = report.mapping(own, (own.mapping or {}).keys()) if own else {}
    if name in described:
        return header.column(name, described[name], report)
    column = model.column(name)
    if column is None:
        problem = f"gold.{model.name} has no column `{name}` that could give its title."
        report.add(root, problem, "Describe it under `columns`, or name it as the model does.")
    return column
