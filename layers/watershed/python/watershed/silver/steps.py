"""The words in which a silver row is made: conversions of text, and tests that a row may fail. No engine's SQL.

The set is small and closed: `plan` derives a contract's, `render` says them in DuckDB's SQL, and another engine needs
one more rendering and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from watershed.reasons import Reason
from watershed.silver.formats import Format

# --- conversions: text to a typed value. Each has a form (readable as the type, or not) and a value (fits, or not).


@dataclass(frozen=True)
class ToText:
    """The text itself."""


@dataclass(frozen=True)
class Marks:
    """How a source writes numbers."""

    decimal: str
    thousands: str


@dataclass(frozen=True)
class ToInteger:
    """64 bits. `7.0` is 7; `7.5` is not an integer."""

    marks: Marks


@dataclass(frozen=True)
class ToDecimal:
    """Exact: more digits than the type holds do not fit, and are never rounded."""

    precision: int
    scale: int
    marks: Marks


@dataclass(frozen=True)
class ToDouble:
    """64-bit binary floating point; finite."""

    marks: Marks


@dataclass(frozen=True)
class ToBoolean:
    """One of the source's words, whatever their case."""

    true_words: tuple[str, ...]
    false_words: tuple[str, ...]


@dataclass(frozen=True)
class ToDate:
    """The first format that yields a date which exists; years 1 to 9999."""

    formats: tuple[Format, ...]


@dataclass(frozen=True)
class ToTimestamp:
    """The first format that yields a time which exists, as UTC; years 1 to 9999.

    Without an offset the time is local in `zone`. A local time that the clocks skip is moved forward by the length of
    the gap; one that they show twice is the first of the two. (java.time's rule, and so Athena's.)
    """

    formats: tuple[Format, ...]
    zone: str


Conversion = ToText | ToInteger | ToDecimal | ToDouble | ToBoolean | ToDate | ToTimestamp

# --- tests: each is true of a row that fails.

COUNTRY = "[A-Za-z]*"


@dataclass(frozen=True)
class Broken:
    """The JSON column that should hold the value is not readable; `flag` is the column that says so."""

    flag: str


@dataclass(frozen=True)
class Missing:
    """There is no value."""

    column: str


@dataclass(frozen=True)
class Unreadable:
    """The text does not have the type's form."""

    column: str


@dataclass(frozen=True)
class Unfit:
    """The form is right, but the type cannot hold the value."""

    column: str


@dataclass(frozen=True)
class NotOneOf:
    """The value is not in the list; `values` are text in the column's own type."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class NotMatching:
    """The whole value does not match the regular expression."""

    column: str
    pattern: str


@dataclass(frozen=True)
class Below:
    """The value is less than `limit`, given as text in the column's own type."""

    column: str
    limit: str


@dataclass(frozen=True)
class Above:
    """The value is greater than `limit`, given as text in the column's own type."""

    column: str
    limit: str


@dataclass(frozen=True)
class Longer:
    """The value has more characters than `characters`."""

    column: str
    characters: int


@dataclass(frozen=True)
class Elsewhere:
    """The row's country is not one of ours, or is unknown where that is not accepted.

    A code is the same in small letters, but is a `COUNTRY`: upper case makes I and S of other letters too.
    """

    column: str
    countries: tuple[str, ...]
    accept_missing: bool


@dataclass(frozen=True)
class Unexpected:
    """The file's text column `read`, which the contract does not name, holds a value."""

    read: str
    null_values: tuple[str, ...]


Test = Broken | Unexpected | Missing | Unreadable | Unfit | NotOneOf | NotMatching | Below | Above | Longer | Elsewhere


@dataclass(frozen=True)
class Failure:
    """What a test that is true means: the row goes to quarantine with this."""

    column: str | None  # None: it is the row's company, not a value of its own
    reason: Reason
    rule: str


@dataclass(frozen=True)
class ColumnPlan:
    """How one silver column is made. `read` is the text column it comes from; None: the source does not have it."""

    name: str
    type: str  # Column.athena_type
    read: str | None
    conversion: Conversion


@dataclass(frozen=True)
class RowPlan:
    """How a row is made, and what it must pass. The first test that is true decides."""

    columns: tuple[ColumnPlan, ...]
    null_values: tuple[str, ...]
    tests: tuple[tuple[Test, Failure], ...]
