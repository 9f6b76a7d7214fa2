"""One JSON record as text columns: strings as they are, numbers in plain digits, anything nested as it was written."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from watershed.errors import Terminal
from watershed.names import source_column
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

_UNICODE_ESCAPE = "\\u"  # the only way to write what is not text: NUL and halves of surrogate pairs
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_MAX_LEVELS = 200  # of nesting; fewer than any Python can follow
_LEVELS_RULE = f"JSON has at most {_MAX_LEVELS} levels"
_LONGEST_EXPONENT = 3  # digits
_LARGEST_EXPONENT = 400  # beyond any type's; a number with a larger one stays as it was written
STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},"]', re.DOTALL)  # strings, and marks outside them
_NAMES_REMEMBERED = 10_000  # a hostile file may have new names in each record


class Number(str):
    """A number's source text; also NaN and the infinities, which some writers send although JSON has none."""

    __slots__ = ()


class NotARecord(Terminal):
    """One record stays text.

    Args:
        reason: Its code.
        rule: What it breaks.
        column: The column at fault, if one is.
    """

    def __init__(self, reason: Reason, rule: str, column: str | None = None) -> None:
        super().__init__(rule, remedy=reason.description)
        self.reason = reason
        self.rule = rule
        self.column = column


def decode(text: str) -> Any:
    """The value that `text` is, with numbers as `Number`.

    Raises:
        NotARecord: if it is not JSON, or nested too deeply.
    """
    value = _refusing(_decoder.decode, text)
    _require_few_levels(text, 0, len(text))
    return value


def decode_at(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at `start`, and where it ends.

    Raises:
        NotARecord: as `decode`; also where `text` ends within the value.
    """
    value, end = _refusing(_decoder.raw_decode, text, start)
    _require_few_levels(text, start, end)
    return value, end


def plain(number: Number) -> str:
    """`number` in digits without an exponent, every digit kept: `1.50E3` is `1500`, `5e-1` is `0.5`."""
    _, _, exponent = number.lower().partition("e")
    size = exponent.lstrip("+-0")  # of any length: Python makes no number of more than 4,300 digits
    if not exponent or len(size) > _LONGEST_EXPONENT or int(size or "0") > _LARGEST_EXPONENT:
        return str(number)
    return f"{Decimal(number):f}"


def compact(value: Any) -> str:
    """`value` as JSON without spaces; each `Number` as it was written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{_quoted(key)}:{compact(member)}" for key, member in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([compact(member) for member in value]) + "]"
    return _quoted(value)


class Flattener:
    """Turns the records of one file into text by column."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}  # as written -> normalised

    def columns(self, value: Any, text: str) -> dict[str, str | None]:
        """The members of one record, whose source is `text`.

        Raises:
            NotARecord: if it is not an object, two names are the same once normalised, or a value is not text.
        """
        if not isinstance(value, dict):
            raise NotARecord(Reason.MALFORMED_ROW, "each record is a JSON object")
        found: dict[str, str | None] = {}
        for key, member in value.items():
            name = self._names.get(key) or self._name(key)
            found[name] = member if member is None or type(member) is str else _said(member)
        if len(found) != len(value):
            raise NotARecord(Reason.MALFORMED_ROW, "no two members have the same name once case and spaces are ignored")
        if _UNICODE_ESCAPE in text:
            _require_text(found)
        return found

    def _name(self, key: str) -> str:
        name = source_column(key) or "column"
        if _NOT_TEXT.search(name):
            raise NotARecord(Reason.INVALID_ENCODING, "names are text, without NUL or halves of characters")
        if len(self._names) < _NAMES_REMEMBERED:
            self._names[key] = name
        return name


def _said(member: Any) -> str:
    text: str = plain(member) if isinstance(member, Number) else _refusing(compact, member)
    return text


def _require_few_levels(text: str, start: int, end: int) -> None:
    """Refuse a value that is nested more deeply than whoever reads it next might follow."""
    if text.count("[", start, end) + text.count("{", start, end) <= _MAX_LEVELS:
        return
    level = 0
    for match in STRUCTURE.finditer(text, start, end):
        mark = match.group()
        level += (mark in "[{") - (mark in "]}")
        if level > _MAX_LEVELS:
            raise NotARecord(Reason.MALFORMED_ROW, _LEVELS_RULE)


def _require_text(found: dict[str, str | None]) -> None:
    for name, value in found.items():
        if value is not None and _NOT_TEXT.search(value):
            raise NotARecord(Reason.INVALID_ENCODING, "values are text, without NUL or halves of characters", name)


def _refusing(parse: Callable[..., Any], *arguments: object) -> Any:
    try:
        return parse(*arguments)
    except json.JSONDecodeError as error:
        raise NotARecord(Reason.MALFORMED_ROW, f"each record is valid JSON ({error.msg})") from error
    except RecursionError as error:
        raise NotARecord(Reason.MALFORMED_ROW, _LEVELS_RULE) from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members; two of one name would lose a value."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotARecord(Reason.MALFORMED_ROW, "no JSON object has two members of the same name")
    return members


_decoder = json.JSONDecoder(object_pairs_hook=_distinct, parse_int=Number, parse_float=Number, parse_constant=Number)
_quoted = json.JSONEncoder(ensure_ascii=False).encode
