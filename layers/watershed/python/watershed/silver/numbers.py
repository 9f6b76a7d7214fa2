"""How a source writes numbers, as regular expressions that RE2 and Java read alike. None is anchored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.silver.formats import literally

if TYPE_CHECKING:
    from watershed.silver.steps import Marks

EXPONENT = "(?:[eE][+-]?[0-9]+)?"


def whole(marks: Marks, fraction: str = "0*") -> str:
    """A number that starts with a digit; thousands marks, if any, stand before every three digits.

    Args:
        marks: The source's.
        fraction: What may follow the decimal mark; by default zeros, as in a whole number.
    """
    thousands = literally(marks.thousands)
    digits = f"(?:[0-9]+|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+)" if thousands else "[0-9]+"
    return f"[+-]?{digits}(?:{literally(marks.decimal)}{fraction})?"


def fractional(marks: Marks) -> str:
    """A number that may also start with its decimal mark."""
    return f"(?:{whole(marks, fraction='[0-9]*')}|[+-]?{literally(marks.decimal)}[0-9]+)"


def fitting(precision: int, scale: int) -> str:
    """A number with a point that a decimal of this precision and scale holds exactly."""
    return f"-?0*[0-9]{{0,{precision - scale}}}(?:[.][0-9]{{0,{scale}}}0*)?"
