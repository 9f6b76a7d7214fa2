"""A model's header: the YAML in the comment that its .sql file begins with, checked key by key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import names
from watershed.contracts.document import Node, parse
from watershed.finding import Finding
from watershed.gold.model import Aggregate, Export, GoldColumn, table_comment

if TYPE_CHECKING:
    from watershed.contracts.document import Report

OPEN, CLOSE = "/*", "*/"
LONGEST_TABLE_COMMENT, LONGEST_COLUMN_COMMENT = 2048, 255  # Glue's limits, in characters
TYPES = ("bigint", "integer", "double", "boolean", "date", "timestamp", "varchar")  # and decimal(p,s)

_HEADER = re.compile(r"/\*\s*\w+:.*?\*/", re.DOTALL)
_DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
_WIDEST_DECIMAL = 38
_POSTGRES_OWN = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})  # its manual, "System Columns"
_MEASURED, _COUNTED = frozenset({"decimal", "double"}), frozenset({"bigint", "integer"})
_EXAMPLES = {"format": "`'#,##0.00'`", "unit": "`currency`, `days` or `customers`"}
_KEYS = ("description", "grain", "keys", "owner", "exportable", "columns")
_COLUMN_KEYS = ("type", "description", "format", "unit", "aggregate", "pii", "export", "backed_by")


@dataclass(frozen=True)
class Header:
    """What a model says about itself, and where it says it."""

    description: str
    grain: str
    keys: tuple[str, ...]
    columns: tuple[GoldColumn, ...]
    owner: str
    exportable: bool
    exportable_at: Node | None  # where it says so, or that it is not
    nodes: dict[str, Node]  # column -> where it is described
    pii_stated: frozenset[str]  # columns whose header says whether they are personal data, either way


def split(text: str, report: Report) -> tuple[str, str] | None:
    """A file's header and SQL, each with the other blanked out so that lines keep their numbers; None with a fault."""
    if not _HEADER.match(text):
        remedy = f"Begin with {OPEN}, the YAML of docs/gold.md, {CLOSE}."
        report.findings.append(Finding(report.file, 1, "", "This model has no header.", remedy))
        return None
    inside, _, sql = text.removeprefix(OPEN).partition(CLOSE)
    return " " * len(OPEN) + inside, "\n" * inside.count("\n") + sql


def read(yaml: str, report: Report) -> Header | None:
    """The header's content; None, with the fault in `report`, if it is not a YAML mapping.

    A header with faults is returned as far as it could be read: look at `report.findings` before using it.
    """
    root = parse(yaml, report)
    if root is None:
        return None
    fields = report.mapping(root, _KEYS, required=("description", "grain", "keys", "owner", "columns"))
    columns = report.mapping(fields["columns"], (fields["columns"].mapping or {}).keys()) if "columns" in fields else {}
    header = Header(
        description=report.text(fields.get("description")),
        grain=report.text(fields.get("grain")),
        keys=report.texts(fields.get("keys")),
        columns=tuple(column(name, node, report) for name, node in columns.items()),
        owner=report.text(fields.get("owner")),
        exportable=report.flag(fields.get("exportable")),
        exportable_at=fields.get("exportable"),
        nodes=columns,
        pii_stated=frozenset(name for name, node in columns.items() if "pii" in (node.mapping or {})),
    )
    _check_keys(header, fields, report)
    for key in ("description", "grain", "owner"):
        _check_said(fields.get(key), report)
    if "description" in fields:
        comment = table_comment(header.description, header.grain, header.keys)
        _check_comment(fields["description"], comment, LONGEST_TABLE_COMMENT, report)
    personal = [column.name for column in header.columns if column.pii]
    if header.exportable and personal:
        problem = f"An exportable model has personal data in {', '.join(personal)}."
        report.add(fields["exportable"], problem, "Set `exportable: false`, or leave the columns out.")
    return header


def decimal_digits(kind: str) -> tuple[int, int]:
    """Precision and scale of a decimal type, e.g. (18, 2) of `decimal(18,2)`.

    Raises:
        ValueError: if it is not one.
    """
    found = _DECIMAL.fullmatch(kind)
    if found is None:
        raise ValueError(kind)
    return int(found[1]), int(found[2])


