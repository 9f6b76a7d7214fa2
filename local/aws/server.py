"""The same AWS over HTTP, for clients in other processes, on the loopback address only."""

from __future__ import annotations

import logging
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"


@contextmanager
def serving(port: int) -> Iterator[str]:
    """Serve while the context lasts; gives the endpoint's address.

    Args:
        port: 0 takes a free one.

    Raises:
        ConfigurationError: if the port is taken; moto's server would wait for ever.
    """
    from moto.server import ThreadedMotoServer

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            remedy = "Choose another port, or stop what uses it."
            raise ConfigurationError(
                f"Port {port} on {HOST} cannot be used: {error.strerror}.", remedy=remedy
            ) from error
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # one line per request otherwise
    server = ThreadedMotoServer(HOST, port, verbose=False)
    server.start()
    host, bound = server.get_host_and_port()
    try:
        yield f"http://{host}:{bound}"
    finally:
        server.stop()
