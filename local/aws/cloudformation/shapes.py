"""Compares CloudFormation's JSON with the APIs' shapes: what fits, and what was kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SCALARS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "double": float,
    "float": float,
    "boolean": lambda value: value if isinstance(value, bool) else str(value).lower() == "true",
    "string": lambda value: json.dumps(value) if isinstance(value, dict | list) else _text(value),
}


def coerce(shape: Any, value: Any, path: str, refuse: Callable[[str], NoReturn]) -> Any:
    """Fit `value` into an API parameter of botocore's `shape`. Templates may hold numbers and booleans as strings.

    Args:
        shape: botocore's shape.
        value: what the template holds.
        path: where `value` is, for messages.
        refuse: called with what is wrong when the shape has no such member.
    """
    if shape.type_name == "structure":
        if unknown := sorted(set(value) - set(shape.members)):
            refuse(f"{path} has no parameter {', '.join(unknown)}")
        return {key: coerce(shape.members[key], item, f"{path}.{key}", refuse) for key, item in value.items()}
    if shape.type_name == "list":
        return [coerce(shape.member, item, f"{path}[]", refuse) for item in value]
    if shape.type_name == "map":
        return {key: coerce(shape.value, item, f"{path}.{key}", refuse) for key, item in value.items()}
    convert = _SCALARS.get(shape.type_name)
    return convert(value) if convert else value


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all leaves; list positions do not count."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from paths(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for item in value:
            yield from paths(item, f"{path}[]")
    else:
        yield path


def dropped(sent: Any, kept: Any, path: str = "") -> list[str]:
    """The paths in `sent` whose value is missing from or different in `kept`. Empty values may be missing."""
    if isinstance(sent, dict | list):
        kept = _document(kept)
    if isinstance(sent, dict):
        found = kept if isinstance(kept, dict) else {}
        folded = {key.lower(): item for key, item in found.items()}
        return [
            lost
            for key, item in sent.items()
            for lost in dropped(item, found.get(key, folded.get(key.lower())), f"{path}.{key}" if path else key)
        ]
    if isinstance(sent, list):
        others = kept if isinstance(kept, list) else []
        return [f"{path}[]" for item in sent if not any(not dropped(item, other) for other in others)]
    if kept is None:
        return [] if sent in (False, 0, "", None) else [path]
    return [] if _same(sent, kept) else [path]


def _same(sent: Any, kept: Any) -> bool:
    if isinstance(sent, bytes) or _text(sent) == _text(kept):
        return True
    try:
        return float(sent) == float(kept)
    except (TypeError, ValueError):
        return bool(_document(sent) == _document(kept))


def _document(value: Any) -> Any:
    """The JSON document in a string, or the value itself: policies come back parsed or formatted anew."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
