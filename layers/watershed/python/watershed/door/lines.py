"""A delivery's records as lines of JSON: every value as it was written, with what the delivery says beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from watershed import jsonvalue, names
from watershed.jsonvalue import NotARecord, Number
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

# What neither SQS nor UTF-8 takes; inside strings, the only place where it can stand, JSON can write it otherwise.
_ESCAPED = re.compile("[\ufffe\uffff\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


def parse(body: bytes) -> Any:
    """The body's JSON value, with each number as it was written.

    Raises:
        NotARecord: if it is not JSON in UTF-8, has a name twice in one object, or is nested too deeply.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotARecord(Reason.INVALID_ENCODING, "the body is UTF-8") from error
    return jsonvalue.decode(text.removeprefix(_BYTE_ORDER_MARK))


def at(value: Any, path: str | None) -> Any:
    """The value at a dotted path; None if there is none."""
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_at(value: Any, path: str) -> str | None:
    """The text or number at a dotted path; None if there is none, or something else."""
    found = at(value, path)
    return str(found) if isinstance(found, str | Number) and found else None


def records(value: Any, path: str | None) -> list[dict[str, Any]] | None:
    """The record, or the records of the list, at `path`; None if there is no such thing."""
    found = at(value, path)
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        return None
    return found


def line(record: Mapping[str, Any], beside: Mapping[str, str]) -> str:
    """One record as a line, without its end; `beside` comes after the record's own members, which stay.

    Bronze takes no two members whose names differ in case or outer spaces alone, so those count as the record's own.
    One that is null says nothing, and is ours: else a record with `"_deleted_at": null` could not be deleted.
    """
    ours = {names.source_column(name) for name in beside}
    said = {name: each for name, each in record.items() if each is not None or names.source_column(name) not in ours}
    own = {names.source_column(name) for name in said}
    more = {name: text for name, text in beside.items() if names.source_column(name) not in own}
    text = jsonvalue.compact({**said, **more})
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
