"""The kinds of statements that are run, each with its parts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Name:
    """A table's name, lower case; `database` is empty if it was not written."""

    database: str
    table: str


@dataclass(frozen=True)
class Query:
    """SELECT, WITH, VALUES or a query in parentheses. `sql` is blank up to where it stands in the statement."""

    sql: str


@dataclass(frozen=True)
class Unload:
    """UNLOAD (query) TO 's3://…/' WITH (…)."""

    query: Query
    location: str
    properties: dict[str, object]


@dataclass(frozen=True)
class CreateTableAs:
    """CREATE TABLE name WITH (…) AS query."""

    name: Name
    query: Query
    properties: dict[str, object]
    if_not_exists: bool


@dataclass(frozen=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW name AS query."""

    name: Name
    query: Query
    replace: bool


@dataclass(frozen=True)
class Modify:
    """INSERT, UPDATE, DELETE or MERGE; `dml_reader` takes it apart."""

    sql: str


@dataclass(frozen=True)
class Optimize:
    """OPTIMIZE name REWRITE DATA USING BIN_PACK [WHERE condition]."""

    name: Name
    where: str


@dataclass(frozen=True)
class Vacuum:
    """VACUUM name."""

    name: Name


@dataclass(frozen=True)
class Define:
    """CREATE or DROP DATABASE, CREATE EXTERNAL TABLE, ALTER TABLE; `ddl_reader` takes it apart."""

    sql: str


@dataclass(frozen=True)
class Drop:
    """DROP TABLE or DROP VIEW."""

    kind: str  # TABLE | VIEW
    name: Name
    if_exists: bool


@dataclass(frozen=True)
class Show:
    """SHOW DATABASES, TABLES, VIEWS, COLUMNS, PARTITIONS, and DESCRIBE."""

    what: str  # databases | tables | views | columns | partitions | describe
    name: Name | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class Prepare:
    """PREPARE name FROM statement."""

    name: str
    sql: str


@dataclass(frozen=True)
class Execute:
    """EXECUTE name [USING values]."""

    name: str
    values: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Deallocate:
    """DEALLOCATE PREPARE name."""

    name: str


Statement = (
    Query
    | Modify
    | Optimize
    | Vacuum
    | Unload
    | CreateTableAs
    | CreateView
    | Define
    | Drop
    | Show
    | Prepare
    | Execute
    | Deallocate
)
