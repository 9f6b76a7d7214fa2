"""Replaces attributes of moto's classes and modules, and puts them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any


class Patcher:
    """Remembers what it replaced, so that `undo` leaves moto as it was."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def replace(self, owner: Any, name: str, value: Any) -> Any:
        """Set `owner.name` to `value` and give back what was there.

        Raises:
            KeyError: if moto no longer has that attribute: it changed, and the patch must be reviewed.
        """
        original = vars(owner)[name]
        self._undo.append(partial(setattr, owner, name, original))
        setattr(owner, name, value)
        return original

    def add(self, owner: Any, name: str, value: Any) -> None:
        """Set `owner.name`, which moto must not have.

        Raises:
            AttributeError: if moto has it: it changed, and the patch must be reviewed.
        """
        if name in vars(owner):
            raise AttributeError(f"{owner} already has {name}")
        self._undo.append(partial(delattr, owner, name))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put everything back, last change first."""
        while self._undo:
            self._undo.pop()()


@dataclass(frozen=True)
class Hooks:
    """What the patches call instead of moto's own code.

    Args:
        invoke: runs a function (moto's object) on an event; gives payload (JSON), whether it failed, and its log.
        invoke_later: queues an asynchronous invocation: function ARN, event.
        deliver: sends an event to a rule's target.
    """

    invoke: Callable[[Any, Any], tuple[str, bool, str]]
    invoke_later: Callable[[str, Any], None]
    deliver: Callable[[Mapping[str, Any], Mapping[str, Any]], None]


Patch = Callable[[Patcher, Hooks], None]
