"""Sums of decimals to the last digit, where Python by itself keeps 28."""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MOST_DIGITS = 76  # what Arrow's widest decimal holds; no sum of a column's values has more


def exactly() -> AbstractContextManager[decimal.Context]:
    """Within it, sums are not rounded."""
    return decimal.localcontext(prec=MOST_DIGITS)
