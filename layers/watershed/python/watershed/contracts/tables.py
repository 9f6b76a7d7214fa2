"""Reads a contract's `schema`: tables, columns, keys, partitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import names
from watershed.contracts.document import Node
from watershed.contracts.model import Column, Kind, Partition, Table

if TYPE_CHECKING:
    from watershed.contracts.document import Report

_TABLE_KEYS = frozenset({
    "id", "name", "physicalType", "description", "businessName", "authoritativeDefinitions", "tags",
    "customProperties", "logicalType", "dataGranularityDescription", "properties", "relationships",
})  # fmt: skip
_TABLE_REFUSED = {
    "physicalName": "Give the table its name in `name`.",
    "quality": "Give the rule to a column.",
}
TABLE_PROPERTIES = frozenset({"versionColumn", "parent", "explode"})

_COLUMN_KEYS = frozenset({
    "id", "name", "physicalType", "description", "businessName", "authoritativeDefinitions", "tags",
    "customProperties", "primaryKey", "primaryKeyPosition", "logicalType", "logicalTypeOptions", "required",
    "partitioned", "partitionKeyPosition", "classification", "examples", "criticalDataElement", "relationships",
    "quality",
})  # fmt: skip
_COLUMN_REFUSED = {
    "physicalName": "Give the column its name in `name`.",
    "unique": "Only the primary key is unique: mark it with `primaryKey`.",
    "encryptedName": "Remove it.",
    "transformSourceObjects": "Name the source's column in `sources`.",
    "transformLogic": "Write a gold model for it.",
    "transformDescription": "Use `description`.",
    "items": "Make the array a child table with `parent` and `explode`.",
    "properties": "Map the nested field to a column with a dotted name in `sources`.",
}
COLUMN_PROPERTIES = frozenset({"money", "jsonPath", "partitionTransform", "renamedFrom"})

_OPTION_KEYS = frozenset({"minimum", "maximum", "pattern", "maxLength"})
_OPTION_REFUSED = {
    "minLength": "Use `pattern`.",
    "exclusiveMinimum": "Use `minimum`.",
    "exclusiveMaximum": "Use `maximum`.",
    "multipleOf": "Give the scale in `physicalType: decimal(p,s)`.",
    "format": "Formats belong to a source: `dateFormats`, `timestampFormats`.",
    "timezone": "Timestamps are UTC; a source's zone is its `timeZone`.",
    "defaultTimezone": "Timestamps are UTC; a source's zone is its `timeZone`.",
}

_QUALITY_KEYS = frozenset({"id", "name", "description", "dimension", "type", "metric", "arguments", "mustBe"})
_QUALITY_NOTE = "text"  # the standard's type for a rule in words

_CLASSIFICATIONS = ("pii", "public", "internal", "confidential", "restricted")
_KINDS = {  # logicalType: its only physicalType and the kind; `number` is either decimal or double
    "string": ("string", Kind.STRING),
    "integer": ("bigint", Kind.INTEGER),
    "boolean": ("boolean", Kind.BOOLEAN),
    "date": ("date", Kind.DATE),
    "timestamp": ("timestamp", Kind.TIMESTAMP),
}
_DECIMAL = re.compile(r"decimal\((\d{1,2}), ?(\d{1,2})\)")
_BUCKET = re.compile(r"bucket\(([1-9]\d{0,3})\)")
_TRANSFORMS = ("identity", "year", "month", "day", "bucket(16)")
_MOST_DIGITS = 38


def read_tables(report: Report, node: Node) -> tuple[Table, ...]:
    """The tables of a contract's `schema`, in order. Faults go to `report`."""
    tables = [_table(report, item) for item in report.members(node)]
    if not tables and node.items is not None:
        report.add(node, "There is no table.", "Describe the dataset's table first.")
    _refuse_twins(report, report.members(node) if node.items is not None else (), "table")
    return tuple(tables)


