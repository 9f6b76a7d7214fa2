"""Arrow values of any type as text, exactly: nothing rounded, no number in scientific notation."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_quoted = json.JSONEncoder(ensure_ascii=False).encode


def to_text(values: pa.Array) -> pa.Array:
    """`values` as strings; bytes that are not UTF-8 pass unchanged, so check before use.

    Numbers as digits; booleans `true`/`false`; UUIDs with hyphens; dates ISO; timestamps `2024-01-31 23:59:59.123456`,
    and with a zone, in UTC, `2024-01-31T23:59:59.123456+00:00`, both with nine digits only if the last three count;
    nested values as JSON.
    """
    kind = values.type
    if isinstance(kind, pa.UuidType):
        return pa.array([None if each is None else str(each) for each in values.to_pylist()], pa.string())
    if isinstance(kind, pa.BaseExtensionType):
        return to_text(values.storage)
    for holds, convert in _CONVERSIONS:
        if holds(kind):
            return convert(values)
    return pc.cast(values, pa.string(), safe=False)


def _unpacked(values: pa.Array) -> pa.Array:
    return to_text(values.dictionary_decode())


def _numbers(values: pa.Array) -> pa.Array:
    """In plain digits; NaN and the infinities as `nan` and `inf`."""
    text = pc.cast(values, pa.string())
    has_exponent = pc.fill_null(pc.match_substring(text, "e", ignore_case=True), fill_value=False)
    if not pc.any(has_exponent).as_py():
        return text
    plain = [f"{Decimal(each):f}" for each in text.filter(has_exponent).to_pylist()]
    return pc.replace_with_mask(text, has_exponent, pa.array(plain, pa.string()))


def _timestamps(values: pa.Array) -> pa.Array:
    zoned = values.type.tz is not None
    utc = pc.cast(values, pa.timestamp(values.type.unit))
    try:
        text = pc.cast(pc.cast(utc, pa.timestamp("us")), pa.string())
    except pa.ArrowInvalid:  # nanoseconds that count, or years that microseconds do not reach
        text = pc.cast(utc, pa.string())
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "+00:00", "") if zoned else text


def _has_members(kind: pa.DataType) -> bool:
    return bool(types.is_struct(kind) or types.is_map(kind) or _is_list(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _nested(values: pa.Array) -> pa.Array:
    texts = zip(_json(values), values.is_valid().to_pylist(), strict=True)
    return _strings([text if valid else None for text, valid in texts])


def _json(values: pa.Array) -> Iterator[str]:
    """Each value as JSON text; null as `null`."""
    kind = values.type
    if types.is_map(kind):
        entries = pa.struct([pa.field("key", kind.key_type), pa.field("value", kind.item_type)])
        yield from _json(pc.cast(values, pa.list_(entries)))
    elif _is_list(kind):
        members = _json(values.flatten())
        for length in pc.list_value_length(values).to_pylist():
            yield "null" if length is None else "[" + ",".join([next(members) for _ in range(length)]) + "]"
    elif types.is_struct(kind):
        names = [_quoted(field.name) for field in kind]
        columns = [_json(column) for column in values.flatten()]
        for valid in values.is_valid().to_pylist():
            row = [next(column) for column in columns]
            pairs = [f"{name}:{member}" for name, member in zip(names, row, strict=True)]
            yield "{" + ",".join(pairs) + "}" if valid else "null"
    else:
        for text in _texts(to_text(values)):
            yield "null" if text is None else text if _is_bare(text, kind) else _quoted(text)


def _is_bare(text: str, kind: pa.DataType) -> bool:
    """Whether a value of type `kind` stands in JSON without quotes. NaN and the infinities cannot."""
    if types.is_floating(kind):
        return text.lstrip("-")[0].isdigit()
    return bool(types.is_integer(kind) or types.is_decimal(kind) or types.is_boolean(kind))


def _texts(strings: pa.Array) -> list[str | None]:
    """The strings; each byte that is not UTF-8 as a lone surrogate."""
    raw = pc.cast(strings, pa.binary()).to_pylist()
    return [None if each is None else each.decode(errors="surrogateescape") for each in raw]


def _strings(texts: list[str | None]) -> pa.Array:
    """The inverse of `_texts`."""
    raw = [None if each is None else each.encode(errors="surrogateescape") for each in texts]
    return pc.cast(pa.array(raw, pa.binary()), pa.string(), safe=False)


_CONVERSIONS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (types.is_dictionary, _unpacked),
    (types.is_decimal, _numbers),
    (types.is_floating, _numbers),
    (types.is_timestamp, _timestamps),
    (_has_members, _nested),
)
