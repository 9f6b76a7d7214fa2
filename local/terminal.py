"""What a terminal may be shown of the lake's values, which others wrote: a terminal obeys some of what it is sent."""

from __future__ import annotations

import unicodedata

_KEPT = "\n\t"
# Marks that turn round what stands behind them; those by which an answer keeps a name apart do not.
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI"})


def harmless(text: str) -> str:
    r"""The text with its control signs spelled out, as `\x1b`: they may set colours or a title, or erase lines."""
    return "".join(_spelled(sign) if _commands(sign) else sign for sign in text)


def _commands(sign: str) -> bool:
    control = unicodedata.category(sign) == "Cc" and sign not in _KEPT
    return control or unicodedata.bidirectional(sign) in _TURNING


def _spelled(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
