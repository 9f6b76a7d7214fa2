"""The data dictionary: every table of silver and gold with its columns, as one page of Markdown made from the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names

from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.catalog import Catalog
    from watershed.contracts.model import Column, Contract, Table
    from watershed.gold.model import GoldColumn, GoldModel

PAGE = ROOT / "docs" / "tables.md"

_HEAD = """\
# Tables

Every table that readers find in a region, made from the contracts and the gold models by `watershed tables --write`:
change those, not this page. A key's column is in **bold**. The same texts are Glue's comments. Silver's tables have
[lineage](architecture.md) columns besides, which begin with `_`. Tables with a day or a time have
[views in the region's time zones](gold.md#time-zones), with the same columns.
"""
_ADDS = {"sum": "adds up", "distinct": "distinct count, does not add up", "none": "does not add up"}


def page(catalog: Catalog) -> str:
    """The whole page."""
    tables = [(table, contract) for contract in catalog.contracts.values() for table in contract.tables]
    tables.sort(key=lambda each: each[0].name)
    models = sorted(catalog.models.values(), key=lambda model: model.name)
    blocks = [
        _HEAD,
        "## Silver: one row per business key, typed, cleaned, in UTC\n",
        *(_silver(table, contract) for table, contract in tables),
        "## Gold: metrics\n",
        *(_gold(model) for model in models),
    ]
    return "\n".join(blocks)


def _silver(table: Table, contract: Contract) -> str:
    rows = (_silver_row(column, table) for column in table.columns)
    facts = [f"Key: {_code(table.primary_key)}", f"owner: {contract.owner or 'nobody'}"]
    if table.version_column:
        facts.append(f"of two rows with one key the greater `{table.version_column}` stands")
    if table.parent:
        facts.append(f"one set of rows per row of `{names.SILVER_DB}.{table.parent}`")
    return _section(names.SILVER_DB, table.name, table.description, facts, rows)


def _silver_row(column: Column, table: Table) -> str:
    notes = ["required"] if column.required else []
    notes += ["personal data"] if column.pii else []
    return _row(column.name, column.athena_type, column.description, notes, key=column.name in table.primary_key)


def _gold(model: GoldModel) -> str:
    facts = [
        f"{model.grain[:1].upper()}{model.grain[1:]}",
        f"key: {_code(model.keys)}",
        f"owner: {model.owner}",
        "sums of it may be [combined with other regions'](residency-queries.md)" if model.exportable else "stays here",
    ]
    rows = (_gold_row(column, model) for column in model.columns)
    return _section(names.GOLD_DB, model.name, model.description, facts, rows)


def _gold_row(column: GoldColumn, model: GoldModel) -> str:
    notes = ["personal data"] if column.pii else []
    if column.aggregate is not None:
        notes += [f"in {column.unit}", f"shown as `{column.format}`", _ADDS[column.aggregate]]
    return _row(column.name, column.type, column.description, notes, key=column.name in model.keys)


def _section(database: str, name: str, description: str, facts: Iterable[str], rows: Iterable[str]) -> str:
    head = f"### {database}.{name}\n\n{description} {'; '.join(facts)}.\n"
    return "\n".join([head, "| column | type | meaning |", "|---|---|---|", *rows, ""])


def _row(name: str, kind: str, description: str, notes: Iterable[str], *, key: bool) -> str:
    shown = f"**`{name}`**" if key else f"`{name}`"
    meaning = "; ".join(_sentences(description, notes)).replace("|", "\\|")
    return f"| {shown} | `{kind}` | {meaning} |"


def _sentences(description: str, notes: Iterable[str]) -> Iterator[str]:
    if description:
        yield description.rstrip(".")
    yield from notes


def _code(columns: Iterable[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)
