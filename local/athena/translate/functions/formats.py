"""Patterns for dates and times as text: MySQL's (date_format, date_parse) and Joda's (format_datetime)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.athena.translate.registry import function
from local.athena.translate.rules.casts import convert, local_time
from local.athena.translate.typed import Typed, call, cast, text
from local.athena.translate.types import DATE, DEFAULT_PRECISION, VARCHAR, is_timestamp, is_timestamp_tz, timestamp

if TYPE_CHECKING:
    from local.athena.translate.functions.call import Call

# MySQL's code -> strftime's, where both print and read the same.
_MYSQL = {
    "Y": "%Y", "y": "%y", "m": "%m", "c": "%-m", "d": "%d", "e": "%-d", "H": "%H", "k": "%-H", "h": "%I", "I": "%I",
    "l": "%-I", "i": "%M", "s": "%S", "S": "%S", "T": "%H:%M:%S", "r": "%I:%M:%S %p", "p": "%p", "M": "%B", "b": "%b",
    "W": "%A", "a": "%a", "j": "%j", "v": "%V", "x": "%G", "%": "%%",
}  # fmt: skip
_MYSQL_READ = frozenset("YmdcekHiSsT%")
# Joda's run of letters -> strftime's.
_JODA = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "ss": "%S", "SSS": "%g", "a": "%p", "E": "%a",
    "EEE": "%a", "EEEE": "%A", "DDD": "%j", "ww": "%V", "xxxx": "%G",
}  # fmt: skip
_JODA_TOKEN = re.compile(r"'((?:[^']|'')+)'|''|([A-Za-z])\2*|[^A-Za-z']+")


def _moment(made: Call, place: int) -> Typed:
    """The timestamp to print, in its own zone and rounded to milliseconds; a date is its midnight."""
    value = made.binder.bind(made.arguments[place])
    if is_timestamp_tz(value.type):
        value = Typed(local_time(value), timestamp(value.type.numbers[0]))
    if value.type == DATE:
        return Typed(cast(value.node, timestamp(0)), timestamp(0))
    if not is_timestamp(value.type):
        raise made.unexpected([value.type, VARCHAR])
    return convert(value, timestamp(min(DEFAULT_PRECISION, value.type.numbers[0])))


def mysql_pattern(made: Call, place: int, allowed: frozenset[str]) -> str:
    """Strftime's pattern for a MySQL one.

    Raises:
        StatementFailed: for a code that is not proven equal.
    """
    pattern, parts = made.literal_text(place, "format"), []
    for code, plain in re.findall(r"%(.?)|([^%]+)", pattern, re.DOTALL):
        if plain:
            parts.append(plain)
        elif code in allowed:
            parts.append(_MYSQL[code])
        else:
            raise made.refusal(
                f"Format code '%{code}' in function '{made.name}'", f"Use {' '.join(f'%{c}' for c in sorted(allowed))}."
            )
    return "".join(parts)


@function("date_format")
def date_format(made: Call) -> Typed:
    """MySQL's codes: %i are minutes, %M is the month's name."""
    made.expect(2)
    pattern = mysql_pattern(made, 1, frozenset(_MYSQL))
    return Typed(call("trino_strftime", _moment(made, 0).node, text(pattern)), VARCHAR)


@function("date_parse")
def date_parse(made: Call) -> Typed:
    """A timestamp(3); numeric codes only, because names and halves of the day are read more or less strictly."""
    made.expect(2)
    pattern = mysql_pattern(made, 1, _MYSQL_READ)
    return Typed(call("trino_date_parse", made.value(0, VARCHAR).node, text(pattern)), timestamp(3))


@function("format_datetime")
def format_datetime(made: Call) -> Typed:
    """Joda's letters."""
    made.expect(2)
    pattern, parts = made.literal_text(1, "format"), []
    for match in _JODA_TOKEN.finditer(pattern):
        token = match.group(0)
        if match.group(2):
            if token not in _JODA:
                raise made.refusal(f"Format '{token}' in function 'format_datetime'", f"Use {' '.join(_JODA)}.")
            parts.append(_JODA[token])
        else:
            plain = "'" if token == "''" else (match.group(1) or token).replace("''", "'")
            parts.append(plain.replace("%", "%%"))
    return Typed(call("trino_strftime", _moment(made, 0).node, text("".join(parts))), VARCHAR)