def custom_properties(report: Report, fields: dict[str, Node], known: frozenset[str]) -> dict[str, Node]:
    """The values of a `customProperties` list by property; unknown properties are faults."""
    found: dict[str, Node] = {}
    for item in report.members(fields.get("customProperties")):
        pair = report.mapping(item, ("id", "property", "value", "description"), required=("property", "value"))
        if "property" not in pair or "value" not in pair:
            continue
        name = report.choice(pair["property"], known, "")
        if name in found:
            report.add(item, f"`{name}` is here twice.", "Remove one.")
        elif name:
            found[name] = pair["value"]
    return found


@dataclass(frozen=True)
class _Property:
    """One item of `properties`, taken apart."""

    node: Node
    fields: dict[str, Node]
    custom: dict[str, Node]


def _table(report: Report, node: Node) -> Table:
    fields = report.mapping(node, _TABLE_KEYS, required=("name", "properties"), refused=_TABLE_REFUSED)
    report.choice(fields.get("logicalType"), ("object",), "object")
    custom = custom_properties(report, fields, TABLE_PROPERTIES)
    properties = [_property(report, item) for item in report.members(fields.get("properties"))]
    _refuse_twins(report, tuple(item.node for item in properties), "column")
    return Table(
        name=_identifier(report, fields.get("name")),
        columns=tuple(_column(report, item) for item in properties),
        primary_key=_primary_key(report, properties),
        description=report.text(fields.get("description")),
        version_column=report.text(custom.get("versionColumn")) or None,
        partition=_partition(report, properties),
        parent=report.text(custom.get("parent")) or None,
        explode=names.source_column(report.text(custom.get("explode"))) or None,
    )


def _property(report: Report, node: Node) -> _Property:
    fields = report.mapping(node, _COLUMN_KEYS, required=("name", "logicalType"), refused=_COLUMN_REFUSED)
    return _Property(node, fields, custom_properties(report, fields, COLUMN_PROPERTIES))


def _column(report: Report, item: _Property) -> Column:
    fields, custom = item.fields, item.custom
    kind, precision, scale = _kind(report, fields)
    options: dict[str, Node] = {}
    if "logicalTypeOptions" in fields:
        options = report.mapping(fields["logicalTypeOptions"], _OPTION_KEYS, refused=_OPTION_REFUSED)
    return Column(
        name=_identifier(report, fields.get("name")),
        kind=kind,
        precision=precision,
        scale=scale,
        description=report.text(fields.get("description")),
        required=report.flag(fields.get("required")),
        pii=report.choice(fields.get("classification"), _CLASSIFICATIONS, "public") == "pii",
        money=report.flag(custom.get("money")),
        valid_values=_valid_values(report, fields.get("quality")),
        minimum=report.scalar(options.get("minimum")),
        maximum=report.scalar(options.get("maximum")),
        pattern=report.text(options.get("pattern")) or None,
        max_length=report.number(options.get("maxLength")),
        json_path=report.text(custom.get("jsonPath")) or None,
        renamed_from=_identifier(report, custom.get("renamedFrom")) or None,
    )


def _kind(report: Report, fields: dict[str, Node]) -> tuple[Kind, int, int]:
    """A column's kind, and a decimal's precision and scale."""
    logical_node, physical_node = fields.get("logicalType"), fields.get("physicalType")
    logical = report.choice(logical_node, (*_KINDS, "number"), "string")
    physical = report.text(physical_node)
    if logical != "number":
        expected, kind = _KINDS[logical]
        if logical_node and physical_node and physical and physical != expected:
            report.add(physical_node, f"`{physical}` does not go with `{logical}`.", f"Write `{expected}`.")
        return kind, 0, 0
    if physical == "double":
        return Kind.DOUBLE, 0, 0
    decimal = _DECIMAL.fullmatch(physical)
    if decimal and int(decimal[2]) <= int(decimal[1]) and 1 <= int(decimal[1]) <= _MOST_DIGITS:
        return Kind.DECIMAL, int(decimal[1]), int(decimal[2])
    at = physical_node or logical_node
    if at is not None:
        remedy = "Write `double`, or `decimal(p,s)` with at most 38 digits p of which s are after the point."
        report.add(at, "A number needs an exact physical type.", remedy)
    return Kind.DOUBLE, 0, 0


