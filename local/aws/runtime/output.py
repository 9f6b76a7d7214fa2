"""Catches what a handler writes to standard output and error, as Lambda does, without losing anyone else's output."""

from __future__ import annotations

import io
import logging
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


_OWN = (1, 2)  # descriptors


class _Output(io.TextIOBase):
    """A stream that stays the same for all invocations, because loggers keep the stream they were made with.

    Threads that ran before the handler started are not the handler's: what they write goes where it went before.
    """

    def __init__(self) -> None:
        super().__init__()
        self._buffer: io.StringIO | None = None
        self._strangers: set[threading.Thread] = set()
        self._outer: TextIO | None = None

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Write to the invocation's log, or to where output went before."""
        if self._buffer is not None and threading.current_thread() not in self._strangers:
            return self._buffer.write(text)
        outer = self._outer or sys.stdout
        return outer.write(text)

    def flush(self) -> None:
        """Nothing is held back."""

    @contextmanager
    def captured(self) -> Iterator[io.StringIO]:
        """Collect what is written while the context lasts; nested invocations collect apart."""
        before = self._buffer, self._strangers, self._outer, sys.stdout, sys.stderr
        buffer = io.StringIO()
        handlers = _stream_handlers(sys.stdout, sys.stderr)
        if self._buffer is None:
            self._outer = sys.stdout
        self._strangers = set(threading.enumerate()) - {threading.current_thread()}
        self._buffer = buffer
        sys.stdout = sys.stderr = self
        for handler, _ in handlers:
            handler.setStream(self)
        try:
            yield buffer
        finally:
            self._buffer, self._strangers, self._outer, sys.stdout, sys.stderr = before
            for handler, stream in handlers:
                handler.setStream(stream)


OUTPUT = _Output()  # one for the process, as standard output is


def _stream_handlers(*streams: object) -> list[tuple[logging.StreamHandler[Any], Any]]:
    """The log handlers that write to one of the streams, or to the process's own output, each with its stream.

    A logger may have been made while `sys.stdout` was another object than it is now, as under pytest.
    """
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    return [
        (handler, handler.stream)
        for logger in loggers
        if isinstance(logger, logging.Logger)
        for handler in logger.handlers
        if isinstance(handler, logging.StreamHandler) and (handler.stream in streams or _is_own(handler.stream))
    ]


def _is_own(stream: Any) -> bool:
    """Whether a stream is the process's standard output or error, by its descriptor."""
    try:
        return stream.fileno() in _OWN
    except (AttributeError, OSError, ValueError):  # it has none, or is closed
        return False
