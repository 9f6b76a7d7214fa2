"""Makes the moto in this process run what Athena is asked, and takes that back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.athena.responses import AthenaResponse
from watershed.clock import Clock, system_clock

from local.athena import actions, metadata_actions, prepared_actions
from local.athena.service import close_service, open_service

if TYPE_CHECKING:
    from collections.abc import Callable

_lock = threading.Lock()
_replaced: dict[str, Callable[..., Any] | None] = {}


def install(clock: Clock = system_clock) -> None:
    """Replace moto's Athena. Doing it again changes nothing.

    Before or after `mock_aws().start()` or a server's start; queries run in threads of this process.

    Args:
        clock: What `current_timestamp` and the states' times are taken from.
    """
    with _lock:
        if _replaced:
            return
        open_service(clock)
        for action in (*actions.ACTIONS, *metadata_actions.ACTIONS, *prepared_actions.ACTIONS):
            _replaced[action.__name__] = AthenaResponse.__dict__.get(action.__name__)
            setattr(AthenaResponse, action.__name__, action)


def uninstall() -> None:
    """Give moto its own Athena back, wait for running queries, remove the cached files."""
    with _lock:
        for name, original in _replaced.items():
            if original is None:
                delattr(AthenaResponse, name)
            else:
                setattr(AthenaResponse, name, original)
        _replaced.clear()
    close_service()
