"""A piece of internet inside this process: names with public addresses, behind which servers on loopback answer.

Whoever polls looks a host up, refuses addresses that are not public, connects to the one that was looked up, and checks
the certificate. Nothing of that has a switch. So this changes the network instead, and only in this process: here some
names are known, connections to their addresses end at a loopback port, and one more authority is trusted.
"""

from __future__ import annotations

import os
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from local.aws.patches.patcher import Patcher
from local.shop.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOPBACK = "127.0.0.1"
_TRUSTED = "SSL_CERT_FILE"  # OpenSSL's own variable


class Internet:
    """A context manager. Inside it, `names` says which addresses a host has, and `routes` where connections end.

    Attributes:
        names: host -> addresses.
        routes: public address -> loopback port, for HTTPS.
        asked: the hosts that were looked up, in order.
        connected: the addresses of `routes` to which connections were opened, in order.
    """

    def __init__(self) -> None:
        self.names: dict[str, Sequence[str]] = {}
        self.routes: dict[str, int] = {}
        self.asked: list[str] = []
        self.connected: list[str] = []
        self.authority = Authority.made()
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        """Change the network."""
        with ExitStack() as exits:
            self.folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="watershed-internet-")))
            trusted = self.folder / "authority.pem"
            self.authority.write(trusted)
            exits.callback(_restore, _TRUSTED, os.environ.get(_TRUSTED))
            os.environ[_TRUSTED] = str(trusted)
            patcher = Patcher()
            exits.callback(patcher.undo)
            self._know_names(patcher)
            self._route(patcher)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Put it back."""
        self._exits.close()

    def place(self, host: str, port: int) -> None:
        """Let a host's name lead to a loopback port, by a public address of its own, to which nothing is ever sent."""
        address = f"93.184.215.{len(self.routes) + 1}"
        self.names[host] = [address]
        self.routes[address] = port

    def _know_names(self, patcher: Patcher) -> None:
        original = socket.getaddrinfo

        def getaddrinfo(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
            if host not in self.names:
                return original(host, port, *arguments, **named)
            self.asked.append(host)
            return [found for each in self.names[host] for found in original(each, port, *arguments, **named)]

        patcher.replace(socket, "getaddrinfo", getaddrinfo)

    def _route(self, patcher: Patcher) -> None:
        original = socket.socket.connect

        def connect(this: socket.socket, address: Any) -> None:
            if isinstance(address, tuple) and address[0] in self.routes:
                self.connected.append(address[0])
                address = (LOOPBACK, self.routes[address[0]])
            original(this, address)

        patcher.add(socket.socket, "connect", connect)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