def column(name: str, node: Node, report: Report) -> GoldColumn:
    """One column as a header describes it; its faults go to `report`."""
    fields = report.mapping(node, _COLUMN_KEYS, required=("type", "description"))
    if not names.is_identifier(name):
        report.add(node, f"`{name}` is not a column name.", "Use lower-case letters, digits and underscores.")
    if name in _POSTGRES_OWN:
        report.add(node, f"PostgreSQL keeps `{name}` in each of its tables.", "Choose another name.")
    kind = report.text(fields.get("type"))
    if "type" in fields and not _is_type(kind):
        remedy = f"Use one of {', '.join(TYPES)}, or decimal(p,s) with s <= p <= {_WIDEST_DECIMAL}."
        report.add(fields["type"], f"`{kind}` is not a column type.", remedy)
    export = report.choice(fields.get("export"), tuple(Export), "")
    aggregate = report.choice(fields.get("aggregate"), tuple(Aggregate), "")
    implied = export if export in tuple(Aggregate) else ""
    if aggregate and implied and aggregate != implied:
        report.add(fields["aggregate"], f"It says `export: {implied}` as well.", "Leave `aggregate` out.")
    column = GoldColumn(
        name=name,
        type=kind,
        description=report.text(fields.get("description")),
        pii=report.flag(fields.get("pii")),
        format=report.text(fields.get("format")),
        unit=report.text(fields.get("unit")),
        aggregate=Aggregate(aggregate or implied) if aggregate or implied else None,
        export=Export(export) if export else None,
        backed_by=report.text(fields.get("backed_by")),
    )
    _check_said(fields.get("description"), report)
    if "description" in fields:
        _check_comment(fields["description"], column.comment, LONGEST_COLUMN_COMMENT, report)
    _check_measure(column, node, report)
    return column


def _check_measure(column: GoldColumn, node: Node, report: Report) -> None:
    """A measure says in what it is measured, how it is written, and how it adds up; nothing else says any of it."""
    kind = column.type.partition("(")[0]
    if column.aggregate is None:
        if column.format or column.unit:
            what = "It has a format or a unit, and does not say how it adds up."
            report.add(node, what, "Say `aggregate: sum`, `distinct` or `none`.")
        elif kind in _MEASURED:
            what = f"A {kind} is a measure, and it does not say how it adds up."
            report.add(node, what, "Say `aggregate: sum`, `distinct` or `none`, with `format` and `unit`.")
        return
    if kind not in _MEASURED | _COUNTED:
        report.add(node, f"A measure is a number, and this is a {column.type}.", "Leave `aggregate` out.")
    elif column.aggregate is Aggregate.DISTINCT and kind not in _COUNTED:
        report.add(node, f"A distinct count is a whole number, and this is a {column.type}.", "Make it a bigint.")
    for missing in (name for name in ("format", "unit") if not getattr(column, name)):
        report.add(node, f"It is a measure without `{missing}`.", f"Add `{missing}`, e.g. {_EXAMPLES[missing]}.")


def _check_said(node: Node | None, report: Report) -> None:
    if node is not None and node.is_string and not str(node.text).strip():
        report.add(node, "This says nothing.", "Write a sentence for whoever reads the table.")


def _check_comment(node: Node, comment: str, longest: int, report: Report) -> None:
    """What Glue is told must fit: it refuses the table otherwise."""
    if len(comment) > longest:
        report.add(
            node, f"With what is added to it, this has {len(comment)} characters; Glue keeps {longest}.", "Shorten it."
        )


def _is_type(kind: str) -> bool:
    if not _DECIMAL.fullmatch(kind):
        return kind in TYPES
    precision, scale = decimal_digits(kind)
    return scale <= precision and 1 <= precision <= _WIDEST_DECIMAL


def _check_keys(header: Header, fields: dict[str, Node], report: Report) -> None:
    """Keys must be columns, at least one, none twice."""
    if "keys" not in fields:
        return
    described = {column.name for column in header.columns}
    for key in header.keys:
        if described and key not in described:
            report.add(fields["keys"], f"The key `{key}` is not a column.", "Name columns of this model.")
        if any(column.name == key and column.aggregate for column in header.columns):
            problem = f"The key `{key}` is a measure: it says how it adds up."
            report.add(header.nodes[key], problem, "Leave `aggregate` out, or name another key.")
    if not header.keys or len(set(header.keys)) != len(header.keys):
        report.add(fields["keys"], "Keys are empty or repeat a column.", "Name each column that tells rows apart once.")
