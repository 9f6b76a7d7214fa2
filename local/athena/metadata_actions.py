"""The API's actions that show the catalog, each a method of moto's responses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError

from local.athena import responses
from local.athena.errors import StatementFailed
from local.athena.requests import invalid, page
from local.athena.service import service

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.athena.responses import AthenaResponse

    from local.athena.catalog import GlueCatalog

CATALOG = "AwsDataCatalog"


def _no_metadata(what: str) -> JsonRESTError:
    return JsonRESTError("MetadataException", f"EntityNotFoundException: Entity Not Found: {what}")


def _catalog(self: AthenaResponse) -> GlueCatalog:
    """Glue's catalog, which is the only one here."""
    name = self._get_param("CatalogName")
    if str(name).lower() != CATALOG.lower():
        raise invalid(f"Catalog {name} was not found. The local Athena has {CATALOG} only.")
    return service().catalog(self.current_account, self.region)


def _database(glue: dict[str, Any]) -> dict[str, Any]:
    made = {"Name": glue["Name"], "Description": glue.get("Description"), "Parameters": glue.get("Parameters") or {}}
    return {key: value for key, value in made.items() if value is not None}


def list_databases(self: AthenaResponse) -> str:
    """Glue's databases."""
    catalog = _catalog(self)
    names, token = page(self, catalog.databases())
    return json.dumps({"DatabaseList": [_database(catalog.database(name)) for name in names], **token})


def get_database(self: AthenaResponse) -> str:
    """One of Glue's databases."""
    catalog, name = _catalog(self), str(self._get_param("DatabaseName")).lower()
    if not catalog.has_database(name):
        raise _no_metadata(f"Database {name} not found")
    return json.dumps({"Database": _database(catalog.database(name))})


def get_table_metadata(self: AthenaResponse) -> str:
    """One table or view."""
    database, name = str(self._get_param("DatabaseName")).lower(), str(self._get_param("TableName")).lower()
    catalog = _catalog(self)
    found = catalog.describe(database, name) if catalog.has_database(database) else None
    if found is None:
        raise _no_metadata(f"Table {database}.{name} not found")
    return json.dumps({"TableMetadata": responses.table_metadata(found)})


def list_table_metadata(self: AthenaResponse) -> str:
    """The tables and views of a database whose names match an expression, `*` standing for anything."""
    database = str(self._get_param("DatabaseName")).lower()
    try:
        tables = _catalog(self).tables(database)
    except StatementFailed as failure:
        raise _no_metadata(f"Database {database} not found") from failure
    expression = self._get_param("Expression")
    wanted = re.compile(expression.replace("*", ".*").replace("..*", ".*")) if expression else None
    found = [table for table in tables if wanted is None or wanted.search(table["Name"])]
    shown, token = page(self, found)
    return json.dumps({"TableMetadataList": [responses.table_metadata(table) for table in shown], **token})


def list_data_catalogs(self: AthenaResponse) -> str:
    """Glue's catalog, and those that were made."""
    made = self.athena_backend.list_data_catalogs()
    return json.dumps({"DataCatalogsSummary": [{"CatalogName": CATALOG, "Type": "GLUE"}, *made]})


def get_data_catalog(self: AthenaResponse) -> str:
    """Glue's catalog, or one that was made."""
    name = self._get_param("Name")
    if str(name).lower() == CATALOG.lower():
        parameters = {"catalog-id": self.current_account}
        return json.dumps({"DataCatalog": {"Name": CATALOG, "Type": "GLUE", "Parameters": parameters}})
    made = self.athena_backend.get_data_catalog(name)
    if made is None:
        raise invalid(f"DataCatalog {name} was not found")
    return json.dumps({"DataCatalog": made})


ACTIONS: tuple[Callable[[Any], str], ...] = (
    list_databases,
    get_database,
    get_table_metadata,
    list_table_metadata,
    list_data_catalogs,
    get_data_catalog,
)
