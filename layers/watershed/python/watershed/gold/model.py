"""A gold model as the functions see it: frozen and complete. `parse.py` makes it from a .sql file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

AS_OF_PLACE = "{as_of}"  # what a model's SQL holds where the literal of the as-of date goes


class Export(StrEnum):
    """What a column may be in an answer across regions. A column without one stays in its region."""

    DIMENSION = "dimension"  # tells rows apart: may be grouped by and filtered by
    OVERLAPPING = "overlapping"  # a dimension whose values count the same rows: must be grouped by, or fixed by `=`
    SUM = "sum"  # adds up over the model's rows, and over regions
    DISTINCT = "distinct"  # counts each thing once a row: adds up over regions only, and the sum says so


class Aggregate(StrEnum):
    """How a measure comes together over several rows: what a reporting tool must know before it sums."""

    SUM = "sum"  # adds up
    DISTINCT = "distinct"  # counts each thing once a row, so it does not add up: count it anew, or show it by row
    NONE = "none"  # a ratio, a price, a duration: neither


MEASURES = (Export.SUM, Export.DISTINCT)


_ADDS = {
    Aggregate.SUM: "adds up",
    Aggregate.DISTINCT: "distinct count, does not add up",
    Aggregate.NONE: "does not add up",
}


@dataclass(frozen=True)
class GoldColumn:
    """One output column. The refresh casts to `type`, so the header is what readers get."""

    name: str
    type: str  # Athena's name: bigint, varchar, decimal(18,2), date, timestamp, boolean, double, integer
    description: str = ""
    pii: bool = False
    format: str = ""  # measures only, e.g. "#,##0.00"
    unit: str = ""  # measures only, e.g. "currency", "days", "rows"
    aggregate: Aggregate | None = None  # measures only, and all of them
    export: Export | None = None
    backed_by: str = ""  # exported measures only: the column that counts the people or stores behind the number

    @property
    def comment(self) -> str:
        """What Glue says: the description, then what it is measured in and how it adds up, and that it is personal."""
        notes = ["personal data"] if self.pii else []
        if self.aggregate is not None:
            notes += [self.unit, _ADDS[self.aggregate]]
        return f"{self.description} [{', '.join(notes)}]" if notes else self.description


@dataclass(frozen=True)
class GoldModel:
    """One table of the `gold` database, made by one .sql file of the same name."""

    name: str
    description: str
    grain: str
    keys: tuple[str, ...]
    columns: tuple[GoldColumn, ...]
    reads: tuple[str, ...]  # "silver.transactions", "gold.datamart", …: found by parsing, sorted
    sql: str  # one SELECT in Athena's dialect, with {as_of} where the as-of date's literal goes
    owner: str = ""
    exportable: bool = False

    @property
    def comment(self) -> str:
        """What Glue says of the table: the description, what one row is, and what tells rows apart."""
        return table_comment(self.description, self.grain, self.keys)

    def column(self, name: str) -> GoldColumn | None:
        """The column called `name`, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


def table_comment(description: str, grain: str, keys: tuple[str, ...]) -> str:
    """A table's comment, e.g. `Revenue by day. One row per UTC day and branch; key: order_day, branch_name.`."""
    return f"{description} {grain[:1].upper()}{grain[1:]}; key: {', '.join(keys)}."
