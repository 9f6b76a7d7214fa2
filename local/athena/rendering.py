"""Values as Athena prints them: in GetQueryResults and in the result's CSV."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from local.athena.errors import not_proven
from local.athena.translate.types import RAW_JSON, Type

if TYPE_CHECKING:
    from collections.abc import Callable


def renderer(kind: Type) -> Callable[[object], str | None]:
    """The function that prints values of `kind`; None stays None.

    Raises:
        StatementFailed: for types whose printed form is not proven.
    """
    made = _of(kind)
    return lambda value: None if value is None else made(value)


def _of(kind: Type) -> Callable[[object], str]:
    if kind == RAW_JSON:
        raise not_proven("Printing parsed JSON", "Take it apart with json_extract_scalar, or keep the text.")
    made = _PRINTERS.get(kind.name)
    if made is None:
        raise not_proven(f"A result column of type '{kind}'", "Use date_diff, or cast it.")
    return made(kind)


def _plain(print_value: Callable[[object], str]) -> Callable[[Type], Callable[[object], str]]:
    return lambda _: print_value


def _zoned_printer(kind: Type) -> Callable[[object], str]:
    if kind.zone is None:
        raise not_proven("Printing a timestamp whose zone differs by row", "Convert it with AT TIME ZONE '…'.")
    return partial(_zoned, digits=kind.numbers[0], zone=ZoneInfo(kind.zone), name=kind.zone)


def _row_printer(kind: Type) -> Callable[[object], str]:
    names = [field or f"field{place}" for place, field in enumerate(kind.fields)]
    return partial(_row, names=names, items=[renderer(item) for item in kind.items])


def double(value: object) -> str:
    """As Java prints a double: 0.001 to 10,000,000 plainly, otherwise 1.0E10; two digits at least."""
    number = float(str(value))
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0 or _PLAIN_FROM <= abs(number) < _PLAIN_TO:
        return repr(number)
    two_digits = f"{number:.1e}"
    shortest = Decimal(repr(number)).normalize()
    if len(shortest.as_tuple().digits) == 1 and float(two_digits) == number:
        shortest = Decimal(two_digits)  # Java takes the nearest two: 4.9E-324, and not 5.0E-324
    sign, digits, exponent = shortest.normalize().as_tuple()
    whole, fraction = str(digits[0]), "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{whole}.{fraction}E{int(exponent) + len(digits) - 1}"


def _date(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else _far(str(value))[0]


def _timestamp(value: object, digits: int) -> str:
    if isinstance(value, datetime):
        text = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        return text[: 20 + digits] if digits else text[:19]
    day, time = _far(str(value))
    whole, _, fraction = time.partition(".")
    return f"{day} {whole}" + (f".{fraction.ljust(digits, '0')[:digits]}" if digits else "")


def _far(text: str) -> tuple[str, str]:
    """Day and time of a moment outside the years 1 to 9999, which DuckDB gives as text; (BC) stands at its end."""
    match = _FAR.fullmatch(text)
    if match is None:
        raise TypeError("A moment in an unknown form.")
    year = 1 - int(match["year"]) if match["bc"] else int(match["year"])
    sign = "-" if year < 0 else "+" if year > _LAST_YEAR else ""
    return f"{sign}{abs(year):04d}{match['day']}", match["time"] or "00:00:00"


def _zoned(value: object, digits: int, zone: ZoneInfo, name: str) -> str:
    try:
        local = value.astimezone(zone) if isinstance(value, datetime) else None
    except OverflowError:
        local = None
    if local is None:
        raise not_proven("Printing a timestamp with time zone beyond the years 1 to 9999", "Convert it to timestamp.")
    return f"{_timestamp(local, digits)} {name}"


def _array(value: object, item: Callable[[object], str | None]) -> str:
    items = value if isinstance(value, (list, tuple)) else []
    return f"[{', '.join(_or_null(item(one)) for one in items)}]"


def _map(value: object, print_key: Callable[[object], str | None], print_value: Callable[[object], str | None]) -> str:
    pairs = value.items() if isinstance(value, dict) else []
    return f"{{{', '.join(f'{_or_null(print_key(k))}={_or_null(print_value(v))}' for k, v in pairs)}}}"


def _row(value: object, names: list[str], items: list[Callable[[object], str | None]]) -> str:
    fields = (
        list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, (list, tuple)) else []
    )
    pairs = zip(names, items, fields, strict=True)
    return f"{{{', '.join(f'{name}={_or_null(item(field))}' for name, item, field in pairs)}}}"


def _or_null(text: str | None) -> str:
    return "null" if text is None else text


def _bytes(value: object) -> str:
    return bytes(value).hex(" ") if isinstance(value, (bytes, bytearray, memoryview)) else str(value)


def _days(value: object) -> str:
    """`1 02:03:04.567`: a day-to-second interval."""
    milliseconds = round(value / timedelta(milliseconds=1)) if isinstance(value, timedelta) else int(str(value))
    seconds, fraction = divmod(abs(milliseconds), 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{'-' if milliseconds < 0 else ''}{day} {hour:02d}:{minute:02d}:{second:02d}.{fraction:03d}"


def _months(value: object) -> str:
    """`1-2`: a year-to-month interval, which DuckDB gives as days, 30 a month."""
    months = (value.days if isinstance(value, timedelta) else int(str(value))) // _DAYS_OF_MONTH
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"


_DAYS_OF_MONTH = 30
_FAR = re.compile(r"(?P<year>\d+)(?P<day>-\d\d-\d\d)(?P<bc> \(BC\))?( (?P<time>[\d:.]+))?")
_LAST_YEAR = 9999
_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e7  # Java prints doubles in between without an exponent
_PRINTERS: dict[str, Callable[[Type], Callable[[object], str]]] = {
    **{name: _plain(str) for name in ("unknown", "tinyint", "smallint", "integer", "bigint", "varchar", "json")},
    "date": _plain(_date),
    "interval day to second": _plain(_days),
    "interval year to month": _plain(_months),
    "boolean": _plain(lambda value: "true" if value else "false"),
    "double": _plain(double),
    "varbinary": _plain(_bytes),
    "decimal": _plain(lambda value: f"{value:f}"),
    "timestamp": lambda kind: partial(_timestamp, digits=kind.numbers[0]),
    "timestamp with time zone": _zoned_printer,
    "array": lambda kind: partial(_array, item=renderer(kind.items[0])),
    "map": lambda kind: partial(_map, print_key=renderer(kind.items[0]), print_value=renderer(kind.items[1])),
    "row": _row_printer,
}
