"""Good rows, as every format writes them and as silver must hold them: nothing hostile may change them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from watershed.contracts.model import Contract, Kind
from watershed.names import source_column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BEFORE, AFTER = (1, 2), (998, 999)

_READ: dict[Kind, Callable[[str], Any]] = {
    Kind.DECIMAL: Decimal,
    Kind.DOUBLE: float,
    Kind.DATE: date.fromisoformat,
    Kind.TIMESTAMP: datetime.fromisoformat,
}

# What a good row says, and what it means, in the habits of all sources.
_MEANS: dict[str, tuple[str, Any]] = {
    "quantity": ("3", 3),
    "rate": ("2", Decimal(2)),
    "ratio": ("4", 4.0),
    "status": ("open", "open"),
    "code": ("ABC-12", "ABC-12"),
    "label": ("L", "L"),
    "age": ("44", 44),
    "country": ("DE", "DE"),
    "amount": ("7", Decimal(7)),
    "small": ("0", Decimal(0)),
    **dict.fromkeys(("paid", "day", "sold_at", "updated_at"), ("", None)),  # sources write these differently
    "city": ("Ulm", "Ulm"),
    "size": ("5", Decimal(5)),
}


def good(name: str, number: int) -> tuple[str, Any]:
    """The text and the value of the column `name` in the good row `number`; columns nobody knows hold `x`."""
    if name in {"id", "shop"}:
        return str(number), number
    if name in {"name", "note", "branch", "member"}:
        return f"{name} {number}", f"{name} {number}"
    return _MEANS.get(name, ("x", "x"))


def texts(names: Sequence[str], number: int) -> dict[str, str]:
    """The good row `number` of a file with the columns `names`."""
    return {name: good(source_column(name), number)[0] for name in names}


def line(names: Sequence[str], number: int, delimiter: str) -> str:
    """The same as a CSV record."""
    return written([good(source_column(name), number)[0] for name in names], delimiter)


def written(fields: Sequence[str], delimiter: str) -> str:
    """A CSV record without its line end."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow(fields)  # which it quotes within fields
    return buffer.getvalue().removesuffix("\r\n")


def element(names: Sequence[str], number: int) -> str:
    """The same as a JSON object."""
    return json.dumps(texts(names, number), ensure_ascii=False)


def silver(contract: Contract, names: Sequence[str], number: int) -> dict[str, Any]:
    """The same as silver holds it."""
    present = {source_column(name) for name in names}
    columns = [column.name for column in contract.table.columns]
    return {name: good(name, number)[1] if name in present else None for name in columns}


def typed(kind: Kind, text: Any) -> Any:
    """A value of the tables in its column's type."""
    if isinstance(text, list):  # [text, times]
        return text[0] * text[1]
    read = _READ.get(kind)
    return text if read is None or not isinstance(text, str) else read(text)


def full(contract: Contract, said: dict[str, Any], table: int = 0) -> dict[str, Any]:
    """A row of the tables with all of its columns, typed."""
    columns = contract.tables[table].columns
    unknown = said.keys() - {column.name for column in columns}
    assert not unknown, unknown
    return {column.name: typed(column.kind, said.get(column.name)) for column in columns}
