"""Finds values in a resource's properties by their path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def values(properties: Any, path: str, where: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that `path` leads to, with its own path; nothing where a property is absent.

    Args:
        properties: A resource's properties.
        path: Keys with dots between; `[]` stands for each item of a list, `*` for each value of an object, and `~` for
            a dot within a key.
        where: The path of `properties` itself.
    """
    step, _, rest = path.partition(".")
    each, key = step.endswith("[]"), step.removesuffix("[]").replace("~", ".")
    if not isinstance(properties, dict):
        return
    keys = sorted(properties) if key == "*" else [key] if key in properties else []
    for name in keys:
        here, found = f"{where}.{name}" if where else name, properties[name]
        items = [(here, found)]
        if each and isinstance(found, list):
            items = [(f"{here}[{place}]", item) for place, item in enumerate(found)]
        for place, item in items:
            yield from values(item, rest, place) if rest else [(place, item)]


def value(properties: Any, path: str) -> Any:
    """The first value that `path` leads to, or None."""
    return next((found for _, found in values(properties, path)), None)
