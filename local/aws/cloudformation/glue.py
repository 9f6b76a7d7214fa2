"""Glue databases and tables."""

from __future__ import annotations

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _create_database(request: Request) -> Made:
    entry = request.properties["DatabaseInput"]
    request.keep("glue", "create_database", {"DatabaseInput": entry}, lambda _: _database(request))
    return Made(entry["Name"])


def _update_database(request: Request, made: Made) -> Made:
    parameters = {"Name": made.ref, "DatabaseInput": request.properties["DatabaseInput"]}
    request.keep("glue", "update_database", parameters, lambda _: _database(request))
    return made


def _database(request: Request) -> Properties:
    name = request.properties["DatabaseInput"]["Name"]
    return {"Name": name, "DatabaseInput": request.client("glue").get_database(Name=name)["Database"]}


def _delete_database(request: Request, made: Made) -> None:
    request.client("glue").delete_database(Name=made.ref)


def _create_table(request: Request) -> Made:
    parameters = request.without("CatalogId")
    request.keep("glue", "create_table", parameters, lambda _: _table(request))
    return Made(request.properties["TableInput"]["Name"])


def _update_table(request: Request, made: Made) -> Made:
    request.keep("glue", "update_table", request.without("CatalogId"), lambda _: _table(request))
    return made


def _table(request: Request) -> Properties:
    database, name = request.properties["DatabaseName"], request.properties["TableInput"]["Name"]
    table = request.client("glue").get_table(DatabaseName=database, Name=name)["Table"]
    return {"DatabaseName": database, "TableInput": table}


def _delete_table(request: Request, made: Made) -> None:
    request.client("glue").delete_table(DatabaseName=request.properties["DatabaseName"], Name=made.ref)


TYPES = (
    ResourceType(
        "AWS::Glue::Database",
        "CatalogId DatabaseInput",
        _create_database,
        _delete_database,
        _update_database,
        fixed="CatalogId",
    ),
    ResourceType(
        "AWS::Glue::Table",
        "CatalogId DatabaseName TableInput",
        _create_table,
        _delete_table,
        _update_table,
        fixed="CatalogId DatabaseName",
    ),
)
