"""Which values may be written to which columns, and the cast that writing does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed, not_proven
from local.athena.translate.dialect import AthenaSql
from local.athena.translate.types import Type, can_coerce, common_super_type, is_varchar

if TYPE_CHECKING:
    from collections.abc import Sequence

Types = dict[str, Type]  # by column, in the table's order


def fit(found: Sequence[Type], wanted: Sequence[Type]) -> bool:
    """Whether values of these types may be written: as many, each meeting its column's type in a common one."""
    return len(found) == len(wanted) and all(
        common_super_type(a, b) is not None for a, b in zip(found, wanted, strict=True)
    )


def as_type(value: exp.Expr, found: Type, wanted: Type) -> exp.Expr:
    """`value`, of type `found`, as the column stores it: numbers are rounded, and must be in range.

    Raises:
        StatementFailed: `NOT_SUPPORTED` for text that a column may have to cut off.
    """
    if found == wanted:
        return value
    if is_varchar(wanted) and not can_coerce(found, wanted):
        raise not_proven(f"Writing {found} to a column of type {wanted}", f"Cast it to {wanted}.")
    return exp.Cast(this=value, to=_syntax(wanted))


def null(kind: Type) -> exp.Expr:
    """NULL of a type."""
    return exp.Cast(this=exp.Null(), to=_syntax(kind))


def _syntax(kind: Type) -> exp.DataType:
    return exp.DataType.build(str(kind), dialect=AthenaSql)


def listed(kinds: Sequence[Type]) -> str:
    """`[bigint, varchar]`."""
    return f"[{', '.join(map(str, kinds))}]"


def check_names(given: Sequence[str], columns: Types, what: str, missing: str = "") -> None:
    """Columns that a statement names must be the table's, each named once.

    Raises:
        StatementFailed: `COLUMN_NOT_FOUND` or `DUPLICATE_COLUMN_NAME`; `what` begins the message, or it is `missing`.
    """
    for place, name in enumerate(given):
        if name not in columns:
            message = missing.format(name) if missing else f"{what} does not exist in target table: {name}"
            raise StatementFailed("COLUMN_NOT_FOUND", f"line 1:1: {message}")
        if name in given[:place]:
            message = f"line 1:1: {what} is specified more than once: {name}"
            raise StatementFailed("DUPLICATE_COLUMN_NAME", message)
