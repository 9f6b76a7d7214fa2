"""Trino's JSON functions over texts, as functions in DuckDB: they keep each number as it is written.

DuckDB's own read numbers as binary floating point, so a price would lose its digits. These are given whole documents
only; the macros in `translate/macros/json.sql` see to the others.
"""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[\"([^\"\\]*)\"\]")
_LITTLE, _LARGE = Decimal("1e-3"), Decimal("1e7")  # between them Java writes a double without an exponent
_LEAST_EXACT = Decimal(repr(sys.float_info.min))
_BASIC_PLANE = 0xFFFF
_MISSING = object()


class _Number(str):
    """A number, as it is written."""

    __slots__ = ()


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to the connection's database."""
    for name, function in (("json_text_scalar", scalar), ("json_text_format", formatted)):
        # Without `special`, DuckDB takes a function's NULL for an error.
        connection.create_function(name, function, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling="special")


def scalar(document: str | None, path: str | None) -> str | None:
    """json_extract_scalar: a text, a number as it is written, `true` or `false`; None for anything else."""
    value = _found(document, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else None


def formatted(document: str | None, path: str | None) -> str | None:
    """json_format(json_extract(…)): compact, numbers with a fraction as Java writes a double; None if not found."""
    value = _found(document, path)
    return None if value is _MISSING else _written(value)


def _found(document: str | None, path: str | None) -> Any:
    if document is None or path is None:
        return _MISSING
    value = _parsed(document)
    for name, index, quoted in _steps(path):
        if index:
            is_there = isinstance(value, list) and int(index) < len(value)
            value = value[int(index)] if is_there else _MISSING
        else:
            pairs = value.items if isinstance(value, _Object) else ()
            value = next((each for key, each in pairs if key == (name or quoted)), _MISSING)
    return value


class _Object:
    """Names and values in their order; a name may be there twice, and Trino takes the first."""

    def __init__(self, items: list[tuple[str, Any]]) -> None:
        self.items = items


@lru_cache(maxsize=64)  # one row's document is asked for several paths
def _parsed(document: str) -> Any:
    try:
        return json.loads(document, parse_float=_Number, parse_int=_Number, object_pairs_hook=_Object)
    except (ValueError, RecursionError) as error:
        raise _refused("This JSON document", "Store plain documents.") from error


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[tuple[str, str, str], ...]:
    steps = tuple(_STEP.findall(path))
    if "$" + "".join(match[0] for match in _STEP.finditer(path)) != path:
        raise _refused("This JSON path", 'Use $.name, $[0] and $["name"].')
    return steps


def _written(value: Any) -> str:
    if isinstance(value, _Number):
        return _number(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, _Object):
        return "{" + ",".join(f"{_text(name)}:{_written(each)}" for name, each in value.items) + "}"
    return json.dumps(value)


def _number(written: str) -> str:
    if not set(written) & set(".eE"):
        return "0" if written == "-0" else written
    double = Decimal(repr(float(written)))
    if not double:
        return "-0.0" if written.startswith("-") else "0.0"
    if not double.is_finite() or abs(double) < _LEAST_EXACT:  # of less exact ones Java writes another shortest form
        raise _refused("A JSON number beyond the range of a double", "Store it as text.")
    sign, digits, _ = double.normalize().as_tuple()
    if _LITTLE <= abs(double) < _LARGE:
        plain = f"{double.normalize():f}"
        return plain if "." in plain else f"{plain}.0"
    mantissa = "".join(map(str, digits))
    return f"{'-' * sign}{mantissa[0]}.{mantissa[1:] or '0'}E{double.adjusted()}"


def _text(value: str) -> str:
    if any("\ud800" <= character <= "\udfff" or ord(character) > _BASIC_PLANE for character in value):
        raise _refused("json_format of characters beyond the basic plane", "Leave out emoji.")
    escaped = json.dumps(value, ensure_ascii=False)
    return re.sub(r"\\u00[0-9a-f]{2}", lambda match: f"\\u{match[0][2:].upper()}", escaped)


def _refused(construct: str, alternative: str) -> ValueError:
    """In the form in which macros fail, which `failures` reads."""
    return ValueError(f"'NOT_SUPPORTED: {construct} is not supported here. {alternative}'")
