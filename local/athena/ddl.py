"""Runs definitions on the Glue catalog: databases, external tables, table properties, new names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.athena import ddl_reader
from local.athena.catalog import CSV_SERDE, VIEW_TYPE, IcebergTable
from local.athena.definitions import (
    CSV,
    PARQUET,
    CreateDatabase,
    CreateExternalTable,
    DropDatabase,
    RenameTable,
    SetProperties,
)
from local.athena.errors import StatementFailed, not_proven
from local.athena.outcome import Outcome
from local.athena.translate.types import from_hive

if TYPE_CHECKING:
    from local.athena.catalog import GlueCatalog
    from local.athena.outcome import Request
    from local.athena.statements import Define, Name

_DDL_TASK = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_FORMATS = {
    PARQUET: (
        f"{_PARQUET}.MapredParquetInputFormat",
        f"{_PARQUET}.MapredParquetOutputFormat",
        f"{_PARQUET}.serde.ParquetHiveSerDe",
    ),
    CSV: (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        CSV_SERDE,
    ),
}


def _failed(message: str) -> StatementFailed:
    return StatementFailed("FAILED", message)


class Definitions:
    """Runs one definition, in one account and region."""

    def __init__(self, catalog: GlueCatalog) -> None:
        self._catalog = catalog

    def run(self, statement: Define, request: Request) -> Outcome:
        """Run it.

        Raises:
            StatementFailed: with Hive's messages, as Athena passes them on.
        """
        parsed = ddl_reader.read(statement.sql)
        if isinstance(parsed, CreateDatabase):
            return self._create_database(parsed)
        if isinstance(parsed, DropDatabase):
            return self._drop_database(parsed)
        if isinstance(parsed, CreateExternalTable):
            return self._create_table(parsed, request)
        if isinstance(parsed, SetProperties):
            return self._set_properties(parsed, request)
        return self._rename(parsed, request)

    def _create_database(self, parsed: CreateDatabase) -> Outcome:
        if self._catalog.has_database(parsed.name):
            if not parsed.if_not_exists:
                raise _failed(f"{_DDL_TASK} Database {parsed.name} already exists")
        else:
            self._catalog.create_database(parsed.name, parsed.comment, parsed.location)
        return Outcome("DDL", "CREATE_DATABASE")

    def _drop_database(self, parsed: DropDatabase) -> Outcome:
        if not self._catalog.has_database(parsed.name):
            if not parsed.if_exists:
                raise _failed(f"SemanticException [Error 10072]: Database does not exist: {parsed.name}")
        elif self._catalog.tables(parsed.name) and not parsed.cascade:
            raise _failed(f"{_DDL_TASK} InvalidOperationException(message:Database {parsed.name} is not empty.)")
        else:
            self._catalog.drop_database(parsed.name)
        return Outcome("DDL", "DROP_DATABASE")

    def _create_table(self, parsed: CreateExternalTable, request: Request) -> Outcome:
        database, name = self._database(parsed.name, request), parsed.name.table
        if self._catalog.describe(database, name) is not None:
            if not parsed.if_not_exists:
                raise _failed(f"{_DDL_TASK} AlreadyExistsException(message:Table {name} already exists)")
            return Outcome("DDL", "CREATE_TABLE")
        for column in (*parsed.columns, *parsed.keys):
            from_hive(column.type)
            if parsed.kind == CSV and column.type != "string":
                alternative = "Declare every column as string, and cast in the query."
                raise not_proven(f"Type {column.type} in a table over CSV", alternative)
        self._catalog.create(database, name, _definition(parsed))
        return Outcome("DDL", "CREATE_TABLE")

    def _set_properties(self, parsed: SetProperties, request: Request) -> Outcome:
        database, glue = self._existing(parsed.name, request)
        if isinstance(self._catalog.find(database, parsed.name.table), IcebergTable):
            raise not_proven("ALTER TABLE SET TBLPROPERTIES of an Iceberg table", "Set them with pyiceberg.")
        parameters = {**(glue.get("Parameters") or {}), **parsed.properties}
        self._catalog.update(database, parsed.name.table, {**glue, "Parameters": parameters})
        return Outcome("DDL", "ALTER_TABLE_SET_PROPERTIES")

    def _rename(self, parsed: RenameTable, request: Request) -> Outcome:
        database, glue = self._existing(parsed.name, request)
        if not isinstance(self._catalog.find(database, parsed.name.table), IcebergTable):
            raise not_proven("RENAME of a table that is not Iceberg", "Create the table again under its new name.")
        target = (self._database(parsed.new, request), parsed.new.table)
        if self._catalog.describe(*target) is not None:
            raise _failed(f"{_DDL_TASK} AlreadyExistsException(message:Table {target[1]} already exists)")
        self._catalog.create(*target, {**glue, "Name": target[1]})
        self._catalog.drop(database, parsed.name.table)
        return Outcome("DDL", "ALTER_TABLE_RENAME")

    def _database(self, name: Name, request: Request) -> str:
        database = name.database or request.database
        if not self._catalog.has_database(database):
            raise _failed(f"SemanticException [Error 10072]: Database does not exist: {database}")
        return database

    def _existing(self, name: Name, request: Request) -> tuple[str, dict[str, Any]]:
        """The database, and what Glue takes to describe the table again."""
        database = self._database(name, request)
        glue = self._catalog.describe(database, name.table)
        if glue is None or glue.get("TableType") == VIEW_TYPE:
            raise _failed(f"SemanticException [Error 10001]: Table not found {database}.{name.table}")
        return database, {key: value for key, value in glue.items() if key in _INPUTS}


_INPUTS = frozenset(
    ["Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters"]
)


def _definition(parsed: CreateExternalTable) -> dict[str, Any]:
    columns, keys = (
        [{"Name": each.name, "Type": each.type} | ({"Comment": each.comment} if each.comment else {}) for each in part]
        for part in (parsed.columns, parsed.keys)
    )
    reads, writes, serde = _FORMATS[parsed.kind]
    comment = {"comment": parsed.comment} if parsed.comment else {}
    return {
        "Name": parsed.name.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **comment, **parsed.properties},
        "PartitionKeys": keys,
        "StorageDescriptor": {
            "Columns": columns,
            "Location": parsed.location,
            "InputFormat": reads,
            "OutputFormat": writes,
            "SerdeInfo": {
                "SerializationLibrary": serde,
                "Parameters": {"serialization.format": "1", **parsed.serde},
            },
        },
    }
