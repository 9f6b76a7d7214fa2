"""What functions Trino has, proven or not: so that a refusal can be told from a mistake."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from local.athena.translate.types import (
    BIGINT,
    DATE,
    DOUBLE,
    UNKNOWN,
    VARCHAR,
    Type,
    can_coerce,
    timestamp,
    timestamp_tz,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_TARGETS = {
    "bigint": BIGINT,
    "double": DOUBLE,
    "date": DATE,
    "varchar": VARCHAR,
    "codepoints": VARCHAR,
    "timestamp": timestamp(6),
    "timestamp with time zone": timestamp_tz(6, "UTC"),
}


def _read() -> dict[str, list[tuple[str, ...]]]:
    """`trino_functions.txt`: a name, a tab, and the argument types with `;` between them; one overload a line."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for line in files(__package__).joinpath("trino_functions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, _, arguments = line.partition("\t")
        table.setdefault(name, []).append(tuple(arguments.split(";")) if arguments else ())
    return table


TRINO_FUNCTIONS = _read()


def takes(name: str, kinds: Sequence[Type]) -> bool:
    """Whether an overload of Trino's takes arguments of these types, as far as their base names tell."""
    return any(
        len(overload) == len(kinds) and all(_fits(wanted, kind) for wanted, kind in zip(overload, kinds, strict=True))
        for overload in TRINO_FUNCTIONS.get(name, [])
    )


def _fits(wanted: str, kind: Type) -> bool:
    base = re.sub(r"\(.*?\)+", "", wanted).strip()
    if kind == UNKNOWN or re.fullmatch(r"[a-zA-Z]\d?", wanted) or base == kind.name:
        return True
    target = _TARGETS.get(base)
    return target is not None and can_coerce(kind, target if target.name != kind.name else kind)
