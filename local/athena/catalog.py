"""The Glue catalog of one region, as moto holds it: what a table is, where its files are, what a view says."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.glue.exceptions import EntityNotFoundException
from moto.glue.models import glue_backends
from sqlglot import exp

from local.athena import iceberg
from local.athena.errors import StatementFailed, not_proven
from local.athena.translate.dialect import AthenaSql
from local.athena.translate.statement import Table, TableColumn, View
from local.athena.translate.types import Type, from_expression, from_hive

if TYPE_CHECKING:
    from local.athena.objects import Objects

_VIEW_PREFIX, _VIEW_SUFFIX = "/* Presto View: ", " */"
VIEW_TYPE = "VIRTUAL_VIEW"
CSV_SERDE = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


@dataclass(frozen=True)
class HiveTable(Table):
    """A table whose rows are the Parquet or CSV files under a location. `glue` is Glue's own description of it."""

    glue: dict[str, Any]
    partition_keys: tuple[TableColumn, ...]
    partitions: tuple[dict[str, Any], ...]

    @property
    def parameters(self) -> dict[str, str]:
        """The table's properties."""
        return dict(self.glue.get("Parameters") or {})

    @property
    def is_csv(self) -> bool:
        """Whether its files are CSV, and not Parquet."""
        serde = (self.glue.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
        return bool(serde.get("SerializationLibrary") == CSV_SERDE)

    @property
    def location(self) -> str:
        """Where its files are."""
        return str((self.glue.get("StorageDescriptor") or {}).get("Location") or "")


@dataclass(frozen=True)
class IcebergTable(Table):
    """A table whose rows are in the files that its current metadata file names."""

    metadata: iceberg.IcebergMetadata


class GlueCatalog:
    """The databases, tables and views of one account and region. What a query has looked up stays as it was."""

    def __init__(self, account: str, region: str, objects: Objects) -> None:
        self.account = account
        self.region = region
        self._backend = glue_backends[account][region]
        self._objects = objects
        self._found: dict[tuple[str, str], Table | View | None] = {}

    def has_database(self, database: str) -> bool:
        """Whether the database exists."""
        return database in self._backend.databases

    def databases(self) -> list[str]:
        """All databases, by name."""
        return sorted(self._backend.databases)

    def database(self, name: str) -> dict[str, Any]:
        """Glue's description of a database, which must exist."""
        described: dict[str, Any] = self._backend.databases[name].as_dict()
        return described

    def tables(self, database: str) -> list[dict[str, Any]]:
        """Glue's descriptions of the tables and views of a database, by name.

        Raises:
            StatementFailed: `SCHEMA_NOT_FOUND`.
        """
        if not self.has_database(database):
            raise StatementFailed("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist")
        return [table.as_dict() for _, table in sorted(dict(self._backend.databases[database].tables).items())]

    def describe(self, database: str, name: str) -> dict[str, Any] | None:
        """Glue's description of one table or view, or None."""
        try:
            table = self._backend.get_table(database, name)
        except EntityNotFoundException:
            return None
        return {**table.as_dict(), "Name": table.name}

    def find(self, database: str, name: str) -> Table | View | None:
        """The table or view, or None."""
        if (database, name) not in self._found:
            self._found[database, name] = self._read(database, name)
        return self._found[database, name]

    def _read(self, database: str, name: str) -> Table | View | None:
        glue = self.describe(database, name)
        if glue is None:
            return None
        if glue.get("TableType") == VIEW_TYPE:
            return read_view(database, name, str(glue.get("ViewOriginalText") or ""))
        parameters = glue.get("Parameters") or {}
        if str(parameters.get("table_type", "")).upper() == "ICEBERG":
            metadata = iceberg.load(self.account, self.region, str(parameters.get("metadata_location") or ""))
            return IcebergTable(database, name, metadata.columns, metadata)
        return self._hive(database, name, glue)

    def _hive(self, database: str, name: str, glue: dict[str, Any]) -> HiveTable:
        storage = glue.get("StorageDescriptor") or {}
        serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
        if "parquet" not in f"{storage.get('InputFormat') or ''}{serde}".lower() and serde != CSV_SERDE:
            raise not_proven(f"The file format of table '{database}.{name}'", "Store it as Parquet or Iceberg.")
        keys = tuple(_column(item) for item in glue.get("PartitionKeys") or [])
        columns = (*(_column(item) for item in storage.get("Columns") or []), *keys)
        partitions = tuple(item.as_dict() for item in dict(self._backend.get_table(database, name).partitions).values())
        return HiveTable(database, name, columns, glue, keys, partitions)

    def create_database(self, name: str, comment: str, location: str) -> None:
        """Puts a database in the catalog."""
        given = {"Name": name, "Description": comment, "LocationUri": location}
        self._backend.create_database(name, {key: value for key, value in given.items() if value})

    def drop_database(self, name: str) -> None:
        """Takes a database and its tables out of the catalog; files stay."""
        self._backend.delete_database(name)

    def update(self, database: str, name: str, definition: dict[str, Any]) -> None:
        """Describes a table anew."""
        self._backend.update_table(database, name, definition)

    def create(self, database: str, name: str, definition: dict[str, Any]) -> None:
        """Puts a table or view in the catalog."""
        self._backend.create_table(database, name, definition)

    def drop(self, database: str, name: str) -> None:
        """Takes a table or view out of the catalog; files stay."""
        self._backend.delete_table(database, name)


def _column(item: dict[str, Any]) -> TableColumn:
    name = str(item["Name"]).lower()
    try:
        return TableColumn(name, from_hive(str(item.get("Type") or "string")))
    except StatementFailed as problem:
        return TableColumn(name, None, problem)


def read_view(database: str, name: str, text: str) -> View:
    """A view from Glue's `ViewOriginalText`: base64 of JSON with the query, its schema and its columns.

    Raises:
        StatementFailed: `INVALID_VIEW`.
    """
    encoded = text.removeprefix(_VIEW_PREFIX).removesuffix(_VIEW_SUFFIX).strip()
    try:
        value = json.loads(base64.b64decode(encoded, validate=True))
        columns = tuple((str(item["name"]), _trino_type(str(item["type"]))) for item in value["columns"])
        return View(str(value.get("schema") or database), name, str(value["originalSql"]), columns)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise StatementFailed("INVALID_VIEW", f"Invalid view JSON: '{database}.{name}'") from error


def write_view(database: str, sql: str, columns: tuple[tuple[str, Type], ...]) -> str:
    """The inverse of `read_view`. `database` is the one in which names without one are looked up."""
    value = {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [{"name": name, "type": str(kind)} for name, kind in columns],
    }
    return f"{_VIEW_PREFIX}{base64.b64encode(json.dumps(value).encode()).decode()}{_VIEW_SUFFIX}"


def _trino_type(name: str) -> Type:
    return from_expression(exp.DataType.build(name, dialect=AthenaSql))
