"""A broken rule, before its line is known."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """Where in the contract, what, and what to do: the parts of a `Finding` that need no file."""

    path: str
    message: str
    remedy: str
