"""Consecutive items that are handled together."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")


def together(items: Iterable[T], fit: Callable[[Sequence[T]], bool]) -> Iterator[list[T]]:
    """Lists of consecutive items, each as long as they fit together; one alone need not.

    If an item cannot be had, those before it come first, and then the error.
    """
    group: list[T] = []
    try:
        for item in items:
            if group and not fit([*group, item]):
                yield group
                group = []
            group.append(item)
    except Exception:
        if group:
            yield group
        raise
    if group:
        yield group
