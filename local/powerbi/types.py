"""Gold's types in Power BI's terms: in the model, in M, and how they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watershed.errors import ConfigurationError

from local.powerbi.model import DataType

DAY_FORMAT, TIME_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:nn:ss"
MOST_PLACES = 4  # that a fixed decimal keeps

_DECIMAL = re.compile(r"decimal\(\s*\d+\s*,\s*(\d+)\s*\)")


@dataclass(frozen=True)
class Kind:
    """One type.

    Attributes:
        type: The model's.
        m: The type in M, for `Table.TransformColumnTypes`.
        format: How values are shown if the header does not say.
        earliest: In M, the first value that Power BI's calendar holds; empty for all but days and times.
        is_float: Whether it may hold what is no number.
    """

    type: DataType
    m: str
    format: str = ""
    earliest: str = ""
    is_float: bool = False


# DAX's calendar begins on 1 March 1900: it has a 29 February 1900, and its days before that are one off.
_DAY = Kind(DataType.DATE_TIME, "type date", DAY_FORMAT, "#date(1900, 3, 1)")
_TIME = Kind(DataType.DATE_TIME, "type datetime", TIME_FORMAT, "#datetime(1900, 3, 1, 0, 0, 0)")
_KINDS = {
    "varchar": Kind(DataType.STRING, "type text"),
    "bigint": Kind(DataType.INT64, "Int64.Type", "0"),
    "integer": Kind(DataType.INT64, "Int64.Type", "0"),
    "boolean": Kind(DataType.BOOLEAN, "type logical", '"TRUE";"TRUE";"FALSE"'),
    "date": _DAY,
    "timestamp": _TIME,
    "double": Kind(DataType.DOUBLE, "type number", is_float=True),
}
_FIXED = Kind(DataType.DECIMAL, "Currency.Type")
_RATIO = Kind(DataType.DOUBLE, "type number")


def kind(type_name: str, column: str = "A column") -> Kind:
    """What a column of gold's type is in Power BI; `column` is what an error calls it.

    A decimal with up to four digits after the point is a fixed decimal, exact up to 922,337,203,685,477.5807; what
    does not fit fails the refresh. One with more would be rounded to four, so it is a double, of 15 digits: so are
    ratios, and no money.

    Raises:
        ConfigurationError: if Power BI has no type for it.
    """
    decimal = _DECIMAL.fullmatch(type_name)
    if decimal:
        return _FIXED if int(decimal[1]) <= MOST_PLACES else _RATIO
    found = _KINDS.get(type_name)
    if found is None:
        raise ConfigurationError(
            f"{column} is of type {type_name}, which Power BI has not.",
            remedy=f"Use one of {', '.join(_KINDS)} or decimal(p,s).",
        )
    return found
