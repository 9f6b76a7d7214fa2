"""Works out what a measure says over rows in memory, as the language's reference tells: filters are rows left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from tests.powerbi.dax_reader import (
    Block,
    Bracketed,
    Call,
    ColumnOf,
    Node,
    Number,
    Operation,
    Rows,
    Text,
    Variable,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]  # a value by column; of a row that an expression made, by `'table'[column]` or `[name]`


@dataclass(frozen=True)
class Data:
    """Tables that are filtered, and measures by name.

    Attributes:
        tables: Rows by table.
        measures: Expressions by name.
        row: Of the row that is looked at, the values by column.
        variables: Values by name.
    """

    tables: Mapping[str, Sequence[Row]]
    measures: Mapping[str, str]
    row: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, measure: str) -> Any:
        """What a measure is. Rows that are looked at become filters."""
        tables = dict(self.tables)
        for column, value in self.row.items():
            if column.startswith("'"):
                table, name = column[1:].split("'[")
                tables[table] = [row for row in tables[table] if row[name[:-1]] == value]
        return Data(tables, self.measures).work_out(parse(self.measures[measure]))

    def work_out(self, node: Node) -> Any:  # noqa: PLR0911  # one for each kind of node
        """The value of a tree: a number, a text, a truth, None for blank, or rows."""
        match node:
            case Text(text):
                return text
            case Number(digits):
                return Decimal(digits)
            case Variable(name):
                return self.variables[name]
            case Bracketed(name) if f"[{name}]" in self.row:
                return self.row[f"[{name}]"]
            case Bracketed(name):
                return self.answer(name)
            case ColumnOf(table, name):
                return self.row[f"'{table}'[{name}]"]
            case Rows(values):
                return [{"[Value]": self.work_out(value)} for value in values]
            case Block(variables, result):
                data = self
                for name, value in variables:
                    data = Data(self.tables, self.measures, self.row, {**data.variables, name: data.work_out(value)})
                return data.work_out(result)
            case Operation(sign, left, right):
                return _operate(sign, self.work_out(left), self.work_out(right))
            case Call(function, arguments):
                return _CALLS[function](self, *arguments)
        raise AssertionError(node)

    def at(self, row: Row) -> Data:
        return Data(self.tables, self.measures, {**self.row, **row}, self.variables)


def _values(data: Data, column: Node) -> list[Any]:
    assert isinstance(column, ColumnOf)
    return [row[column.name] for row in data.tables[column.table]]


def _known(data: Data, column: Node) -> list[Any]:
    return [value for value in _values(data, column) if value is not None]


def _iterated(data: Data, rows: Node, value: Node) -> list[Any]:
    found = (data.at(row).work_out(value) for row in data.work_out(rows))
    return [each for each in found if each is not None]


def _table_values(data: Data, column: Node) -> list[Row]:
    assert isinstance(column, ColumnOf)
    return [{f"'{column.table}'[{column.name}]": value} for value in dict.fromkeys(_values(data, column))]


def _add_columns(data: Data, rows: Node, *named: Node) -> list[Row]:
    pairs = list(zip(named[::2], named[1::2], strict=True))
    return [
        row | {f"[{name.value}]": data.at(row).work_out(value) for name, value in pairs if isinstance(name, Text)}
        for row in data.work_out(rows)
    ]


def _switch(data: Data, of: Node, *cases: Node) -> Any:
    wanted = data.work_out(of)
    for case, value in zip(cases[:-1:2], cases[1::2], strict=False):
        if data.work_out(case) == wanted:
            return data.work_out(value)
    return data.work_out(cases[-1])


def _if(data: Data, condition: Node, yes: Node, no: Node | None = None) -> Any:
    if data.work_out(condition):
        return data.work_out(yes)
    return data.work_out(no) if no else None


def _calendar(data: Data, first: Node, last: Node) -> list[Row]:
    start, end = data.work_out(first), data.work_out(last)
    return [{"[Date]": start + timedelta(days)} for days in range((end - start).days + 1)]


def _aggregate(choose: Callable[..., Any]) -> Callable[..., Any]:
    def work_out(data: Data, *arguments: Node) -> Any:
        if len(arguments) == 2:
            return choose(data.work_out(each) for each in arguments)
        return choose(_known(data, arguments[0]), default=None)

    return work_out


_CALLS: dict[str, Callable[..., Any]] = {
    "ADDCOLUMNS": _add_columns,
    "CALENDAR": _calendar,
    "COALESCE": lambda data, *given: next((v for v in map(data.work_out, given) if v is not None), None),
    "COUNTROWS": lambda data, rows: len(data.work_out(rows)) or None,
    "DATE": lambda data, *parts: date(*(int(data.work_out(part)) for part in parts)),
    "DISTINCTCOUNTNOBLANK": lambda data, column: len(set(_known(data, column))),
    "DIVIDE": lambda data, left, right: _divide(data.work_out(left), data.work_out(right)),
    "FILTER": lambda data, rows, condition: [r for r in data.work_out(rows) if data.at(r).work_out(condition)],
    "FORMAT": lambda data, value, form: _formatted(data.work_out(value), data.work_out(form)),
    "HASONEVALUE": lambda data, column: len(set(_values(data, column))) == 1,
    "IF": _if,
    "ISBLANK": lambda data, value: data.work_out(value) is None,
    "MAX": _aggregate(max),
    "MAXX": lambda data, rows, value: max(_iterated(data, rows, value), default=None),
    "MIN": _aggregate(min),
    "MINX": lambda data, rows, value: min(_iterated(data, rows, value), default=None),
    "MONTH": lambda data, day: Decimal(data.work_out(day).month),
    "NOT": lambda data, value: not data.work_out(value),
    "QUARTER": lambda data, day: Decimal((data.work_out(day).month + 2) // 3),
    "SUM": lambda data, column: sum(found) if (found := _known(data, column)) else None,
    "SWITCH": _switch,
    "TODAY": lambda _data: date(2026, 2, 3),
    "TRUE": lambda _data: True,
    "UNICHAR": lambda data, code: chr(int(data.work_out(code))),
    "VALUES": _table_values,
    "WEEKDAY": lambda data, day, _kind: Decimal(data.work_out(day).isoweekday()),
    "YEAR": lambda data, day: Decimal(data.work_out(day).year),
}


def _operate(sign: str, left: Any, right: Any) -> Any:
    if sign == "&":
        return _said(left) + _said(right)
    if sign == "&&":
        return bool(left) and bool(right)
    operations: dict[str, Callable[[], Any]] = {
        "=": lambda: left == right,
        ">": lambda: (left or 0) > (right or 0),
        ">=": lambda: (left or 0) >= (right or 0),
        "-": lambda: None if left is right is None else (left or 0) - (right or 0),
    }
    return operations[sign]()


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _divide(left: Any, right: Any) -> Any:
    return Decimal(left) / Decimal(right) if left is not None and right else None


def _formatted(value: Any, form: str) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime("%A")
    places = len(form.removesuffix("%").partition(".")[2])
    with localcontext(prec=60):
        number = (Decimal(value) * (100 if form.endswith("%") else 1)).quantize(
            Decimal(1).scaleb(-places), ROUND_HALF_UP
        )
    return (f"{number:,f}" if "," in form else f"{number:f}") + ("%" if form.endswith("%") else "")
