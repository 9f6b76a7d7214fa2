"""Which casts Trino has at all: so that a cast that is refused here can be told from one that is a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.athena.translate.types import INTEGERS, UNKNOWN, Type

if TYPE_CHECKING:
    from sqlglot import exp

    from local.athena.translate.binder import Binder

_NUMBERS = frozenset({*(kind.name for kind in INTEGERS), "decimal", "double"})
_SCALARS = _NUMBERS | {"boolean", "varchar", "json"}
_TIMES = frozenset({"date", "timestamp", "timestamp with time zone", "varchar"})
_TARGETS: dict[str, frozenset[str]] = {
    **dict.fromkeys((*_NUMBERS, "boolean"), _SCALARS),
    "varchar": _SCALARS | _TIMES | {"varbinary"},
    "varbinary": frozenset({"varbinary"}),
    "json": _SCALARS | {"array", "map", "row"},
    "date": _TIMES | {"json"},
    "timestamp": _TIMES | {"json"},
    "timestamp with time zone": _TIMES,
    "interval day to second": frozenset({"varchar", "interval day to second"}),
    "interval year to month": frozenset({"varchar", "interval year to month"}),
    "array": frozenset({"array", "json"}),
    "map": frozenset({"map", "json"}),
    "row": _SCALARS | {"row"},
}


def check_castable(binder: Binder, source: Type, target: Type, node: exp.Expr) -> None:
    """Check that Trino has the cast.

    Raises:
        StatementFailed: `TYPE_MISMATCH` if it has not.
    """
    if not castable(source, target):
        raise binder.failure("TYPE_MISMATCH", f"Cannot cast {source} to {target}", node)


def castable(source: Type, target: Type) -> bool:
    """Whether Trino casts `source` to `target`."""
    if source == UNKNOWN:
        return True
    if source.name != target.name or not source.items:
        return target.name in _TARGETS.get(source.name, ())
    return len(source.items) == len(target.items) and all(
        castable(a, b) for a, b in zip(source.items, target.items, strict=True)
    )
