"""The contract as the functions see it: frozen, complete, free of YAML. `odcs.py` makes it, `catalog.py` carries it.

A contract describes one dataset: one or more tables (the first is the dataset's own, further ones are child tables
unpacked from a JSON array column), and the sources that deliver it, each with its own habits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterable

BIGINTS = range(-(2**63), 2**63)  # what an integer column holds
_DELIVERY = frozenset(map(names.source_column, names.DELIVERY_FIELDS))


class Kind(StrEnum):
    """Logical type of a column. Timestamps are UTC without a zone, microseconds."""

    STRING = "string"
    INTEGER = "integer"  # 64 bits
    DECIMAL = "decimal"  # exact; `precision` and `scale` are set
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class MissingResidency(StrEnum):
    """What happens to a row whose residency column is empty or absent."""

    ACCEPT = "accept"
    QUARANTINE = "quarantine"


class SchemaChange(StrEnum):
    """What happens when a file has a column that the contract does not name."""

    EVOLVE = "evolve"  # kept in bronze, and left out of silver until a contract names it
    QUARANTINE = "quarantine"  # a row with a value in it is held back
    FREEZE = "freeze"  # the file is refused


@dataclass(frozen=True)
class BadRows:
    """How many rows of one bronze part may be bad before the part is stopped."""

    share: str  # exact, above 0 and at most 1; text, so that 0.1 stays a tenth
    at_least: int = 100  # rows of a part from which on the rule applies

    @property
    def limit(self) -> Decimal:
        """The share as a number."""
        return Decimal(self.share)

    def stops(self, rows: int, bad: int) -> bool:
        """Whether a part of `rows` rows of which `bad` are bad is to be stopped: more than the share."""
        return rows >= self.at_least and bad > self.limit * rows


@dataclass(frozen=True)
class Column:
    """One column of a silver table."""

    name: str
    kind: Kind
    precision: int = 0  # decimal only: total digits, 1..38
    scale: int = 0  # decimal only: digits after the point
    description: str = ""
    required: bool = False
    pii: bool = False
    money: bool = False  # summed on both sides of every step
    valid_values: tuple[str, ...] = ()
    minimum: str | None = None  # inclusive, as text in the column's own type
    maximum: str | None = None  # inclusive
    pattern: str | None = None  # whole value, a regular expression common to RE2 and Java
    max_length: int | None = None  # characters
    json_path: str | None = None  # child tables: the element's field, e.g. "fromDate"
    renamed_from: str | None = None  # what the column was called before; its data come along

    @property
    def athena_type(self) -> str:
        """The type's name in Glue and Athena, e.g. `decimal(18,2)`."""
        if self.kind is Kind.DECIMAL:
            return f"decimal({self.precision},{self.scale})"
        return "bigint" if self.kind is Kind.INTEGER else self.kind.value


@dataclass(frozen=True)
class Partition:
    """How a silver table is laid out: an Iceberg transform of one column."""

    column: str
    transform: str  # identity | month | day | year | bucket
    buckets: int = 0  # bucket only


@dataclass(frozen=True)
class Table:
    """One silver table.

    A child table (`parent` set) holds the elements of a JSON array column of the parent's source row. Its rows are
    the parent's key columns, then `position` (1-based index in the array), then the element's fields; they are
    replaced as a set whenever the parent row is.
    """

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    description: str = ""
    version_column: str | None = None  # latest wins; then arrival order
    partition: Partition | None = None
    parent: str | None = None
    # Child only: the source column that holds the JSON array, as bronze spells it. Where a source calls it
    # otherwise, `Source.columns` says so: look it up with `Source.names_of(explode)`.
    explode: str | None = None

    @property
    def money(self) -> tuple[Column, ...]:
        """The columns that are summed on both sides of every step."""
        return tuple(column for column in self.columns if column.money)

    def column(self, name: str) -> Column:
        """The column called `name`.

        Raises:
            KeyError: if the table has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True)
class Source:
    """One way in which the dataset arrives, with its habits. Chosen by region and file name, first match wins."""

    name: str
    regions: tuple[str, ...] = ()  # empty: every region
    files: tuple[str, ...] = ()  # file-name patterns (fnmatch, case-insensitive); empty: any name
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal_mark: str = "."
    thousands_mark: str = ""
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    timestamp_formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")
    time_zone: str = "UTC"  # of timestamps that carry no offset
    null_values: tuple[str, ...] = ("",)
    true_values: tuple[str, ...] = ("true", "1")  # compared case-insensitively
    false_values: tuple[str, ...] = ("false", "0")
    # Silver column, or a child's `explode`, -> names it may have in the file, as bronze spells them; the first that a
    # row has wins; a dotted name reaches into JSON.
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def comes_to(self, region: str) -> bool:
        """Whether this source delivers in `region`."""
        return not self.regions or region in self.regions

    def takes(self, region: str, file_name: str) -> bool:
        """Whether this source delivers `file_name` in `region`."""
        if not self.comes_to(region):
            return False
        return not self.files or any(fnmatchcase(file_name.lower(), pattern.lower()) for pattern in self.files)

    def names_of(self, column: str) -> tuple[str, ...]:
        """The names, as normalised by bronze, under which the file may carry `column`."""
        return self.columns.get(column, (column,))

    def knows(self, file_column: str, columns: Iterable[str]) -> bool:
        """Whether one of `columns` may be read from the file's `file_column`, as a whole or from the JSON in it."""
        wanted = (name for column in columns for name in self.names_of(column))
        return any(place == file_column for name in wanted for place, _ in names.column_places(name))


@dataclass(frozen=True)
class Residency:
    """Which column tells a row's country, and what an empty one means."""

    column: str | None  # None: the contract says in `reason` why rows have no country
    missing: MissingResidency = MissingResidency.ACCEPT
    reason: str = ""


@dataclass(frozen=True)
class Contract:
    """One dataset."""

    name: str
    version: str
    description: str
    tables: tuple[Table, ...]
    sources: tuple[Source, ...]
    residency: Residency
    subject: str | None = None  # the column that says which person a row is about; None: rows are about nobody
    owner: str = ""
    freshness_hours: int | None = None
    files: tuple[str, ...] = ()  # file names by which a loose file is recognised as this dataset
    schema_change: SchemaChange = SchemaChange.EVOLVE
    bad_rows: BadRows | None = None  # None: no part is stopped

    @property
    def table(self) -> Table:
        """The dataset's own table, without its children."""
        return self.tables[0]

    @property
    def children(self) -> tuple[Table, ...]:
        """The child tables."""
        return self.tables[1:]

    @property
    def read_columns(self) -> tuple[str, ...]:
        """What silver reads from a file, by our name: the dataset's columns, and the arrays of its children."""
        arrays = (child.explode for child in self.children if child.explode)
        return (*(column.name for column in self.table.columns), *arrays)

    def unexpected(self, source: Source, file_columns: Iterable[str]) -> list[str]:
        """The columns of a file, as bronze spells them, that the contract does not name for `source`.

        What the door says of a delivery is expected in every file.
        """
        columns = (name for name in file_columns if name not in _DELIVERY)
        return [name for name in columns if not source.knows(name, self.read_columns)]

    def comes_to(self, region: str) -> bool:
        """Whether any source delivers in `region`."""
        return any(source.comes_to(region) for source in self.sources)

    def source_for(self, region: str, file_name: str) -> Source | None:
        """The first source that takes `file_name` in `region`, or None."""
        return next((source for source in self.sources if source.takes(region, file_name)), None)
