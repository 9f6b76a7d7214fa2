"""How an Iceberg table follows its contract: what metadata alone can change is changed, anything else is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyiceberg.types import DecimalType, IcebergType, NestedField

from watershed.errors import ConfigurationError
from watershed.silver import lineage, schema

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.update.schema import UpdateSchema

    from watershed.contracts.model import Column, Table


def evolve(iceberg: IcebergTable, table: Table) -> None:
    """Rename, widen, loosen and add columns, and set what maintenance goes by, in one commit; none if nothing differs.

    A file knows its columns by their ids, so the files that are there stay as they are. A column that the contract no
    longer has stays too.

    Raises:
        ConfigurationError: if the contract changed in a way that would need the table's rows rewritten.
        CommitFailedException: if another writer changed the table meanwhile.
    """
    renamed = _renamed(iceberg, table)
    present = {renamed.get(field.name, field.name): field for field in iceberg.schema().fields}
    _refuse_rewriting(iceberg, table, present)
    lacking = {key: value for key, value in schema.kept_up(table).items() if iceberg.properties.get(key) != value}
    needless = {f"{schema.METRICS}{name}" for name in renamed} & iceberg.properties.keys()
    if not (lacking or needless or _differs(table, present)):
        return
    with iceberg.transaction() as change:
        if lacking:
            change.set_properties(lacking)
        if needless:
            change.remove_properties(*sorted(needless))
        with change.update_schema() as update:
            _apply(update, table, present)


def check(iceberg: IcebergTable, table: Table) -> None:
    """Change nothing.

    Raises:
        ConfigurationError: as `evolve`.
    """
    renamed = _renamed(iceberg, table)
    _refuse_rewriting(iceberg, table, {renamed.get(field.name, field.name): field for field in iceberg.schema().fields})


def _renamed(iceberg: IcebergTable, table: Table) -> dict[str, str]:
    """The columns that are still called as they were before, with what they are to be called."""
    present = {field.name for field in iceberg.schema().fields}
    renamed = {}
    for column in table.columns:
        if column.renamed_from in present:
            if column.name in present:
                raise _changed(table, f"it has both {column.name} and {column.renamed_from}, which it was renamed from")
            renamed[str(column.renamed_from)] = column.name
    return renamed


def _refuse_rewriting(iceberg: IcebergTable, table: Table, present: dict[str, NestedField]) -> None:
    names = {field.field_id: name for name, field in present.items()}
    for column in table.columns:
        found = present[column.name].field_type if column.name in present else schema.iceberg_type(column)
        if found != schema.iceberg_type(column) and not _widens(found, column):
            raise _changed(table, f"column {column.name} is {found}, not {column.athena_type}")
    key = {names[each] for each in iceberg.schema().identifier_field_ids}
    if key and key != set(table.primary_key):
        raise _changed(table, f"its key is {', '.join(sorted(key))}")
    layout = [(names[field.source_id], str(field.transform)) for field in iceberg.spec().fields]
    if layout != _layout(table):
        raise _changed(table, "it is partitioned otherwise")


def _layout(table: Table) -> list[tuple[str, str]]:
    columns: Any = schema.schema(table)
    fields = schema.partition_spec(table).fields
    return [(columns.find_field(field.source_id).name, str(field.transform)) for field in fields]


def _widens(found: IcebergType, column: Column) -> bool:
    """Whether every value of the type that is there is one of the column's: more digits, as many after the point."""
    wanted = schema.iceberg_type(column)
    if not isinstance(found, DecimalType) or not isinstance(wanted, DecimalType):
        return False
    return found.scale == wanted.scale and found.precision < wanted.precision


def _differs(table: Table, present: dict[str, NestedField]) -> bool:
    """Whether the table's columns are not yet as the contract says."""
    if any(field.name != name or _is_loosened(table, name, field) for name, field in present.items()):
        return True
    return any(
        column.name not in present or present[column.name].field_type != schema.iceberg_type(column)
        for column in table.columns
    )


def _apply(update: UpdateSchema, table: Table, present: dict[str, NestedField]) -> None:
    for name, field in present.items():
        if field.name != name:
            update.rename_column(field.name, name)
        if _is_loosened(table, name, field):
            update.make_column_optional(field.name)
    for column in table.columns:
        wanted = schema.iceberg_type(column)
        if column.name not in present:
            update.add_column(column.name, wanted, doc=column.description or None)
            update.move_before(column.name, lineage.SOURCE_KEY)
        elif present[column.name].field_type != wanted:
            update.update_column(present[column.name].name, field_type=wanted)


def _is_loosened(table: Table, name: str, field: NestedField) -> bool:
    """Whether the table demands a value that the contract does not: in Iceberg, only the key is required."""
    return field.required and name not in table.primary_key


def _changed(table: Table, how: str) -> ConfigurationError:
    return ConfigurationError(
        f"silver.{table.name} does not fit its contract any more: {how}.",
        remedy=f"Run `watershed rebuild REGION {table.parent or table.name}`, or take the contract's change back.",
    )
