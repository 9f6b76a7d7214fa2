"""What QuickSight would refuse: columns, fields, visuals and filters that a dataset or page names and does not have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Properties = dict[str, Any]


def output_columns(dataset: Mapping[str, Any]) -> dict[str, str]:
    """The columns that a dataset gives, with their types, after the steps of its one logical table.

    Raises:
        LookupError: naming a column or table that a step asks for and that is not there.
    """
    physical = {
        name: {column["Name"]: column["Type"] for column in table["RelationalTable"]["InputColumns"]}
        for name, table in dataset["PhysicalTableMap"].items()
    }
    logical = dataset.get("LogicalTableMap") or {}
    if not logical:
        (columns,) = physical.values()
        return columns
    (table,) = logical.values()
    columns = dict(_named(physical, table["Source"]["PhysicalTableId"]))
    for step in table.get("DataTransforms", []):
        ((operation, given),) = step.items()
        if operation == "ProjectOperation":
            columns = {name: _named(columns, name) for name in given["ProjectedColumns"]}
        elif operation == "RenameColumnOperation":
            kind = _named(columns, given["ColumnName"])
            columns = {
                given["NewColumnName"] if name == given["ColumnName"] else name: each for name, each in columns.items()
            }
            columns[given["NewColumnName"]] = kind
        elif operation == "TagColumnOperation":
            _named(columns, given["ColumnName"])
        else:
            raise LookupError(f"{operation} is not imitated")
    for folder in (dataset.get("FieldFolders") or {}).values():
        for name in folder["Columns"]:
            _named(columns, name)
    return columns


def missing(definition: Mapping[str, Any], datasets: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What a definition names and does not have, as sentences; empty if it holds together.

    Args:
        definition: Of an analysis or dashboard.
        datasets: The columns of its datasets, by the identifiers that it gives them.
    """
    known = {name: set(columns) for name, columns in datasets.items()}
    for calculated in definition.get("CalculatedFields", []):
        known.setdefault(calculated["DataSetIdentifier"], set()).add(calculated["Name"])
    found = [
        f"there is no column {each['ColumnName']} in the dataset {each['DataSetIdentifier']}"
        for each in _objects(definition, "ColumnName")
        if each["ColumnName"] not in known.get(each.get("DataSetIdentifier", ""), set())
    ]
    filters = {each["FilterId"] for each in _objects(definition, "FilterId")}
    found += [
        f"there is no filter {each['SourceFilterId']}"
        for each in _objects(definition, "SourceFilterId")
        if each["SourceFilterId"] not in filters
    ]
    for sheet in definition.get("Sheets", []):
        found += _sheet(sheet)
    return found


def _sheet(sheet: Mapping[str, Any]) -> Iterator[str]:
    ids = [each["VisualId"] for each in _objects(sheet, "VisualId")]
    ids += [each["FilterControlId"] for each in _objects(sheet, "FilterControlId")]
    yield from (f"{name} is there twice" for name, times in Counter(ids).items() if times > 1)
    placed = [each["ElementId"] for each in _objects(sheet, "ElementId")]
    yield from (f"there is no element {name}" for name in placed if name not in ids)
    yield from (f"{name} has no place" for name in ids if name not in placed)
    for visual in sheet.get("Visuals", []):
        fields = {each["FieldId"] for each in _objects(visual, "Column")}
        sorted_by = [each["FieldId"] for each in _objects(visual, "Direction")]
        yield from (f"there is no field {name} to sort by" for name in sorted_by if name not in fields)


def _objects(value: Any, key: str) -> Iterator[Mapping[str, Any]]:
    """All objects, at any depth, that have a key."""
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, key)
    elif isinstance(value, dict):
        if key in value:
            yield value
        for item in value.values():
            yield from _objects(item, key)


def _named(known: Mapping[str, Any], name: str) -> Any:
    if name not in known:
        raise LookupError(f"there is no {name}")
    return known[name]
