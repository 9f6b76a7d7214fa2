"""The queries of the tables in M, and the parameters that say where they ask. Neither holds a credential."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from watershed import names

from local.powerbi.model import Parameter
from local.powerbi.names import m_text
from local.powerbi.types import kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.gold.model import GoldColumn

_CULTURE = m_text("en-US")
_IS_NO_NUMBER = "_ <> null and (Number.IsNaN(_) or Number.Abs(_) = Number.PositiveInfinity)"


class Source(StrEnum):
    """Where Power BI reads a region's gold."""

    ATHENA = "athena"
    POSTGRES = "postgres"


def parameters(source: Source, region: str) -> tuple[Parameter, ...]:
    """What the queries of a region take, with the values to begin with."""
    if source is Source.POSTGRES:
        return (
            Parameter("Host", "localhost", f"The address of {region}'s PostgreSQL, or of a tunnel to it."),
            Parameter("Port", "5433", "The port there."),
            Parameter("Database", names.PREFIX, "The database's name."),
        )
    dsn = f"{names.PREFIX}-{region}"
    about = f"The ODBC data source of {region}'s Athena; region and workgroup are set there."
    return (
        Parameter("Dsn", dsn, about),
        Parameter("DataCatalog", "AwsDataCatalog", "Athena's data catalog."),
        Parameter("Schema", names.GOLD_DB, "The database in it."),
    )


def query(source: Source, table: str, columns: Iterable[GoldColumn]) -> str:
    """The query of one table or view: these columns in this order, of exactly the header's types.

    A column that is not there fails the refresh by its name. Days and times before Power BI's calendar, and doubles
    that are no numbers, become empty.
    """
    columns = tuple(columns)
    rows = _postgres(table, columns) if source is Source.POSTGRES else _athena(table, columns)
    typed = _list(f"{{{m_text(column.name)}, {kind(column.type).m}}}" for column in columns)
    steps = [*rows, ("Typed", f"Table.TransformColumnTypes({rows[-1][0]}, {typed}, {_CULTURE})")]
    cleanings = list(_cleanings(columns))
    if cleanings:
        steps.append(("Cleaned", f"Table.TransformColumns(Typed, {_list(cleanings)})"))
    said = ",\n".join(f"    {name} = {expression}" for name, expression in steps)
    return f"let\n{said}\nin\n    {steps[-1][0]}"


def connection_file(source: Source, region: str) -> str | None:
    """A `.pbids` file, which opens Power BI's dialogue for the source; none for Athena, whose form nobody tells."""
    if source is not Source.POSTGRES:
        return None
    given = {each.name: each.value for each in parameters(source, region)}
    address = {"server": f"{given['Host']}:{given['Port']}", "database": given["Database"]}
    details = {"protocol": "postgresql", "address": address}
    connections = [{"details": details, "options": {}, "mode": "Import"}]
    return json.dumps({"version": "0.1", "connections": connections}, indent=2) + "\n"


def _athena(table: str, columns: tuple[GoldColumn, ...]) -> list[tuple[str, str]]:
    return [
        ("Source", "AmazonAthena.Databases(Dsn, null, [])"),
        ("Databases", 'Source{[Name = DataCatalog, Kind = "Database"]}[Data]'),
        ("Tables", 'Databases{[Name = Schema, Kind = "Schema"]}[Data]'),
        ("Rows", f"Tables{{[Name = {m_text(table)}]}}[Data]"),  # drivers differ in what kind they say a view is
        ("Chosen", _chosen(columns)),
    ]


def _postgres(table: str, columns: tuple[GoldColumn, ...]) -> list[tuple[str, str]]:
    steps = [
        ("Source", 'PostgreSQL.Database(Host & ":" & Port, Database)'),
        ("Rows", f"Source{{[Schema = {m_text(names.GOLD_DB)}, Item = {m_text(table)}]}}[Data]"),
        ("Chosen", _chosen(columns)),
    ]
    times = [column.name for column in columns if column.type == "timestamp"]
    if times:  # else the type's conversion would take them to the clock of the computer that refreshes
        utc = "each if _ is datetimezone then DateTimeZone.RemoveZone(DateTimeZone.ToUtc(_)) else _"
        steps.append(
            ("Utc", f"Table.TransformColumns(Chosen, {_list(f'{{{m_text(name)}, {utc}}}' for name in times)})")
        )
    return steps


def _chosen(columns: tuple[GoldColumn, ...]) -> str:
    return f"Table.SelectColumns(Rows, {_list(m_text(column.name) for column in columns)})"


def _cleanings(columns: tuple[GoldColumn, ...]) -> Iterator[str]:
    for column in columns:
        of = kind(column.type)
        condition = f"_ <> null and _ < {of.earliest}" if of.earliest else _IS_NO_NUMBER if of.is_float else ""
        if condition:
            m_type = of.m.replace("type ", "type nullable ")
            yield f"{{{m_text(column.name)}, each if {condition} then null else _, {m_type}}}"


def _list(items: Iterable[str]) -> str:
    lines = ",\n".join(f"        {item}" for item in items)
    return f"{{\n{lines}\n    }}"
