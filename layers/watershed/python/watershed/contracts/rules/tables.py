"""Rules about names, keys, versions, partitions, child tables and residency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names
from watershed.contracts.model import Contract, Kind, Table
from watershed.contracts.rules.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

POSITION = "position"  # a child table's second kind of key: the element's 1-based place in its array
_CALENDAR = frozenset({Kind.DATE, Kind.TIMESTAMP})
_TRANSFORMABLE = {
    "identity": frozenset({Kind.STRING, Kind.INTEGER, Kind.BOOLEAN, Kind.DATE}),
    "bucket": frozenset({Kind.STRING, Kind.INTEGER, Kind.DATE, Kind.TIMESTAMP, Kind.DECIMAL}),
    "year": _CALENDAR,
    "month": _CALENDAR,
    "day": _CALENDAR,
}


def table_faults(contract: Contract, stem: str) -> Iterator[Fault]:
    """Faults of a contract's names, tables and residency."""
    yield from _name_faults(contract, stem)
    for table in contract.tables:
        if not table.primary_key:
            message = "This table has no primary key."
            yield Fault(f"schema.{table.name}.properties", message, "Mark the key columns with `primaryKey: true`.")
        yield from _version_faults(table)
        yield from _partition_faults(table)
    for column in contract.table.columns:
        if column.json_path:
            path = f"schema.{contract.table.name}.properties.{column.name}.customProperties.jsonPath"
            yield Fault(path, "Only a child table's column has a jsonPath.", "Use a dotted name in `sources`.")
    for child in contract.children:
        yield from _child_faults(child, contract)
    yield from _residency_faults(contract)
    yield from _subject_faults(contract)


def has_column(table: Table, name: str) -> bool:
    """Whether the table has a column called `name`."""
    return any(column.name == name for column in table.columns)


def _name_faults(contract: Contract, stem: str) -> Iterator[Fault]:
    if contract.name == names.UNKNOWN_DATASET:
        yield Fault("name", f"`{contract.name}` stands for files that no contract takes.", "Choose another name.")
    if contract.name != stem:
        message = f"The dataset `{contract.name}` is in the file {stem}.yaml."
        yield Fault("name", message, f"Rename the file {contract.name}.yaml, or the dataset.")
    elif contract.table.name != contract.name:
        message = f"The first table is not the dataset's own, `{contract.name}`."
        yield Fault(f"schema.{contract.table.name}", message, f"Call it `{contract.name}`, or move it below.")


def _version_faults(table: Table) -> Iterator[Fault]:
    name, path = table.version_column, f"schema.{table.name}.customProperties.versionColumn"
    if name is None:
        return
    if table.parent:
        yield Fault(path, "A child table's rows have the version of their parent.", "Remove `versionColumn`.")
    elif not has_column(table, name):
        yield Fault(path, f"The table has no column `{name}`.", "Name a column of `properties`, or add it.")
    elif table.column(name).kind not in {Kind.TIMESTAMP, Kind.INTEGER}:
        message = f"`{name}` is a {table.column(name).kind}; versions are ordered."
        yield Fault(path, message, "Name a timestamp or integer column.")


def _partition_faults(table: Table) -> Iterator[Fault]:
    partition = table.partition
    if partition is None:
        return
    path = f"schema.{table.name}.properties.{partition.column}"
    kind = table.column(partition.column).kind
    if kind not in _TRANSFORMABLE[partition.transform]:
        fitting = sorted(name for name, kinds in _TRANSFORMABLE.items() if kind in kinds) or ["no transform"]
        message = f"The transform `{partition.transform}` does not go with `{kind}`."
        yield Fault(path, message, f"Use {' or '.join(fitting)}, or partition by another column.")
    if not table.column(partition.column).required and partition.column not in table.primary_key:
        yield Fault(path, "A partition column is never empty.", "Add `required: true`.")
    if table.version_column == partition.column:
        yield Fault(path, "The version column changes; a partition column never does.", "Partition by another column.")
    if table.parent and partition.column not in table.primary_key:
        message = "A child row's fields change with its parent; a partition column never does."
        yield Fault(path, message, "Partition by the parent's key.")


def _child_faults(child: Table, contract: Contract) -> Iterator[Fault]:
    parent, path = contract.table, f"schema.{child.name}"
    if child.parent is None or child.explode is None:
        message = "A further table is a child: it needs `parent` and `explode`."
        yield Fault(path, message, "Name the parent table and the source column that holds the JSON array.")
        return
    if child.parent not in {contract.name, parent.name}:
        remedy = f"Write `{contract.name}`."
        yield Fault(f"{path}.customProperties.parent", f"`{child.parent}` is not the dataset's own table.", remedy)
    leading = (*parent.primary_key, POSITION)
    if not parent.primary_key:
        return  # the parent's fault is said already
    if tuple(column.name for column in child.columns[: len(leading)]) != leading:
        yield Fault(f"{path}.properties", "A child table starts with its parent's key and the element's position.",
                    f"Begin with: {', '.join(leading)}.")  # fmt: skip
        return
    if child.primary_key != leading:
        yield Fault(f"{path}.properties", "A child's key is its parent's key and the element's position.",
                    f"Mark as `primaryKey`, in this order: {', '.join(leading)}.")  # fmt: skip
    if child.column(POSITION).kind is not Kind.INTEGER:
        yield Fault(f"{path}.properties.{POSITION}", "A position is an integer.", "Write `logicalType: integer`.")
    for name in parent.primary_key:
        if child.column(name).athena_type != parent.column(name).athena_type:
            message = f"`{name}` has another type in `{parent.name}`."
            yield Fault(f"{path}.properties.{name}", message, f"Write {parent.column(name).athena_type} in both.")
    for column in child.columns:
        if (column.name in leading) is bool(column.json_path):
            place = f"{path}.properties.{column.name}"
            if column.json_path:
                yield Fault(place, "The key and the position are not fields of the element.", "Remove `jsonPath`.")
            else:
                yield Fault(place, "It is not said which field of the element this is.", "Add a `jsonPath`.")


def _residency_faults(contract: Contract) -> Iterator[Fault]:
    name, path = contract.residency.column, "customProperties.residency"
    if name is None:
        return
    if not has_column(contract.table, name):
        yield Fault(path, f"The table has no column `{name}`.", "Name a column that holds ISO 3166 country codes.")
    elif contract.table.column(name).kind is not Kind.STRING:
        yield Fault(path, f"`{name}` is not text.", "Name a column that holds ISO 3166 country codes.")


def _subject_faults(contract: Contract) -> Iterator[Fault]:
    name, path = contract.subject, "customProperties.subject"
    if name is None:
        return
    if not has_column(contract.table, name):
        yield Fault(path, f"The table has no column `{name}`.", "Name the column that says whom a row is about.")
    elif contract.table.column(name).kind not in {Kind.STRING, Kind.INTEGER}:
        yield Fault(path, f"`{name}` is neither text nor an integer.", "Name a column by which a person is known.")
