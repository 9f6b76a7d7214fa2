"""Environment variables of the function that runs, which its threads alone see.

The process has one `os.environ`. Were it changed for a handler, another thread that goes through it meanwhile, as each
new client of boto3 does, would fail with a KeyError.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARK = "_runs_functions"  # attribute of a thread that belongs to functions: it sees the variables of the one that runs
_running: list[dict[bytes, bytes]] = []  # of functions that wait for one another: the last one runs


class _Environ(os._Environ[str]):  # noqa: SLF001  # what `os.environ` is
    """`os.environ`; its own methods go by `_data`. C libraries see the process's variables."""

    @property
    def _data(self) -> dict[bytes, bytes]:
        return _running[-1] if _in_function() else self.__dict__["_data"]

    def __setitem__(self, name: str, value: str) -> None:
        if _in_function():
            self._data[os.fsencode(name)] = os.fsencode(value)
        else:
            super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if _in_function():
            del self._data[os.fsencode(name)]
        else:
            super().__delitem__(name)


def _in_function() -> bool:
    return bool(_running) and getattr(threading.current_thread(), _MARK, False)


def install() -> None:
    """Let threads that functions start belong to functions. Once is enough; without a function nothing differs."""
    if isinstance(os.environ, _Environ):
        return
    os.environ.__class__ = _Environ
    start = threading.Thread.start

    def start_alike(self: threading.Thread) -> None:
        if _in_function():
            setattr(self, _MARK, True)
        start(self)

    threading.Thread.start = start_alike  # type: ignore[method-assign]


@contextmanager
def seen(variables: Mapping[str, str]) -> Iterator[None]:
    """Give this thread, and those that it starts meanwhile, `variables` and no others."""
    thread = threading.current_thread()
    before = getattr(thread, _MARK, False)
    _running.append({os.fsencode(name): os.fsencode(value) for name, value in variables.items()})
    setattr(thread, _MARK, True)
    try:
        yield
    finally:
        setattr(thread, _MARK, before)
        _running.pop()
