"""A semantic model as Power BI has it: tables with columns and measures, relationships, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DataType(StrEnum):
    """What a column of the model holds."""

    STRING = "string"
    INT64 = "int64"
    DECIMAL = "decimal"  # fixed decimal: 19 digits, 4 of them after the point
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE_TIME = "dateTime"


@dataclass(frozen=True)
class Column:
    """One column. `source` is what the query calls it, or what a calculated table calls it, in brackets."""

    name: str
    type: DataType
    source: str
    description: str = ""
    format: str = ""
    adds_up: bool = False  # whether Power BI may sum it by itself
    is_key: bool = False
    is_hidden: bool = False
    is_day: bool = False  # a date without a time
    sort_by: str = ""  # another column of the table


@dataclass(frozen=True)
class Measure:
    """One measure, in DAX."""

    name: str
    expression: str
    description: str
    format: str = ""  # of numbers; a text has none
    folder: str = ""


@dataclass(frozen=True)
class Level:
    """One level of a hierarchy."""

    name: str
    column: str


@dataclass(frozen=True)
class Hierarchy:
    """Columns to drill down by, from the widest."""

    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Table:
    """One table and how it is filled: by a query in M, or calculated in DAX."""

    name: str
    description: str
    columns: tuple[Column, ...]
    expression: str
    is_calculated: bool = False
    measures: tuple[Measure, ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, order=True)
class End:
    """One end of a relationship."""

    table: str
    column: str


@dataclass(frozen=True)
class Relationship:
    """Rows of `many` belong to one row of `one`, by which they are filtered; never the other way round."""

    many: End
    one: End
    is_active: bool = True


@dataclass(frozen=True)
class Parameter:
    """A text that the queries take, to be changed in Power BI without touching them."""

    name: str
    value: str
    description: str


@dataclass(frozen=True)
class Model:
    """All of it."""

    name: str
    description: str
    tables: tuple[Table, ...]
    relationships: tuple[Relationship, ...]
    parameters: tuple[Parameter, ...]