def _valid_values(report: Report, node: Node | None) -> tuple[str, ...]:
    """The values of the standard's `invalidValues` rule, the one library rule that is checked row by row."""
    values: tuple[str, ...] = ()
    for item in report.members(node):
        fields = report.mapping(item, _QUALITY_KEYS, required=())
        if report.choice(fields.get("type"), ("library", _QUALITY_NOTE), "library") == _QUALITY_NOTE:
            continue
        if "metric" not in fields or "arguments" not in fields:
            remedy = "Write `metric: invalidValues`, `arguments: {validValues: [...]}`, `mustBe: 0`."
            report.add(item, "This rule has no metric or no arguments.", remedy)
            continue
        report.choice(fields["metric"], ("invalidValues",), "invalidValues")
        if fields.get("mustBe") is None or fields["mustBe"].text != "0":
            report.add(item, "Every row is checked, so no invalid value passes.", "Write `mustBe: 0`.")
        arguments = report.mapping(fields["arguments"], ("validValues",), required=("validValues",))
        values = tuple(report.scalar(value) or "" for value in report.members(arguments.get("validValues")))
    return values


def _primary_key(report: Report, properties: list[_Property]) -> tuple[str, ...]:
    """The names of the key columns by `primaryKeyPosition`."""
    keys: list[tuple[int, _Property]] = []
    for item in properties:
        position = item.fields.get("primaryKeyPosition")
        if report.flag(item.fields.get("primaryKey")):
            keys.append((report.number(position) or 1, item))
        elif position is not None:
            report.add(position, "This column is not in the key.", "Add `primaryKey: true`.")
    keys.sort(key=lambda key: key[0])
    for place, (number, item) in enumerate(keys, start=1):
        if number != place:
            remedy = "Number the key columns 1, 2, … in `primaryKeyPosition`."
            report.add(item.node, f"The key has no column {place}.", remedy)
            break
    return tuple(report.text(item.fields.get("name")) for _, item in keys)


def _partition(report: Report, properties: list[_Property]) -> Partition | None:
    """The one partition column and its transform."""
    found: Partition | None = None
    for item in properties:
        transform = item.custom.get("partitionTransform")
        if not report.flag(item.fields.get("partitioned")):
            if transform is not None:
                report.add(transform, "This column is not partitioned.", "Add `partitioned: true`.")
        elif found:
            report.add(item.node, "A table has one partition column.", f"Leave `partitioned` to `{found.column}`.")
        else:
            text = report.text(transform, "identity")
            bucket = _BUCKET.fullmatch(text)
            if not bucket:
                text = report.choice(transform, _TRANSFORMS, "identity")
            column = report.text(item.fields.get("name"))
            found = Partition(column, "bucket" if bucket else text, int(bucket[1]) if bucket else 0)
    return found


def _identifier(report: Report, node: Node | None) -> str:
    text = report.text(node)
    if node is not None and node.is_string and not names.is_identifier(text):
        remedy = "Use lower-case letters, digits and underscores; start with a letter; at most 63 characters."
        report.add(node, f"`{text}` is not an identifier.", remedy)
    return text


def _refuse_twins(report: Report, nodes: tuple[Node, ...], what: str) -> None:
    seen: set[str] = set()
    for node in nodes:
        name = (node.mapping or {}).get("name")
        if name is not None and name.text in seen:
            report.add(node, f"There is another {what} `{name.text}`.", "Rename or remove one.")
        seen.add(str(name.text if name else ""))
