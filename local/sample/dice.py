"""Chance that depends on nothing but a name and a number, so that any row can be made at any time, alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_WORD = (1 << 64) - 1


class Dice:
    """Draws for one kind of thing, e.g. `Dice(7, "eu-central-1", "customers")`.

    `roll(i)` gives the same 64 bits for the same `i`, for ever. Several draws come out of one roll by `divmod`, or
    from rolls with different salts. (SplitMix64's finalizer, by Steele, Lea and Flood, 2014.)
    """

    def __init__(self, *name: object) -> None:
        digest = hashlib.blake2b(repr(name).encode(), digest_size=8).digest()
        self._key = int.from_bytes(digest, "big")

    def roll(self, index: int, salt: int = 0) -> int:
        """64 bits for the thing number `index`."""
        word = (self._key + index * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03) & _WORD
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
        return word ^ (word >> 31)


def pick(word: int, choices: Sequence[T]) -> tuple[int, T]:
    """What is left of `word`, and one of `choices`."""
    rest, place = divmod(word, len(choices))
    return rest, choices[place]
