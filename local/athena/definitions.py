"""The parts of statements that define databases and tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from local.athena.statements import Name

PARQUET, CSV = "parquet", "csv"


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE [IF NOT EXISTS] name [COMMENT …] [LOCATION …]."""

    name: str
    if_not_exists: bool
    comment: str
    location: str


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE [IF EXISTS] name [CASCADE]."""

    name: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True)
class Column:
    """A column as the catalog describes it; `type` is Hive's."""

    name: str
    type: str
    comment: str = ""


@dataclass(frozen=True)
class CreateExternalTable:
    """CREATE EXTERNAL TABLE … over the files of a location."""

    name: Name
    if_not_exists: bool
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    comment: str
    kind: str  # PARQUET | CSV
    serde: dict[str, str] = field(default_factory=dict)
    location: str = ""
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SetProperties:
    """ALTER TABLE name SET TBLPROPERTIES (…)."""

    name: Name
    properties: dict[str, str]


@dataclass(frozen=True)
class RenameTable:
    """ALTER TABLE name RENAME TO name."""

    name: Name
    new: Name


Definition = CreateDatabase | DropDatabase | CreateExternalTable | SetProperties | RenameTable
