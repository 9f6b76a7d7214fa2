"""Trino's values and types as Athena's API returns them: text, and base names of types."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_PARAMETERS = re.compile(r"\(.*\)")


def athena(value: Any, signature: dict[str, Any]) -> str | None:
    """A value of Trino's REST API as the text that `GetQueryResults` returns for it.

    Args:
        value: as JSON has it, numbers with a fraction or exponent still as text.
        signature: the `typeSignature` of its column.
    """
    return None if value is None else _text(value, signature)


def athena_type(kind: str) -> str:
    """A type of Trino's as `ResultSetMetadata` shows it: only decimals keep their parameters.

    `timestamp(3) with time zone` is `timestamp with time zone`; `array(row(a bigint))` is `array`.
    """
    plain = kind.lower().replace(", ", ",")
    return plain if plain.startswith("decimal") else _PARAMETERS.sub("", plain)


def _text(value: Any, signature: dict[str, Any]) -> str:
    if value is None:
        return "null"
    inner = [argument["value"] for argument in signature["arguments"]]
    return _PRINTERS.get(signature["rawType"], _plain)(value, inner)


def _plain(value: Any, _: list[Any]) -> str:
    return str(value)


def _boolean(value: bool, _: list[Any]) -> str:
    return "true" if value else "false"


def _bytes(value: str, _: list[Any]) -> str:
    return base64.b64decode(value).hex(" ")


def _array(value: list[Any], inner: list[Any]) -> str:
    return f"[{', '.join(_text(item, inner[0]) for item in value)}]"


def _map(value: dict[str, Any], inner: list[Any]) -> str:
    return f"{{{', '.join(f'{key}={_text(item, inner[1])}' for key, item in value.items())}}}"


def _row(value: list[Any], inner: list[Any]) -> str:
    return f"{{{', '.join(map(_field, range(len(inner)), inner, value))}}}"


def _field(place: int, field: dict[str, Any], value: Any) -> str:
    name = (field.get("fieldName") or {}).get("name", f"field{place}")
    return f"{name}={_text(value, field['typeSignature'])}"


_PRINTERS: dict[str, Callable[[Any, list[Any]], str]] = {
    "boolean": _boolean,
    "varbinary": _bytes,
    "array": _array,
    "map": _map,
    "row": _row,
}
