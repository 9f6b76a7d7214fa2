"""Where a page's visuals are: numbers in a row; below, the first total's bars and words, and the other bars beside."""

from __future__ import annotations

from typing import Any, NamedTuple

from infra.quicksight import insight
from infra.quicksight.visuals import bars_id, number_id

Properties = dict[str, Any]

WIDTH = 36  # columns of QuickSight's grid
_NUMBERS_A_ROW, _NUMBER_HEIGHT, _WORDS_HEIGHT = 4, 4, 7
_FIRST_HEIGHT, _PAIR_HEIGHT, _ALONE_HEIGHT = 10, 11, 14
_MOST_ROWS = 21  # that one visual may be high


class Box(NamedTuple):
    """One visual's place, in the grid's columns and rows."""

    visual: str
    column: int
    row: int
    width: int
    height: int

    @property
    def element(self) -> Properties:
        """As the layout has it."""
        return {
            "ElementId": self.visual,
            "ElementType": "VISUAL",
            "ColumnIndex": self.column,
            "ColumnSpan": self.width,
            "RowIndex": self.row,
            "RowSpan": self.height,
        }


def boxes(totals: int) -> list[Box]:
    """The places of all visuals of a page with so many totals; none overlaps another."""
    numbers = _numbers(totals)
    top = max(box.row + box.height for box in numbers)
    if totals == 1:
        words = Box(insight.ID, 0, top + _ALONE_HEIGHT, WIDTH, _WORDS_HEIGHT)
        return [*numbers, Box(bars_id(0), 0, top, WIDTH, _ALONE_HEIGHT), words]
    right = _right(totals, top)
    height = max(box.row + box.height for box in right) - top
    # As high as what is beside it, within what QuickSight takes.
    left = max(min(height - _WORDS_HEIGHT, _MOST_ROWS), _FIRST_HEIGHT)
    half = WIDTH // 2
    return [
        *numbers,
        Box(bars_id(0), 0, top, half, left),
        Box(insight.ID, 0, top + left, half, _WORDS_HEIGHT),
        *right,
    ]


def _numbers(totals: int) -> list[Box]:
    across = min(totals, _NUMBERS_A_ROW)
    width = WIDTH // across
    return [
        Box(
            number_id(place),
            place % across * width,
            place // across * _NUMBER_HEIGHT,
            width,
            _NUMBER_HEIGHT,
        )
        for place in range(totals)
    ]


def _right(totals: int, top: int) -> list[Box]:
    """The second total's bars over the whole half, then two beside each other."""
    half, quarter = WIDTH // 2, WIDTH // 4
    found = [Box(bars_id(1), half, top, half, _FIRST_HEIGHT)]
    row = top + _FIRST_HEIGHT
    for place in range(2, totals):
        alone = place == totals - 1 and place % 2 == 0
        column = half if place % 2 == 0 else half + quarter
        found.append(Box(bars_id(place), column, row, half if alone else quarter, _PAIR_HEIGHT))
        row += _PAIR_HEIGHT if place % 2 else 0
    return found
